//! Files of many countries under headings in plain letters, as their shop systems write them:
//!
//! 1. each is read as what it was written in, or else refused; no letter comes out as another;
//! 2. what is UTF-8 but for a slip stays UTF-8, and what a name says goes first.

use super::*;
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, IBM866, ISO_8859_2, ISO_8859_15, KOI8_U, MACINTOSH, SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256, WINDOWS_1257,
};

const RUSSIAN: &str =
    "id;название;цена\n1;Кукла мягкая с платьем, 30 см;950\n2;Машинка большая «Гонщик» № 5;1 200\n3;Юла музыкальная для малышей;450\n";
const WESTERN: &str =
    "id;titre;prix\n1;Théière à café émaillée;12,50 €\n2;Bouilloire « Été » – 1,5 l;30\n3;Größe für Füße, Maß;9\n4;Œuf à la coque;2\n";
const POLISH: &str =
    "id;nazwa;cena\n1;Łóżko dziecięce białe;300\n2;Krzesło składane, źródło światła;90\n3;Półka wisząca dębowa;40\n4;Żółta miska;9\n";

/// Titles and how they are written.
const TITLES: [(&str, Encoding); 28] = [
    ("Goût fumé|Théière émaillée|Crème brûlée|Robe d’été|Pâte à tartiner", Encoding::Listed(WINDOWS_1252)),
    ("Damenschuhe Größe 42|Kühlschrank weiß|Tischläufer", Encoding::Listed(WINDOWS_1252)),
    ("Jamón ibérico|Niño pequeño|Café molido|Cinturón", Encoding::Listed(WINDOWS_1252)),
    ("Calções de banho|Pão de açúcar|Botões|Camarões", Encoding::Listed(WINDOWS_1252)),
    ("Löparskor dam|Blåbärssoppa|Småkakor", Encoding::Listed(WINDOWS_1252)),
    ("Kjøle|Størrelse|Rød sko|Køkkenhåndklæde|Æblejuice", Encoding::Listed(WINDOWS_1252)),
    ("Női cipő|Fűnyíró|Szűrő|Férfi cipő fekete", Encoding::Listed(WINDOWS_1250)),
    ("Dámské boty|Žlutý deštník|Nůž kuchyňský", Encoding::Listed(WINDOWS_1250)),
    ("Pantofi bărbaţi|Cămaşă albă|Încălţăminte", Encoding::Listed(WINDOWS_1250)),
    ("Ženske cipele|Muška košulja|Rukavice za đake|Čaša", Encoding::Listed(WINDOWS_1250)),
    ("Buty męskie|Łóżko|Krzesło|Półka wisząca|Żółta miska", Encoding::Listed(ISO_8859_2)),
    ("Kadın koşu ayakkabısı|Çocuk ışıklı mont", Encoding::Listed(WINDOWS_1254)),
    ("Moteriški batai žiemai šilti|Ąžuolinis stalas|Kėdė", Encoding::Listed(WINDOWS_1257)),
    ("Sieviešu apavi|Krēsls|Kurpes vīriešu|Ķivere", Encoding::Listed(WINDOWS_1257)),
    ("Кроссовки женские|Чашка", Encoding::Listed(KOI8_U)),
    ("Кроссовки женские|Чашка", Encoding::Listed(IBM866)),
    ("Кросівки жіночі|Стіл дубовий", Encoding::Listed(WINDOWS_1251)),
    ("Γυναικεία παπούτσια|Φόρεμα μακρύ", Encoding::Listed(WINDOWS_1253)),
    ("נעלי נשים|שמלה אדומה", Encoding::Listed(WINDOWS_1255)),
    ("فستان أحمر|حذاء رياضي", Encoding::Listed(WINDOWS_1256)),
    ("รองเท้าวิ่งผู้หญิง|เสื้อยืด", Encoding::Listed(WINDOWS_874)),
    ("レディースワンピース 花柄|革靴 本革", Encoding::Listed(SHIFT_JIS)),
    ("レディースワンピース 花柄|革靴 本革", Encoding::Listed(EUC_JP)),
    ("碎花连衣裙 夏季|男士皮鞋 真皮", Encoding::Listed(GB18030)),
    ("碎花連衣裙 夏季|男士皮鞋 真皮", Encoding::Listed(BIG5)),
    ("여성 원피스 꽃무늬 여름|남자 구두 정장화", Encoding::Listed(EUC_KR)),
    ("Chaussures été équipées à lacets|Crème brûlée|Épicerie", Encoding::Listed(MACINTOSH)),
    ("Damenschuhe Größe grün|Kühlschrank weiß|Möbel", Encoding::Dos850),
];

