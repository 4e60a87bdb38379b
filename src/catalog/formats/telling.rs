//! Which encoding a file is in that is not UTF-8 and does not say it.
//!
//! Code pages of Latin letters are read one after the other, and what comes out is held against the alphabets of the languages that use them
//! (`alphabets`): in the right one a language has every letter. For everything else the guess of a library is taken (`chardetng`, the detector of a
//! browser), if what it makes of the file looks like text. What two pages read differently and equally well is said, and not guessed.

use super::alphabets::{BALTIC, BORROWED, CENTRAL, Fit, Language, TURKISH, WESTERN, fit, is_broken, is_senseless, neighbours};
use super::encoding::Encoding;
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{ISO_8859_2, ISO_8859_15, MACINTOSH, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254, WINDOWS_1257};

/// Pages of Latin letters with whoever uses them. The first ones, of Windows, are likelier than the others, which are looked at where none of them fits.
const LATIN: [(Encoding, &[Language]); 8] = [
    (Encoding::Listed(WINDOWS_1252), WESTERN),
    (Encoding::Listed(WINDOWS_1250), CENTRAL),
    (Encoding::Listed(WINDOWS_1254), TURKISH),
    (Encoding::Listed(WINDOWS_1257), BALTIC),
    (Encoding::Listed(ISO_8859_2), CENTRAL),
    (Encoding::Dos850, WESTERN),
    (Encoding::Listed(MACINTOSH), WESTERN),
    (Encoding::Dos852, CENTRAL),
];
const OF_WINDOWS: usize = 4;
/// Letters of Latin from which something is told where pages read them differently.
const LETTERS_MIN: usize = 4;
/// From so many on, letters of several languages in one file are taken as they are guessed.
const LETTERS_OF_SEVERAL_MIN: usize = 8;
/// Percent by which a page has to fit better than the one that is guessed.
const MARGIN_PERCENT: usize = 15;
/// The same where there are fewer letters.
const MARGIN_SHORT_PERCENT: usize = 30;
/// Letters of other alphabets than Latin from which something is told.
const OTHER_LETTERS_MIN: usize = 4;
/// Characters of other scripts from which something is told.
const CHARACTERS_MIN: usize = 3;
/// Domains whose readers expect other scripts than Latin: asked where the first guess makes no text.
const ELSEWHERE: [&[u8]; 9] = [b"ru", b"gr", b"il", b"th", b"jp", b"cn", b"tw", b"kr", b"sa"];

/// One page, and what it makes of the file.
struct Reading {
    encoding: Encoding,
    text: String,
    fit: Fit,
}

impl Reading {
    /// Whether one language has all of its letters.
    fn is_whole(&self) -> bool {
        self.fit.telling > 0 && self.fit.is_whole()
    }
}

/// The encoding of a file of which this is the beginning, or the whole.
pub(super) fn told(sample: &[u8]) -> Option<Encoding> {
    let found = found(sample)?;
    // Of a page that differs from it in eight characters, the euro among them, which is written more often than the sign of currencies at large.
    let has_euros = sample.contains(&0xa4) && !sample.iter().any(|byte| (0x80..0xa0).contains(byte));
    Some(if found == LATIN[0].0 && has_euros { Encoding::Listed(ISO_8859_15) } else { found })
}

fn found(sample: &[u8]) -> Option<Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = |domain: Option<&[u8]>| Encoding::of_list(detector.guess(domain, Utf8Detection::Deny));
    let first = guess(None);
    let is_latin = |encoding: Encoding| LATIN.iter().any(|(known, _)| *known == encoding) || encoding.is_further_latin();
    let high = sample.iter().filter(|byte| **byte >= 0x80).count();
    let letters = sample.iter().filter(|byte| **byte >= 0x80 || byte.is_ascii_alphabetic()).count();
    let are_sparse = high * 100 < letters * 2;
    let readings = LATIN.map(|(encoding, languages)| {
        let text = encoding.decoded(sample);
        Reading { encoding, fit: fit(&text, languages, are_sparse), text }
    });
    // English, and words that it borrowed, or signs alone.
    let western = &readings[0];
    let has_signs_alone = western.fit.telling == 0 && western.encoding == first;
    let is_borrowed = has_signs_alone || are_sparse && fit(&western.text, BORROWED, are_sparse).is_whole();
    if is_borrowed && (western.fit.telling < LETTERS_MIN || western.fit.is_whole()) {
        return Some(western.encoding);
    }
    let is_other = !is_latin(first) && is_text(&first.decoded(sample));
    let (windows, others) = readings.split_at(OF_WINDOWS);
    let is_whole = |readings: &[Reading]| readings.iter().any(Reading::is_whole);
    match (is_whole(windows), is_whole(others)) {
        (true, _) if is_other => only_if_long(windows, first),
        (true, is_otherwise) => of_whole(windows, first, is_otherwise),
        (false, true) if is_other => Some(first),
        (false, true) => of_whole(others, first, true),
        (false, false) if is_borrowed => Some(western.encoding),
        (false, false) if is_other => Some(first),
        (false, false) => of_several(&readings, first).or_else(|| {
            let mut found = ELSEWHERE.into_iter().map(|domain| guess(Some(domain))).filter(|encoding| !is_latin(*encoding));
            let fits = |encoding: &Encoding| is_text(&encoding.decoded(sample));
            let one = found.find(|encoding| fits(encoding))?;
            found.all(|other| other == one || !fits(&other)).then_some(one)
        }),
    }
}

