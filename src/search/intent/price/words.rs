//! How languages say prices: what stands before a number, between two, and behind one.
//!
//! Signs and English are understood everywhere, since people shop with them everywhere, and beside a currency all languages are. *Shy* words say a
//! price only beside a currency or the word for one: `air max 90` is a shoe, `tent up to 4` says for how many and `Spiele ab 12` for whom.

use crate::text::Language;

/// What one language says of prices; the longest that stands at a place is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phrases {
    /// Before the highest price.
    pub(super) below: &'static [&'static str],
    /// Likewise, beside a currency.
    pub(super) shy_below: &'static [&'static str],
    /// Before the lowest price.
    pub(super) above: &'static [&'static str],
    /// Likewise, beside a currency.
    pub(super) shy_above: &'static [&'static str],
    /// Before the first of two prices.
    pub(super) between: &'static [&'static str],
    /// Likewise, beside a currency.
    pub(super) shy_between: &'static [&'static str],
    /// Between two prices.
    pub(super) joining: &'static [&'static str],
    /// Behind the highest price.
    pub(super) or_less: &'static [&'static str],
    /// Behind the lowest price.
    pub(super) or_more: &'static [&'static str],
    /// Before a price that need not be met exactly, beside a currency.
    pub(super) about: &'static [&'static str],
}

/// Signs, and what is written the same in many languages.
pub(super) const SIGNS: Phrases = Phrases {
    below: &["<=", "≤", "<", "max."],
    shy_below: &["max"],
    above: &[">=", "≥", ">", "min."],
    shy_above: &["min"],
    between: &[],
    shy_between: &[],
    joining: &["-", "–", "—", "~"],
    or_less: &["max"],
    or_more: &["+"],
    about: &["~", "≈", "ca.", "ca", "circa"],
};

/// Words of languages that no marketplace can be set to, in scripts of their own: nobody says anything else by them.
pub(super) const OTHER_SCRIPTS: Phrases = Phrases {
    below: &[
        "не дороже",
        "не больше",
        "не более",
        "дешевле",
        "менее",
        "ниже",
        "κάτω από",
        "不超过",
        "不超過",
        "低于",
        "低於",
        "少于",
        "ไม่เกิน",
        "ต่ำกว่า",
        "أقل من",
        "تحت",
    ],
    shy_below: &["до", "έως", "μέχρι"],
    above: &["не дешевле", "не менее", "дороже", "больше", "более", "выше", "πάνω από", "超过", "高于", "มากกว่า", "أكثر من", "فوق"],
    shy_above: &["от", "від", "από"],
    between: &["между", "між"],
    shy_between: &["от", "від", "από"],
    joining: &["до", "и", "到", "至", "から", "έως"],
    or_less: &["以下", "以内", "以內", "之内", "未満", "まで", "이하", "미만", "까지"],
    or_more: &["以上", "이상"],
    about: &["около", "примерно", "大约", "约", "左右"],
};

/// The same in Latin script, where they may be words of other languages: Polish, Czech, Turkish, Romanian, Finnish, Hungarian.
const OTHERS: Phrases = Phrases {
    below: &[
        "nie więcej niż",
        "nie drożej niż",
        "taniej niż",
        "tańsze niż",
        "poniżej",
        "ponizej",
        "maksymalnie",
        "levnější než",
        "méně než",
        "sub",
        "alle",
        "enintään",
        "legfeljebb",
        "en fazla",
    ],
    shy_below: &["do", "až do", "pod", "până la", "pana la"],
    above: &["powyżej", "powyzej", "co najmniej", "nejméně", "peste", "yli", "vähintään", "legalább", "en az"],
    shy_above: &["od", "nad", "de la"],
    between: &["między", "pomiędzy", "miedzy", "mezi", "între"],
    shy_between: &["od", "de la"],
    joining: &["do", "a", "i", "și", "la"],
    or_less: &["altında", "altinda", "altı", "alti", "'nin altında", "'ye kadar", "kadar", "alatt", "-ig"],
    or_more: &["üstünde", "üstü", "üzeri", "felett"],
    about: &["około", "okolo", "kolem", "noin", "kb."],
};

