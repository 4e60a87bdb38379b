//! What languages write beside the plain letters, and how well a text fits into one of them: by this a file tells in which code page it was written.
//!
//! Read in the wrong code page, `KÃ¼hlschrank` has signs inside words, capitals behind small letters, and letters that no one language has together.

/// Letters of one language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    common: &'static str,
    /// Those that a short text would hardly have alone.
    rare: &'static str,
}

const fn of(common: &'static str, rare: &'static str) -> Language {
    Language { common, rare }
}

/// German, French, Spanish, Portuguese, Italian, Dutch, Swedish and Finnish, Danish and Norwegian, Icelandic, Catalan.
pub(super) const WESTERN: &[Language] = &[
    of("äöüß", "é"),
    of("éàèêç", "âîôûùœëïæÿ"),
    of("áéíóúñ", "üºª"),
    of("ãçáéíóêâ", "ôàúü"),
    of("àèéìòù", ""),
    of("ëé", "ïèöüóáêç"),
    of("äöå", "éü"),
    of("æøå", "éöü"),
    of("áðéíóúýþæö", ""),
    of("àçèéíòóú", "ïü"),
];
/// What the West writes taken together, as English does in words that it has from there.
pub(super) const BORROWED: &[Language] = &[of("äöüßéàèêçâîôûùœëïæÿáíóúñãõìòåøðýþ", "")];
/// Polish, Czech, Slovak, Hungarian, Croatian and its neighbours, Romanian.
pub(super) const CENTRAL: &[Language] =
    &[of("ąćęłńóśźż", ""), of("áčéěířšúůýž", "ďňóť"), of("áčéľšťúýžô", "äďĺňóŕí"), of("áéíóöőúü", "ű"), of("čćšžđ", ""), of("ăâîşţ", "")];
/// Turkish.
pub(super) const TURKISH: &[Language] = &[of("çğıöşü", "âîû")];
/// Lithuanian, Latvian, Estonian.
pub(super) const BALTIC: &[Language] = &[of("ąčęėįšųūž", ""), of("āčēģīķļņšūž", ""), of("äõöü", "šž")];

/// In tenths of a common letter.
const WEIGHT_COMMON: usize = 10;
const WEIGHT_RARE: usize = 6;

/// How well a text fits into the best of some languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    /// Letters beyond the plain ones, and signs where none belongs.
    pub(super) telling: usize,
    /// Of them those that the language has, where they stand.
    pub(super) covered: usize,
    /// The same, in tenths, rare letters less.
    weight: usize,
}

impl Fit {
    /// Whether one language has all of them, but for one in twenty.
    pub(super) fn is_whole(self) -> bool {
        self.covered * 20 >= self.telling * 19
    }

    /// In percent.
    pub(super) fn covered_percent(self) -> usize {
        self.covered * 100 / self.telling.max(1)
    }

    /// In percent, rare letters less.
    pub(super) fn weight_percent(self) -> usize {
        self.weight * 100 / (self.telling * WEIGHT_COMMON).max(1)
    }
}

/// A character between its neighbours; blanks at the ends.
pub(super) fn neighbours(text: &str) -> impl Iterator<Item = (char, char, char)> {
    let before = std::iter::once(' ').chain(text.chars());
    let behind = text.chars().skip(1).chain(std::iter::once(' '));
    before.zip(text.chars()).zip(behind).map(|((before, letter), behind)| (before, letter, behind))
}

/// How well a text fits; where letters beyond the plain ones `are_sparse` a dash between two words without blanks is no sign of anything.
pub(super) fn fit(text: &str, languages: &[Language], are_sparse: bool) -> Fit {
    let mut telling = 0;
    let mut fits = vec![(0, 0); languages.len()];
    for (before, letter, behind) in neighbours(text).filter(|(_, letter, _)| !letter.is_ascii()) {
        if !letter.is_alphabetic() || matches!(letter, 'º' | 'ª') {
            telling += usize::from(is_misplaced(before, letter, behind, are_sparse));
            continue;
        }
        telling += 1;
        if is_broken(before, letter, behind) {
            continue;
        }
        let small = letter.to_lowercase().next().unwrap_or(letter);
        for (language, (covered, weight)) in languages.iter().zip(&mut fits) {
            let found = language.weight(small, behind);
            *covered += usize::from(found > 0);
            *weight += found;
        }
    }
    let (covered, weight) = fits.into_iter().max().unwrap_or_default();
    Fit { telling, covered, weight }
}

impl Language {
    fn weight(&self, small: char, behind: char) -> usize {
        // Portuguese has its `õ` before an `e` and hardly elsewhere; Hungarian read in the wrong page has it everywhere.
        let is_portuguese = small == 'õ' && behind == 'e' && self.common.starts_with('ã');
        match (self.common.contains(small) || is_portuguese, self.rare.contains(small)) {
            (true, _) => WEIGHT_COMMON,
            (_, true) => WEIGHT_RARE,
            (false, false) => 0,
        }
    }
}

/// What no text has: control characters, what could not be read, pieces of boxes, and characters that everybody defines alone.
pub(super) fn is_senseless(letter: char) -> bool {
    matches!(letter, '\u{80}'..='\u{9f}' | '\u{fffd}' | '\u{2500}'..='\u{25ff}' | '\u{e000}'..='\u{f8ff}')
}

/// A capital within a word of small letters, or a small one before a capital.
pub(super) fn is_broken(before: char, letter: char, behind: char) -> bool {
    let is_capital_within = letter.is_uppercase() && (before.is_lowercase() || before.is_alphabetic() && behind.is_lowercase());
    is_capital_within || letter.is_lowercase() && behind.is_uppercase()
}

/// A sign that stands at a letter where none does.
fn is_misplaced(before: char, sign: char, behind: char, are_sparse: bool) -> bool {
    if is_senseless(sign) {
        return true;
    }
    let is_between = before.is_alphabetic() && behind.is_alphabetic();
    let is_amid_signs = [before, behind].iter().any(|beside| !beside.is_ascii() && *beside != '\u{a0}');
    match sign {
        '’' | '‘' | '·' | '\u{a0}' | '®' | '™' | '°' | '´' => false,
        '\u{ad}' | '×' | '±' if is_amid_signs => true,
        '\u{ad}' => false,
        '–' | '—' => !are_sparse && before.is_lowercase() && behind.is_lowercase(),
        '”' | '“' | '»' | '…' | '©' | '²' | '³' | '¹' | '€' | '£' | '×' | '•' | 'º' | 'ª' => is_between,
        '„' | '«' | '¿' | '¡' | '‚' => before.is_alphabetic(),
        _ => before.is_alphabetic() || behind.is_alphabetic(),
    }
}
