//! What a word of a query was taken out of.

/// What was said of a thing with it, as one of the words knows it that this is looked for by: the parts of a `Glastisch` that the shop does not have, or
/// that a `yoghurt without sugar` is to lack something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartOf {
    /// As typed.
    pub whole: String,
    /// Whether it only says something of the thing, so that no product has to have it.
    pub is_beside: bool,
}