fn written(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Listed(listed) => {
            let (bytes, _, has_lost) = listed.encode(text);
            assert!(!has_lost, "{text}");
            bytes.into_owned()
        }
        Encoding::Dos850 | Encoding::Dos852 => {
            let byte = |letter: char| (0..=0xff_u8).find(|byte| encoding.decoded(&[*byte]) == letter.to_string());
            text.chars().map(|letter| byte(letter).expect("the page has the letter")).collect()
        }
    }
}

fn table_of(titles: &str) -> String {
    let rows = titles.split('|').zip(1..).map(|(title, id)| format!("{id},{title},19.99,Shop\r\n"));
    format!("id,title,price,category\r\n{}", rows.collect::<String>())
}

fn in_units(text: &str, order: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(order).collect()
}

fn read_back(bytes: &[u8], encoding: Encoding) -> String {
    let mut text = String::new();
    Transcoded::new(bytes, encoding).read_to_string(&mut text).expect("is text");
    text
}

fn check(bytes: &[u8], text: &str) {
    let told = Encoding::of(bytes).expect("is told").expect("is not UTF-8");
    assert_eq!(read_back(bytes, told), text, "{told:?}");
}

#[test]
fn what_a_file_is_written_in_is_told_and_read() {
    for (text, encoding) in [(RUSSIAN, WINDOWS_1251), (WESTERN, WINDOWS_1252), (POLISH, WINDOWS_1250)] {
        check(&written(text, Encoding::Listed(encoding)), text);
    }
    check(&in_units(WESTERN, u16::to_le_bytes), WESTERN);
    check(&in_units(WESTERN, u16::to_be_bytes), WESTERN);
    let marked = "\u{feff}id,title\n1,Ёлка 🎄\n";
    check(&in_units(marked, u16::to_le_bytes), marked);
}

/// They were all read as Windows-1252 (`Ëé»¨Á¬ÒÂÈ¹`) or as another page (`Kadýn koþu`), without a word.
#[test]
fn files_of_many_countries_come_out_as_they_were_written() {
    for (titles, encoding) in TITLES {
        let text = table_of(titles);
        check(&written(&text, encoding), &text);
    }
    // Eight characters are all in which it differs from Windows-1252, the euro among them.
    let euros = table_of("Größe 1.299,00 €|Füße 5 €");
    check(&written(&euros, Encoding::Listed(ISO_8859_15)), &euros);
}

