//! The graph of centres as arrays: what the builder fills, the file holds and the walk reads.

/// No link here; pads lists of fixed width.
pub(super) const NO_NODE: u32 = u32::MAX;

/// Borrowed arrays of a graph, wherever they live.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    /// Elements in a vector.
    pub dims: usize,
    /// Most links of a centre on the ground level.
    pub width: usize,
    /// One unit vector a centre.
    pub vectors: &'a [f32],
    /// Ground level: `width` links a centre, unused ones [`NO_NODE`] at the end.
    pub ground: &'a [u32],
    /// Upper levels: `level << 32 | centre`, ascending.
    pub upper_keys: &'a [u64],
    /// Where the links of each upper key start; one more than keys.
    pub upper_starts: &'a [u32],
    /// Links of the upper levels.
    pub upper_links: &'a [u32],
    /// The centre where a walk starts, and its highest level; nothing when there are no centres.
    pub entry: &'a [u32],
}

impl<'a> View<'a> {
    /// Number of centres.
    pub(super) fn count(&self) -> usize {
        self.vectors.len() / self.dims
    }

    #[inline]
    pub(super) fn vector(&self, node: u32) -> &'a [f32] {
        &self.vectors[node as usize * self.dims..][..self.dims]
    }

    /// Links of a centre on the ground level.
    #[inline]
    pub(super) fn links(&self, node: u32) -> impl Iterator<Item = u32> + use<'a> {
        self.ground[node as usize * self.width..][..self.width].iter().copied().take_while(|&link| link != NO_NODE)
    }

    /// Links of a centre on level `level` ≥ 1; none when it does not reach that high.
    pub(super) fn upper(&self, node: u32, level: u32) -> &'a [u32] {
        match self.upper_keys.binary_search(&upper_key(level, node)) {
            Ok(index) => &self.upper_links[self.upper_starts[index] as usize..self.upper_starts[index + 1] as usize],
            Err(_) => &[],
        }
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
    pub entry: Vec<u32>,
}

impl Layers {
    /// Ground lists without links for `count` centres, and no upper levels.
    pub(super) fn new(count: usize, width: usize) -> Self {
        Self { width, ground: vec![NO_NODE; count * width], ..Self::default() }
    }

    pub(super) fn view<'a>(&'a self, vectors: &'a [f32], dims: usize) -> View<'a> {
        View {
            dims,
            width: self.width,
            vectors,
            ground: &self.ground,
            upper_keys: &self.upper_keys,
            upper_starts: &self.upper_starts,
            upper_links: &self.upper_links,
            entry: &self.entry,
        }
    }

    /// Replaces the ground links of a centre by the first `width` of these.
    pub(super) fn set_links(&mut self, node: u32, links: impl IntoIterator<Item = u32>) {
        let row = &mut self.ground[node as usize * self.width..][..self.width];
        row.fill(NO_NODE);
        row.iter_mut().zip(links).for_each(|(slot, link)| *slot = link);
    }

    /// Adds a ground link if there is room for one more.
    pub(super) fn add_link(&mut self, node: u32, link: u32) {
        let row = &mut self.ground[node as usize * self.width..][..self.width];
        if let Some(slot) = row.iter_mut().find(|slot| **slot == NO_NODE) {
            *slot = link;
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
