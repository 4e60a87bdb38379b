//! The graph file: written once, checked when opened, then read in place. Drawn in `docs/FORMATS.md`.

use super::build::Nodes;
use super::codes::coded;
use super::layers::{Layers, NO_NODE, View};
use crate::model::ModelError;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use std::path::Path;

const KIND: [u8; 4] = *b"ann2";
const HEADER: usize = 0;
const VECTORS: usize = 1;
const GROUND: usize = 2;
const UPPER_KEYS: usize = 3;
const UPPER_STARTS: usize = 4;
const UPPER_LINKS: usize = 5;
const ENTRIES: usize = 6;
const ORDINALS: usize = 7;
const NODES: usize = 8;
const MEMBER_STARTS: usize = 9;
const MEMBERS: usize = 10;
const CODES: usize = 11;
const CODE_FACTS: usize = 12;
const SECTIONS: usize = 13;
/// Longer vectors than any model here makes; bounds what a damaged header can ask for.
const DIMS_MAX: usize = 4_096;

/// Which products stand behind each node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Members<'a> {
    /// Ordinals with a vector, ascending.
    pub ordinals: &'a [u32],
    /// The node of each of them.
    pub nodes: &'a [u32],
    /// Where the ordinals of each node start in `members`; one more than nodes.
    pub starts: &'a [u32],
    /// Ordinals by node, ascending within a node.
    pub members: &'a [u32],
}

impl<'a> Members<'a> {
    #[inline]
    pub(super) fn of(&self, node: u32) -> &'a [u32] {
        &self.members[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
}

/// Writes the graph under a temporary name, then renames.
pub(super) fn write(path: &Path, nodes: &Nodes, layers: &Layers) -> Result<(), ModelError> {
    let nodes_count = nodes.vectors.len() / nodes.dims;
    let header = [nodes.dims as u32, nodes_count as u32, layers.width as u32, nodes.ordinals.len() as u32];
    let mut by_node: Vec<(u32, u32)> = nodes.nodes.iter().copied().zip(nodes.ordinals.iter().copied()).collect();
    by_node.sort_unstable();
    let starts: Vec<u32> = (0..=nodes_count as u32).map(|node| by_node.partition_point(|pair| pair.0 < node) as u32).collect();
    let members: Vec<u32> = by_node.into_iter().map(|(_, ordinal)| ordinal).collect();
    let (codes, code_facts) = coded(&nodes.vectors, nodes.dims);
    let sections = [
        as_bytes(&header),
        as_bytes(&nodes.vectors),
        as_bytes(&layers.ground),
        as_bytes(&layers.upper_keys),
        as_bytes(&layers.upper_starts),
        as_bytes(&layers.upper_links),
        as_bytes(&layers.entries),
        as_bytes(&nodes.ordinals),
        as_bytes(&nodes.nodes),
        as_bytes(&starts),
        as_bytes(&members),
        as_bytes(&codes),
        as_bytes(&code_facts),
    ];
    Ok(write_sections(path, KIND, &sections)?)
}

/// A graph file whose every number was checked, so that reading it can neither fail nor lead outside.
#[derive(Debug)]
pub(super) struct GraphFile {
    file: MappedFile,
    dims: usize,
    width: usize,
    /// By ordinal, or [`NO_NODE`]: a search asks for hundreds of products, and halving the list of ordinals would cost more than their vectors.
    nodes: Vec<u32>,
}

impl GraphFile {
    /// Maps and checks a file.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = MappedFile::open(path, KIND)?;
        file.verify()?;
        let header = file.slice::<u32>(HEADER)?;
        let (&[dims, nodes_count, width, ordinals_count], true) = (header, file.sections_count() == SECTIONS) else {
            return Err(ModelError::inconsistent(path, "sections"));
        };
        let mut opened = Self { dims: dims as usize, width: width as usize, file, nodes: Vec::new() };
        let view = opened.read_view()?;
        let members = opened.read_members()?;
        let sizes_hold = (1..=DIMS_MAX).contains(&opened.dims)
            && view.vectors.len() == nodes_count as usize * opened.dims
            && view.codes.len() == view.vectors.len()
            && view.code_facts.len() == nodes_count as usize
            && view.ground.len() == nodes_count as usize * opened.width
            && members.ordinals.len() == ordinals_count as usize;
        if !sizes_hold {
            return Err(ModelError::inconsistent(path, "sizes of the arrays"));
        }
        check_links(&view).and_then(|()| check_members(&members, nodes_count)).map_err(|what| ModelError::inconsistent(path, what))?;
        opened.nodes = nodes_by_ordinal(&members);
        Ok(opened)
    }

