//! The graph as arrays: what the builder fills, the file holds and the walk reads.

/// No link here; pads lists of fixed width.
pub(super) const NO_NODE: u32 = u32::MAX;

/// Borrowed arrays of a graph, wherever they live.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// Elements in a vector.
    pub dims: usize,
    /// Most links of a node on the ground level.
    pub width: usize,
    /// One unit vector a node.
    pub vectors: &'a [f32],
    /// The same vectors as bytes.
    pub codes: &'a [i8],
    /// The step and the slack of each.
    pub code_facts: &'a [[f32; 2]],
    /// Ground level: `width` links a node, unused ones [`NO_NODE`] at the end.
    pub ground: &'a [u32],
    /// Upper levels: `level << 32 | node`, ascending.
    pub upper_keys: &'a [u64],
    /// Where the links of each upper key start; one more than keys.
    pub upper_starts: &'a [u32],
    /// Links of the upper levels.
    pub upper_links: &'a [u32],
    /// Pairs of (node, its highest level): where a search starts, one for each of the joined graphs.
    pub entries: &'a [u32],
}

impl<'a> View<'a> {
    /// Number of nodes.
    pub(super) fn nodes_count(&self) -> usize {
        self.vectors.len() / self.dims
    }

    #[inline]
    pub(super) fn vector(&self, node: u32) -> &'a [f32] {
        &self.vectors[node as usize * self.dims..][..self.dims]
    }

    /// Links of a node on the ground level.
    #[inline]
    pub(super) fn links(&self, node: u32) -> impl Iterator<Item = u32> + use<'a> {
        self.ground[node as usize * self.width..][..self.width].iter().copied().take_while(|&link| link != NO_NODE)
    }

    /// Links of a node on level `level` ≥ 1; none when it does not reach that high.
    pub(super) fn upper(&self, node: u32, level: u32) -> &'a [u32] {
        match self.upper_keys.binary_search(&upper_key(level, node)) {
            Ok(index) => &self.upper_links[self.upper_starts[index] as usize..self.upper_starts[index + 1] as usize],
            Err(_) => &[],
        }
    }

    /// Pairs of (node, its highest level) where a search starts.
    pub(super) fn entries(&self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let (pairs, _) = self.entries.as_chunks::<2>();
        pairs.iter().map(|&[node, level]| (node, level))
    }
}

pub(super) fn upper_key(level: u32, node: u32) -> u64 {
    u64::from(level) << 32 | u64::from(node)
}

/// Owned arrays of a graph that is being built.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub width: usize,
    pub ground: Vec<u32>,
    pub upper_keys: Vec<u64>,
    pub upper_starts: Vec<u32>,
    pub upper_links: Vec<u32>,
    pub entries: Vec<u32>,
}

impl Layers {
    /// Ground lists without links for `nodes_count` nodes, and no upper levels.
    pub(super) fn new(nodes_count: usize, width: usize) -> Self {
        Self { width, ground: vec![NO_NODE; nodes_count * width], upper_starts: vec![0], ..Self::default() }
    }

    pub(super) fn view<'a>(&'a self, vectors: &'a [f32], dims: usize) -> View<'a> {
        View {
            dims,
            width: self.width,
            vectors,
            codes: &[],
            code_facts: &[],
            ground: &self.ground,
            upper_keys: &self.upper_keys,
            upper_starts: &self.upper_starts,
            upper_links: &self.upper_links,
            entries: &self.entries,
        }
    }

    /// Replaces the ground links of a node by the first `width` of these.
    pub(super) fn set_links(&mut self, node: u32, links: impl IntoIterator<Item = u32>) {
        let row = &mut self.ground[node as usize * self.width..][..self.width];
        row.fill(NO_NODE);
        row.iter_mut().zip(links).for_each(|(slot, link)| *slot = link);
    }

    /// Adds a ground link if there is room for one more.
    pub(super) fn add_link(&mut self, node: u32, link: u32) -> bool {
        let row = &mut self.ground[node as usize * self.width..][..self.width];
        match row.iter_mut().find(|slot| **slot == NO_NODE) {
            Some(slot) => {
                *slot = link;
                true
            }
            None => false,
        }
    }

    /// Sets the upper levels from (key, links), in any order.
    pub(super) fn set_upper(&mut self, mut lists: Vec<(u64, Vec<u32>)>) {
        lists.sort_unstable_by_key(|(key, _)| *key);
        self.upper_keys = lists.iter().map(|(key, _)| *key).collect();
        self.upper_starts = vec![0];
        self.upper_links.clear();
        for (_, links) in lists {
            self.upper_links.extend(links);
            self.upper_starts.push(self.upper_links.len() as u32);
        }
    }
}