/// Of every part of those files, down to one title: what comes out is right, or is refused.
#[test]
fn short_files_are_read_right_or_refused() {
    let (mut right, mut refused) = (0, 0);
    for (titles, encoding) in TITLES {
        for title in titles.split('|') {
            let text = table_of(title);
            let bytes = written(&text, encoding);
            match Encoding::of(&bytes) {
                Ok(told) => {
                    assert_eq!(told.map(|told| read_back(&bytes, told)).as_deref(), Some(text.as_str()), "{encoding:?} {told:?}");
                    right += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(right > refused, "{right} right, {refused} refused");
}

#[test]
fn utf_8_with_a_slip_stays_what_it_is() {
    for text in [RUSSIAN, WESTERN, POLISH, "id,title\n1,plain\n", ""] {
        assert_eq!(Encoding::of(text.as_bytes()), Ok(None));
        let cut = &text.as_bytes()[..text.len().saturating_sub(1)];
        assert_eq!(Encoding::of(cut), Ok(None), "cut");
    }
    // Typographic signs and no letters are what English files have, and now and then a word that is borrowed.
    let english: Vec<u8> = b"id,title\n1,\x93Soft\x94 toy \x96 bear\x92s friend\x99\n".repeat(4);
    assert_eq!(Encoding::of(&english), Ok(Some(Encoding::Listed(WINDOWS_1252))));
    let borrowed = "id,title\n1,Wooden coffee table with drawers\n2,Leather sofa for three people\n".repeat(9) + "3,No\u{eb}l lamp\n";
    check(&written(&borrowed, Encoding::Listed(WINDOWS_1252)), &borrowed);
    let slipped = [b"id,title\n1,a\xa0lamp \xa0\n".as_slice(), WESTERN.as_bytes()].concat();
    assert_eq!(Encoding::of(&slipped), Ok(None));
}

#[test]
fn what_cannot_be_told_is_said_with_what_to_do() {
    // `Rød sko` in one page, `Rřd sko` in another; `Női cipő` is Hungarian, `Nõi cipõ` might be Estonian.
    for bytes in [b"id,title\n1,R\xf8d sko\n", &b"id,title\n1,N\xf5i cip\xf5\n"[..]] {
        let said = Encoding::of(bytes).expect_err("is none of them");
        assert!(said.contains("UTF-8") && said.contains("--encoding"), "{said}");
    }
}

#[test]
fn an_xml_file_says_what_it_is() {
    let of = |declaration: &str| Encoding::of(declaration.as_bytes()).map(|found| found.map(Encoding::name));
    assert_eq!(of("<?xml version=\"1.0\" encoding=\"windows-1251\"?><a/>"), Ok(Some("windows-1251")));
    assert_eq!(of("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), Ok(Some("windows-1252")));
    assert_eq!(of("<?xml version='1.0' encoding='Shift_JIS'?><a/>"), Ok(Some("Shift_JIS")));
    assert_eq!(of("<?xml version='1.0' encoding='utf-8'?><a/>"), Ok(None));
}

#[test]
fn encodings_have_the_names_that_people_use() {
    let check = |name: &str, expected: &str| assert_eq!(name.parse::<Encoding>().map(Encoding::name), Ok(expected), "{name}");
    check("windows-1250", "windows-1250");
    check("CP1250", "windows-1250");
    check("latin1", "windows-1252");
    check("UTF-8", "UTF-8");
    check("shift-jis", "Shift_JIS");
    check("cp932", "Shift_JIS");
    check("GBK", "gb18030");
    check("koi8_r", "KOI8-R");
    check("MacRoman", "macintosh");
    check("ibm850", "cp850");
    check("852", "cp852");
    let said = "morse".parse::<Encoding>().expect_err("is none");
    assert!(said.contains("morse") && said.contains("windows-1250"), "{said}");
    assert!("iso-2022-kr".parse::<Encoding>().is_err(), "is not read, but replaced");
}

#[test]
fn a_character_that_two_reads_part_is_read_whole() {
    struct Slow<'a>(&'a [u8]);
    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }
    let slowly = |bytes: &[u8], encoding: Encoding| {
        let mut text = String::new();
        Transcoded::new(Slow(bytes), encoding).read_to_string(&mut text).expect("is text");
        text
    };
    let bytes = in_units("Ёлка 🎄!", u16::to_be_bytes);
    let wide = Encoding::Listed(UTF_16BE);
    assert_eq!(slowly(&bytes, wide), "Ёлка 🎄!");
    let japanese = Encoding::Listed(SHIFT_JIS);
    assert_eq!(slowly(&written("革靴 A", japanese), japanese), "革靴 A");
    // A byte too few is said and not lost.
    assert_eq!(read_back(&bytes[..bytes.len() - 1], wide), "Ёлка 🎄\u{fffd}");
}