/// Signs and words of currencies.
pub(super) const CURRENCIES: [&str; 59] = [
    "us$",
    "r$",
    "$",
    "€",
    "£",
    "¥",
    "₹",
    "₩",
    "zł",
    "円",
    "元",
    "usd",
    "eur",
    "gbp",
    "jpy",
    "cad",
    "aud",
    "chf",
    "sek",
    "dkk",
    "nok",
    "pln",
    "inr",
    "dollars",
    "dollar",
    "dólares",
    "dolares",
    "euros",
    "euro",
    "bucks",
    "quid",
    "kronor",
    "kroner",
    "kronen",
    "franken",
    "francs",
    "kr.",
    "kr",
    "zl",
    "rs",
    "złotych",
    "zlotych",
    "₽",
    "рублей",
    "рубля",
    "руб.",
    "руб",
    "р.",
    "₺",
    "tl",
    "reais",
    "kč",
    "块钱",
    "块",
    "₴",
    "грн",
    "원",
    "฿",
    "บาท",
];

/// Those of them that names begin with, as `Audi RS 3` and `Euro 6`: before a number that is only named they say no price.
pub(super) const CURRENCIES_OF_NAMES: [&str; 3] = ["rs", "euro", "dollar"];

/// What may be said before all of it: `price under 50`.
pub(super) const PRICE: [&str; 8] = ["priced at", "priced", "price", "preis", "prix", "precio", "prezzo", "prijs"];

