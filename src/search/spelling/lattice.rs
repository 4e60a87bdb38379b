//! The likeliest reading of a whole query: a walk through everything that its words may stand for.
//!
//! Between the typed words lie nodes; an arc leads from one to a later one and stands for words that may have been meant by what lies
//! between. The cheapest path from the first to the last, arcs and neighbouring words together, is the reading (the Viterbi algorithm: G.
//! Forney, "The Viterbi algorithm", Proceedings of the IEEE 61(3), 1973), over at most [`BEAM`] last words a node.

use super::language::{Word, after};
use super::lexicon::Lexicon;

/// Last words that are carried on from each node.
const BEAM: usize = 12;

/// What some typed words may stand for.
#[derive(Debug, Clone)]
pub(super) struct Arc {
    /// How many typed words it spans: one or two.
    pub(super) span: usize,
    /// The words meant: one or two.
    pub(super) words: Vec<Word>,
    /// Cost of having typed what was typed.
    pub(super) cost: f32,
}

impl Arc {
    /// What a way costs that goes on along this arc, and its last word then.
    fn behind<'a>(&'a self, cost: f32, last: Option<&'a Word>, lexicon: &Lexicon<'_>) -> (f32, Option<&'a Word>) {
        let start = (cost + self.cost, last);
        self.words.iter().fold(start, |(cost, last), word| (cost + after(last, word, lexicon), Some(word)))
    }
}

/// One way to a node.
#[derive(Clone)]
struct Way<'a> {
    cost: f32,
    last: Option<&'a Word>,
    arcs: Vec<(usize, usize)>,
}

/// The cheapest path, as the place of its arc at each node that it goes through: `(node, arc)`.
pub(super) fn cheapest(arcs: &[Vec<Arc>], lexicon: &Lexicon<'_>) -> Vec<(usize, usize)> {
    let mut nodes: Vec<Vec<Way<'_>>> = vec![Vec::new(); arcs.len() + 1];
    nodes[0].push(Way { cost: 0.0, last: None, arcs: Vec::new() });
    for at in 0..arcs.len() {
        let ways = std::mem::take(&mut nodes[at]);
        for way in &ways {
            for (number, arc) in arcs[at].iter().enumerate() {
                let (cost, last) = arc.behind(way.cost, way.last, lexicon);
                offer(&mut nodes[at + arc.span], cost, last, way, (at, number));
            }
        }
    }
    let best = nodes.pop().unwrap_or_default().into_iter().min_by(|one, other| one.cost.total_cmp(&other.cost));
    best.map(|way| way.arcs).unwrap_or_default()
}

/// What a path costs.
pub(super) fn cost_of<'a>(path: impl Iterator<Item = &'a Arc>, lexicon: &Lexicon<'_>) -> f32 {
    let (cost, _) = path.fold((0.0, None), |(cost, last), arc| arc.behind(cost, last, lexicon));
    cost
}

/// Keeps a way when none to the same last word is cheaper, and the dearest is given up when there are too many.
fn offer<'a>(ways: &mut Vec<Way<'a>>, cost: f32, last: Option<&'a Word>, before: &Way<'a>, arc: (usize, usize)) {
    let way = |before: &Way<'a>| Way { cost, last, arcs: before.arcs.iter().copied().chain([arc]).collect() };
    if let Some(known) = ways.iter_mut().find(|known| known.last.map(|word| &word.written) == last.map(|word| &word.written)) {
        if cost < known.cost {
            *known = way(before);
        }
        return;
    }
    if ways.len() < BEAM {
        return ways.push(way(before));
    }
    if let Some(dearest) = ways.iter_mut().max_by(|one, other| one.cost.total_cmp(&other.cost)).filter(|dearest| cost < dearest.cost) {
        *dearest = way(before);
    }
}
