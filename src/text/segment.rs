//! Words of scripts that write no blanks between them: Chinese and Japanese by a dictionary, Thai, Lao, Khmer and Burmese by a small
//! recurrent network, both compiled in (ICU4X; `docs/decisions/0012-words-of-every-script.md`).

use icu_segmenter::options::WordBreakInvariantOptions;
use icu_segmenter::{WordSegmenter, WordSegmenterBorrowed};

const SEGMENTER: fn() -> WordSegmenterBorrowed<'static> = || WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());

/// Whether a letter is of a script that needs to be split.
pub fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        // Thai and Lao, Burmese, Khmer.
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        // Kana, full and half width; the long vowel mark and the iteration marks among them.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        // Ideographs.
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Gives the bounds of each word of `run` in order.
pub(super) fn words(run: &str, mut each: impl FnMut(usize, usize)) {
    let mut start = 0;
    for end in SEGMENTER().segment_str(run).filter(|&end| end > 0) {
        each(start, end);
        start = end;
    }
}