const ENGLISH: Phrases = Phrases {
    below: &[
        "no more than",
        "not more than",
        "less than",
        "cheaper than",
        "lower than",
        "not over",
        "not above",
        "not exceeding",
        "at most",
        "under",
        "below",
        "maximum",
    ],
    shy_below: &["up to"],
    above: &["no less than", "not less than", "more than", "at least", "starting at", "not under", "not below", "over", "above", "minimum"],
    shy_above: &["starting from", "from"],
    between: &["between"],
    shy_between: &["from"],
    joining: &["and", "to"],
    or_less: &["or less", "or cheaper", "or under", "or below", "and under", "and below", "maximum"],
    or_more: &["or more", "or above", "and up", "and over", "and above", "upwards"],
    about: &["around", "about", "approximately", "roughly"],
};
const GERMAN: Phrases = Phrases {
    below: &[
        "nicht mehr als",
        "nicht teurer als",
        "weniger als",
        "günstiger als",
        "guenstiger als",
        "gunstiger als",
        "billiger als",
        "nicht über",
        "höchstens",
        "hoechstens",
        "hochstens",
        "maximal",
        "unter",
    ],
    shy_below: &["bis zu", "bis"],
    above: &["nicht weniger als", "mehr als", "nicht unter", "mindestens", "über", "ueber"],
    shy_above: &["ab", "von"],
    between: &["zwischen"],
    shy_between: &["von"],
    joining: &["und", "bis"],
    or_less: &["oder weniger", "oder billiger", "oder günstiger"],
    or_more: &["oder mehr", "und mehr", "aufwärts"],
    about: &["ungefähr", "etwa", "rund", "um"],
};
const FRENCH: Phrases = Phrases {
    below: &["à moins de", "a moins de", "moins cher que", "moins de", "pas plus de", "en dessous de", "maximum", "sous les", "sous"],
    shy_below: &["jusqu'à", "jusqu’à", "jusqu'a", "jusqu’a"],
    above: &["à plus de", "a plus de", "plus de", "pas moins de", "au moins", "minimum"],
    shy_above: &["à partir de", "a partir de", "dès", "des"],
    between: &["entre"],
    shy_between: &["de"],
    joining: &["et", "à", "a"],
    or_less: &["ou moins", "et moins", "maximum"],
    or_more: &["ou plus", "et plus", "minimum"],
    about: &["environ", "autour de", "vers"],
};
const SPANISH: Phrases = Phrases {
    below: &[
        "por menos de",
        "no más de",
        "no mas de",
        "menos de",
        "más barato que",
        "mas barato que",
        "por debajo de",
        "bajo",
        "máximo",
        "maximo",
    ],
    shy_below: &["hasta"],
    above: &["no menos de", "más de", "mas de", "al menos", "por encima de", "mínimo", "minimo"],
    shy_above: &["a partir de", "desde"],
    between: &["entre"],
    shy_between: &["desde", "de"],
    joining: &["y", "a", "hasta"],
    or_less: &["o menos", "máximo", "maximo"],
    or_more: &["o más", "o mas"],
    about: &["alrededor de", "unos", "aproximadamente"],
};
const ITALIAN: Phrases = Phrases {
    below: &["non più di", "non piu di", "a meno di", "meno di", "al massimo", "massimo", "sotto gli", "sotto i", "sotto"],
    shy_below: &["fino a"],
    above: &["non meno di", "più di", "piu di", "almeno", "sopra gli", "sopra i", "sopra", "oltre", "minimo"],
    shy_above: &["a partire da", "da"],
    between: &["tra", "fra"],
    shy_between: &["da"],
    joining: &["e", "a"],
    or_less: &["o meno", "massimo"],
    or_more: &["o più", "o piu", "in su"],
    about: &["intorno a", "circa"],
};
const PORTUGUESE: Phrases = Phrases {
    below: &["por menos de", "menos de", "abaixo de", "no máximo", "no maximo", "máximo"],
    shy_below: &["até", "ate"],
    above: &["mais de", "pelo menos", "acima de", "mínimo"],
    shy_above: &["a partir de", "desde"],
    between: &["entre"],
    shy_between: &["de"],
    joining: &["e", "a", "até", "ate"],
    or_less: &["ou menos"],
    or_more: &["ou mais"],
    about: &["cerca de", "por volta de"],
};
const DUTCH: Phrases = Phrases {
    below: &["niet meer dan", "minder dan", "goedkoper dan", "maximaal", "hooguit", "onder de", "onder"],
    shy_below: &["tot"],
    above: &["niet minder dan", "meer dan", "minstens", "minimaal", "boven"],
    shy_above: &["vanaf", "van"],
    between: &["tussen"],
    shy_between: &["van"],
    joining: &["en", "tot"],
    or_less: &["of minder"],
    or_more: &["of meer"],
    about: &["ongeveer", "rond"],
};
const SWEDISH: Phrases = Phrases {
    below: &["mindre än", "billigare än", "som mest", "högst", "under"],
    shy_below: &["upp till"],
    above: &["mer än", "minst", "över"],
    shy_above: &["från"],
    between: &["mellan"],
    shy_between: &["från"],
    joining: &["och", "till"],
    or_less: &["eller mindre"],
    or_more: &["eller mer"],
    about: &["ungefär", "omkring"],
};
const DANISH: Phrases = Phrases {
    below: &["mindre end", "billigere end", "højst", "under"],
    shy_below: &["op til"],
    above: &["mere end", "mindst", "over"],
    shy_above: &["fra"],
    between: &["mellem"],
    shy_between: &["fra"],
    joining: &["og", "til"],
    or_less: &["eller mindre"],
    or_more: &["eller mere"],
    about: &["omkring"],
};
const NORWEGIAN: Phrases = Phrases {
    below: &["mindre enn", "billigere enn", "høyst", "under"],
    shy_below: &["opptil", "inntil"],
    above: &["mer enn", "minst", "over"],
    shy_above: &["fra"],
    between: &["mellom"],
    shy_between: &["fra"],
    joining: &["og", "til"],
    or_less: &["eller mindre"],
    or_more: &["eller mer"],
    about: &["omtrent"],
};

/// All languages: who types `unter 80 Euro` in an English shop says a highest price too.
pub(super) const ALL: [Phrases; 13] =
    [ENGLISH, GERMAN, FRENCH, SPANISH, ITALIAN, PORTUGUESE, DUTCH, SWEDISH, DANISH, NORWEGIAN, OTHERS, OTHER_SCRIPTS, SIGNS];

/// What is understood of prices by who reads a language: its own words, English ones and signs.
pub(super) fn of(language: Language) -> [Phrases; 4] {
    let own = match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::French => FRENCH,
        Language::Spanish => SPANISH,
        Language::Italian => ITALIAN,
        Language::Portuguese => PORTUGUESE,
        Language::Dutch => DUTCH,
        Language::Swedish => SWEDISH,
        Language::Danish => DANISH,
        Language::Norwegian => NORWEGIAN,
    };
    [own, ENGLISH, OTHER_SCRIPTS, SIGNS]
}