    /// The node of a product.
    #[inline]
    pub(super) fn node_of(&self, ordinal: u32) -> Option<u32> {
        self.nodes.get(ordinal as usize).copied().filter(|node| *node != NO_NODE)
    }

    /// Elements in a vector.
    pub(super) fn dims(&self) -> usize {
        self.dims
    }

    /// All vectors, one behind the other.
    pub(super) fn vectors(&self) -> &[f32] {
        self.file.slice(VECTORS).unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
    }

    pub(super) fn view(&self) -> View<'_> {
        self.read_view().unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
    }

    pub(super) fn members(&self) -> Members<'_> {
        self.read_members().unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
    }

    fn read_view(&self) -> Result<View<'_>, ModelError> {
        Ok(View {
            dims: self.dims,
            width: self.width,
            vectors: self.file.slice(VECTORS)?,
            codes: self.file.slice(CODES)?,
            code_facts: self.file.slice(CODE_FACTS)?,
            ground: self.file.slice(GROUND)?,
            upper_keys: self.file.slice(UPPER_KEYS)?,
            upper_starts: self.file.slice(UPPER_STARTS)?,
            upper_links: self.file.slice(UPPER_LINKS)?,
            entries: self.file.slice(ENTRIES)?,
        })
    }

    fn read_members(&self) -> Result<Members<'_>, ModelError> {
        Ok(Members {
            ordinals: self.file.slice(ORDINALS)?,
            nodes: self.file.slice(NODES)?,
            starts: self.file.slice(MEMBER_STARTS)?,
            members: self.file.slice(MEMBERS)?,
        })
    }
}

fn nodes_by_ordinal(members: &Members<'_>) -> Vec<u32> {
    let mut nodes = vec![NO_NODE; members.ordinals.last().map_or(0, |last| *last as usize + 1)];
    members.ordinals.iter().zip(members.nodes).for_each(|(ordinal, node)| nodes[*ordinal as usize] = *node);
    nodes
}

fn check_links(view: &View<'_>) -> Result<(), String> {
    let nodes_count = view.nodes_count() as u32;
    let outside = |link: u32| link >= nodes_count;
    if view.ground.iter().any(|&link| link != NO_NODE && outside(link)) || view.upper_links.iter().any(|&link| outside(link)) {
        return Err("a link leads outside".to_owned());
    }
    if !is_partition(view.upper_starts, view.upper_keys.len(), view.upper_links.len()) {
        return Err("starts of the upper lists".to_owned());
    }
    if !view.upper_keys.is_sorted_by(|a, b| a < b) {
        return Err("keys of the upper levels".to_owned());
    }
    let entries_hold = view.entries.len().is_multiple_of(2) && view.entries().all(|(node, _)| !outside(node));
    if !entries_hold || (view.entries.is_empty() && nodes_count > 0 && view.width > 0) || view.entries().any(|(_, level)| level > 64) {
        return Err("entries".to_owned());
    }
    Ok(())
}

fn check_members(members: &Members<'_>, nodes_count: u32) -> Result<(), String> {
    let holds = members.ordinals.is_sorted_by(|a, b| a < b)
        && members.nodes.len() == members.ordinals.len()
        && members.members.len() == members.ordinals.len()
        && members.nodes.iter().all(|&node| node < nodes_count)
        && is_partition(members.starts, nodes_count as usize, members.members.len());
    if holds { Ok(()) } else { Err("ordinals and nodes".to_owned()) }
}

/// Whether `starts` cuts `len` elements into `parts` parts.
fn is_partition(starts: &[u32], parts: usize, len: usize) -> bool {
    starts.len() == parts + 1 && starts.is_sorted() && starts.first() == Some(&0) && starts.last().is_some_and(|&end| end as usize == len)
}
