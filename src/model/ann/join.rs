//! Two graphs become one: cross links, a choice of links that point in different directions, and bridges to what cannot be reached.
//!
//! The choice is the robust prune of Subramanya et al. ("DiskANN", NeurIPS 2019): going from the most similar candidate to the least, one
//! is kept unless a kept one is closer to it than the node itself is, by a factor. In dense clusters the nearest candidates alone all
//! lie on one side, and a walk that enters the cluster from outside never finds its way through.

use super::build::Nodes;
use super::layers::{Layers, NO_NODE, View};
use super::walk::Scratch;
use crate::model::vector::dot;
use rayon::prelude::*;

/// How much closer to a kept link a candidate must be before it counts as covered by it (DiskANN's α).
const COVERED_FACTOR: f32 = 1.2;
/// How many nodes of the other graph are remembered while looking for cross links.
const CROSS_EF: usize = 40;
/// How many of them become candidates.
const CROSS_CANDIDATES: usize = 16;
/// Slots of each list that pruning leaves free, for bridges.
pub(super) const SPARE: usize = 2;

/// Joins the two graphs in `layers` (even nodes and odd nodes) into one whose ground lists have `width` slots.
pub(super) fn join(layers: Layers, nodes: &Nodes, width: usize) -> Layers {
    let nodes_count = (nodes.vectors.len() / nodes.dims) as u32;
    let view = layers.view(&nodes.vectors, nodes.dims);
    let candidates: Vec<Vec<u32>> = (0..nodes_count).into_par_iter().map(|node| candidates_of(&view, node)).collect();
    let candidates = with_reverse(candidates);
    let chosen: Vec<Vec<u32>> =
        (0..nodes_count).into_par_iter().map(|node| choose(&view, node, &candidates[node as usize], width - SPARE)).collect();

    let mut joined = Layers { width, ground: vec![NO_NODE; nodes_count as usize * width], ..layers };
    chosen.into_iter().enumerate().for_each(|(node, links)| joined.set_links(node as u32, links));
    bridge(&mut joined, nodes, &candidates);
    joined
}

/// The node's own links and its neighbours in the other graph.
fn candidates_of(view: &View<'_>, node: u32) -> Vec<u32> {
    let mut found: Vec<u32> = view.links(node).collect();
    let other = view.entries.chunks(2).position(|entry| entry[0] % 2 != node % 2);
    if let Some(other) = other {
        let across = View { entries: &view.entries[2 * other..2 * other + 2], ..*view };
        Scratch::with(|scratch| {
            let nearness = |others: &[u32], near: &mut Vec<f32>| {
                near.extend(others.iter().map(|other| dot(view.vector(node), across.vector(*other))));
            };
            across.walk(nearness, CROSS_EF, usize::MAX, scratch, |_| true);
            found.extend(scratch.drain_descending().into_iter().take(CROSS_CANDIDATES).map(|(_, link)| link));
        });
    }
    found
}

/// Makes every candidate mutual.
fn with_reverse(mut candidates: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    let lens: Vec<usize> = candidates.iter().map(Vec::len).collect();
    for node in 0..candidates.len() {
        for at in 0..lens[node] {
            let link = candidates[node][at];
            candidates[link as usize].push(node as u32);
        }
    }
    candidates
}

/// Up to `links_max` of the candidates, most similar first, none of them covered by another unless room remains.
fn choose(view: &View<'_>, node: u32, candidates: &[u32], links_max: usize) -> Vec<u32> {
    let own = view.vector(node);
    let mut ranked: Vec<(f32, u32)> = candidates.iter().map(|&link| (dot(own, view.vector(link)), link)).collect();
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.dedup_by_key(|(_, link)| *link);
    let mut chosen: Vec<u32> = Vec::with_capacity(links_max);
    let mut covered: Vec<u32> = Vec::new();
    for (similarity, link) in ranked.into_iter().filter(|(_, link)| *link != node) {
        if chosen.len() == links_max {
            break;
        }
        let vector = view.vector(link);
        let distance = 1.0 - similarity;
        if chosen.iter().any(|&kept| COVERED_FACTOR * (1.0 - dot(vector, view.vector(kept))) < distance) {
            covered.push(link);
        } else {
            chosen.push(link);
        }
    }
    let room = links_max - chosen.len();
    chosen.extend(covered.into_iter().take(room));
    chosen
}

/// Links every node that no walk can reach from a reachable one, preferably the most similar.
fn bridge(layers: &mut Layers, nodes: &Nodes, candidates: &[Vec<u32>]) {
    let nodes_count = candidates.len();
    let mut reached = vec![false; nodes_count];
    let mut stack: Vec<u32> = layers.entries.iter().copied().step_by(2).collect();
    for lost in 0..=nodes_count as u32 {
        while let Some(node) = stack.pop() {
            if !std::mem::replace(&mut reached[node as usize], true) {
                stack.extend(layers.view(&nodes.vectors, nodes.dims).links(node));
            }
        }
        if lost == nodes_count as u32 || reached[lost as usize] {
            continue;
        }
        let near = candidates[lost as usize].iter().copied().filter(|&link| reached[link as usize]);
        let linked = near.into_iter().any(|from| layers.add_link(from, lost));
        if !linked {
            bridge_far(layers, nodes, &reached, lost);
        }
        stack.push(lost);
    }
}

/// The most similar reachable node that has a free slot, found by looking at all of them, is linked to `lost`.
fn bridge_far(layers: &mut Layers, nodes: &Nodes, reached: &[bool], lost: u32) {
    let vector = |node: u32| &nodes.vectors[node as usize * nodes.dims..][..nodes.dims];
    let free = |node: u32| layers.ground[(node as usize + 1) * layers.width - 1] == NO_NODE;
    let able = (0..reached.len() as u32).filter(|&node| reached[node as usize] && free(node));
    let nearest = able.map(|node| (dot(vector(node), vector(lost)), node)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    if let Some((_, from)) = nearest {
        layers.add_link(from, lost);
    }
}