/// Latin letters that another script explains as well: only if there are enough.
fn only_if_long(readings: &[Reading], guess: Encoding) -> Option<Encoding> {
    let is_long = readings.iter().any(|reading| reading.is_whole() && reading.fit.telling >= LETTERS_MIN);
    if is_long { of_whole(readings, guess, true) } else { Some(guess) }
}

/// Of pages that some language explains the one that is guessed, or that all of them agree with, or that is better by far. Few letters tell only where
/// they are the same in all of them, or where Western ones have no rival and others none either in pages that are less likely (`is_otherwise`).
fn of_whole(readings: &[Reading], guess: Encoding, is_otherwise: bool) -> Option<Encoding> {
    let whole = || readings.iter().filter(|reading| reading.is_whole());
    let best = whole().map(|reading| reading.fit.weight_percent()).max()?;
    let telling = whole().map(|reading| reading.fit.telling).max()?;
    let is_near = |reading: &&Reading, margin: usize| reading.fit.weight_percent() + margin >= best;
    let agreed = |margin: usize| {
        let first = whole().find(|reading| is_near(reading, margin))?;
        whole().filter(|reading| is_near(reading, margin)).all(|reading| reading.text == first.text).then_some(first.encoding)
    };
    let western = LATIN[0].0;
    if telling < LETTERS_MIN {
        let by_far = agreed(MARGIN_SHORT_PERCENT).filter(|encoding| *encoding == western && guess == western);
        return by_far.or_else(|| agreed(100).filter(|encoding| *encoding == western || telling > 1 && !is_otherwise));
    }
    let near = || whole().filter(|reading| is_near(reading, MARGIN_PERCENT)).map(|reading| reading.encoding);
    agreed(MARGIN_PERCENT).or_else(|| near().find(|encoding| *encoding == guess))
}

/// A page of Latin letters that several languages use in one file, none of which has all of them.
fn of_several(readings: &[Reading], guess: Encoding) -> Option<Encoding> {
    let own = readings.iter().find(|reading| reading.encoding == guess)?.fit;
    let best = readings.iter().map(|reading| reading.fit.covered_percent()).max()?;
    let is_told = own.telling >= LETTERS_OF_SEVERAL_MIN && own.covered_percent() >= 50 && own.covered_percent() >= best;
    is_told.then_some(guess)
}

/// Whether it has enough characters beyond the plain ones, and hardly one of them where none stands.
fn is_text(text: &str) -> bool {
    let is_latin = |letter: char| letter.is_ascii_alphabetic();
    // Ideographs stand beside Latin letters, letters of other alphabets in words of their own.
    let is_alphabet = |letter: char| letter < '\u{1100}' && letter.is_alphabetic();
    let is_odd = |(before, letter, behind): (char, char, char)| {
        let is_mixed = is_alphabet(letter) && (is_latin(before) || is_latin(behind));
        let is_lost = !is_alphabet(letter) && is_latin(before) && is_latin(behind);
        is_senseless(letter) || is_mixed || is_lost || is_broken(before, letter, behind)
    };
    let (mut count, mut letters, mut odd) = (0, 0, 0);
    for around in neighbours(text).filter(|(_, letter, _)| !letter.is_ascii()) {
        count += 1;
        letters += usize::from(is_alphabet(around.1));
        odd += usize::from(is_odd(around));
    }
    count >= CHARACTERS_MIN && (letters == 0 || letters >= OTHER_LETTERS_MIN) && odd * 20 <= count
}
