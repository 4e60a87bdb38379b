//! What reading a query asks of a shop.

use crate::search::spelling::{Reading, Typed};

/// What the shop knows of words.
pub trait Words {
    /// The words of a query that were probably meant as others, in order and apart.
    fn readings(&self, typed: &[Typed]) -> Vec<Reading>;
    /// What the beginning of a word was probably meant to be, when no word begins so.
    fn beginning(&self, typed: &str) -> Option<String>;
    /// How many products have the word.
    fn products_count(&self, term: &str) -> u64;
    /// How many titles have the two words side by side.
    fn pair_count(&self, first: &str, second: &str) -> u64;
    /// Whether a word that only joins others in English does so in this query.
    fn joins_as_in_english(&self, _: &str) -> bool {
        true
    }
    /// Whether the language uses the word only to join others.
    fn only_joins(&self, term: &str) -> bool;
    /// Whether the shop's titles use the word as languages use those that join others.
    fn is_used_to_join(&self, _: &str) -> bool {
        false
    }
    /// Whether a brand or a category has this name.
    fn is_name(&self, phrase: &str) -> bool;
    /// Whether some value has this name, as terms.
    fn is_value(&self, terms: &[&str]) -> bool;
    /// Whether the word says that what follows is not wanted.
    fn denies(&self, term: &str) -> bool;
    /// Whether it says so of the next word, because no title has the two side by side: `no leather`, but not `no show socks`.
    fn may_deny(&self, _: &str, _: &str) -> bool {
        false
    }
    /// Whether the word says that what stands before it is not wanted: `free`.
    fn lacks(&self, _: &str) -> bool {
        false
    }
    /// How the shop's titles say that something is not there, each as terms of which a product must have all: `ohne zucker`, `zuckerfrei`.
    fn ways_to_lack(&self, _: &[&str]) -> Vec<Vec<String>> {
        Vec::new()
    }
    /// What a word says in one that is not there: the sugar of `zuckerfrei`.
    fn lacked_by(&self, _: &str) -> Option<String> {
        None
    }
    /// Whether some title has these words one behind the other.
    fn is_said(&self, terms: &[&str]) -> bool {
        terms.windows(2).all(|pair| self.pair_count(pair[0], pair[1]) > 0)
    }
    /// Whether these say something of the wish and nothing of a product: `show me`.
    fn is_wish(&self, _: &[String]) -> bool {
        false
    }
    /// Whether a title is just this.
    fn is_title(&self, _: &str) -> bool {
        false
    }
    /// Whether the word names another of the same kind: `or`.
    fn is_or(&self, _: &str) -> bool {
        false
    }
}
