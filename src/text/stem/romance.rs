//! French, Spanish, Italian and Portuguese.

use super::{cut, cut_ending};

/// The plural in `-x` and `-s`, the feminine in `-e`, the infinitive's and trade's `-r`, and a letter doubled before them.
pub(super) fn french(word: &mut String) {
    if cut_ending(word, 5, &["eaux"]) {
        word.push_str("eau");
    } else if cut_ending(word, 5, &["aux"]) {
        word.push_str("al");
    } else if word.len() > 3 {
        let _ = cut_ending(word, 3, &["s", "x"]);
    }
    if word.len() > 3 {
        let _ = cut_ending(word, 3, &["e"]);
    }
    let letters: Vec<char> = word.chars().collect();
    if let [.., a, b] = letters[..]
        && a == b
        && word.len() > 4
    {
        cut(word, 1);
    }
}

/// Plural and gender.
pub(super) fn spanish(word: &mut String) {
    if word.len() < 5 {
        if word.len() == 4 {
            let _ = cut_ending(word, 3, &["a", "o", "e"]);
        }
        return;
    }
    if cut_ending(word, 4, &["ces"]) {
        word.push('z');
    } else {
        let _ = cut_ending(word, 4, &["os", "as", "es", "a", "o", "e"]);
    }
}

/// The vowel that number and gender end in, with the `h` and `i` that only keep a consonant's sound.
pub(super) fn italian(word: &mut String) {
    if word.len() > 3 && cut_ending(word, 3, &["a", "e", "i", "o"]) && word.len() > 3 {
        let _ = cut_ending(word, 3, &["h", "i"]);
    }
}

/// Plurals by what comes before their `-s`, then gender.
pub(super) fn portuguese(word: &mut String) {
    if word.len() > 3 {
        plural_of_portuguese(word);
    }
    if word.len() > 3 {
        let _ = cut_ending(word, 3, &["a", "o", "e"]);
    }
}

fn plural_of_portuguese(word: &mut String) {
    let replaced = [("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("uis", "ul"), ("ens", "em"), ("ns", "m")];
    for (plural, singular) in replaced {
        if cut_ending(word, 4, &[plural]) {
            word.push_str(singular);
            return;
        }
    }
    let of_consonant = ["res", "les", "zes", "ses"].iter().any(|ending| word.ends_with(ending)) && word.len() > 4;
    if of_consonant {
        cut(word, 2);
    } else {
        let _ = cut_ending(word, 3, &["s"]);
    }
}
