//! Words to a page of products: understand, match, rank, present.

pub mod answer;
mod asked;
mod blanks;
mod books;
mod called;
mod codes;
pub mod columns;
mod completions;
mod compound;
mod costed;
pub mod cursor;
mod denied;
pub mod dense;
mod either;
pub mod experiment;
pub mod facet;
pub mod fields;
pub mod filter;
pub mod geo;
pub mod group;
mod heads;
mod heard;
mod heaviest;
pub mod highlight;
mod identified;
pub mod index;
pub mod intent;
mod kinds;
mod ladder;
mod languages;
pub mod leaning;
pub mod like;
mod matched;
pub mod matching;
mod meaning;
pub mod merchandising;
mod moment;
mod pasted;
mod phrases;
pub mod place;
pub mod present;
pub mod ranking;
mod reach;
pub mod request;
pub mod sift;
pub mod sort;
pub mod spelling;
mod stop_words;
pub mod suggest;
pub mod taste;
pub mod thesaurus;
pub mod things;
pub mod understand;
mod unnamed;
mod uses;
pub mod values;
pub mod vocabulary;
mod wishes;

pub use answer::{eligible, passes, search};
pub use columns::Columns;
pub use facet::{FacetCounts, FacetNode, FacetStats, FacetTree, FacetValue, FacetValues};
pub use intent::{Intent, IntentKind};
pub use languages::{Everyday, Languages};
pub use moment::{Moment, Onlooker};
pub use request::{Answer, Group, GroupBy, Hit, Mode, Options, Request, SearchError, ShownBy, Sort};
pub use stop_words::StopWords;
pub use suggest::{Suggestions, suggest, suggest_within};
pub use vocabulary::Vocabulary;

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod called_tests;
#[cfg(test)]
mod codes_tests;
#[cfg(test)]
mod deadline_tests;
#[cfg(test)]
mod denied_tests;
#[cfg(test)]
mod foreign_tests;
#[cfg(test)]
mod group_tests;
#[cfg(test)]
mod heard_tests;
#[cfg(test)]
mod kept_tests;
#[cfg(test)]
mod lane_tests;
#[cfg(test)]
mod leaning_tests;
#[cfg(test)]
mod like_tests;
#[cfg(test)]
mod long_tests;
#[cfg(test)]
mod meaning_tests;
#[cfg(test)]
mod meant_tests;
#[cfg(test)]
mod numbers_tests;
#[cfg(test)]
mod paging_tests;
#[cfg(test)]
mod phrases_tests;
#[cfg(test)]
mod reach_tests;
#[cfg(test)]
mod shoppers_tests;
#[cfg(test)]
mod sold_out_tests;
#[cfg(test)]
mod sort_tests;
#[cfg(test)]
mod suggest_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod things_tests;
#[cfg(test)]
mod wardrobe_tests;
