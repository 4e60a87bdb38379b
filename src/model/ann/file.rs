//! The file of vectors: written once, checked when opened, then read in place. Drawn in `docs/FORMATS.md`.

use super::build::Nodes;
use super::cells::Cells;
use super::codes::coded;
use super::layers::{Layers, NO_NODE, View};
use crate::model::ModelError;
use crate::stdx::mapped::{MappedFile, as_bytes, write_sections};
use std::path::Path;

pub(super) const KIND: [u8; 4] = *b"ann3";
const HEADER: usize = 0;
const VECTORS: usize = 1;
const GROUND: usize = 2;
const UPPER_KEYS: usize = 3;
const UPPER_STARTS: usize = 4;
const UPPER_LINKS: usize = 5;
const ENTRY: usize = 6;
const ORDINALS: usize = 7;
const NODES: usize = 8;
const MEMBER_STARTS: usize = 9;
const MEMBERS: usize = 10;
const CODES: usize = 11;
const CODE_FACTS: usize = 12;
const CENTRES: usize = 13;
const CELL_STARTS: usize = 14;
const SECTIONS: usize = 15;
/// Nine tenths of the file, that are looked at where they lie and not read for checksums when it is opened: whatever their bytes say, they lead
/// nowhere else. `shopkeeper verify` reads them.
pub(super) const LEFT_UNREAD: [usize; 3] = [VECTORS, CODES, CODE_FACTS];
/// Longer vectors than any model here makes; bounds what a damaged header can ask for.
const DIMS_MAX: usize = 4_096;
/// More levels than any graph has.
const LEVELS_MAX: u32 = 64;

/// Vectors of the nodes, cell by cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// Elements in a vector.
    pub dims: usize,
    /// One unit vector a node.
    pub vectors: &'a [f32],
    /// The same vectors as bytes.
    pub codes: &'a [i8],
    /// The step and the slack of each.
    pub facts: &'a [[f32; 2]],
}

impl<'a> Rows<'a> {
    pub(super) fn count(&self) -> usize {
        self.facts.len()
    }

    #[inline]
    pub(super) fn vector(&self, node: u32) -> &'a [f32] {
        &self.vectors[node as usize * self.dims..][..self.dims]
    }
}

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

/// Writes nodes that are sorted by cell, under a temporary name, then renames.
pub(super) fn write(path: &Path, nodes: &Nodes, cells: &Cells, routes: &Layers) -> Result<(), ModelError> {
    let nodes_count = nodes.count();
    let header = [nodes.dims as u32, nodes_count as u32, routes.width as u32, nodes.ordinals.len() as u32];
    let mut by_node: Vec<(u32, u32)> = nodes.nodes.iter().copied().zip(nodes.ordinals.iter().copied()).collect();
    by_node.sort_unstable();
    let starts: Vec<u32> = (0..=nodes_count as u32).map(|node| by_node.partition_point(|pair| pair.0 < node) as u32).collect();
    let members: Vec<u32> = by_node.into_iter().map(|(_, ordinal)| ordinal).collect();
    let cell_starts = cells.starts(nodes.dims);
    let (codes, code_facts) = coded(&nodes.vectors, nodes.dims);
    let sections = [
        as_bytes(&header),
        as_bytes(&nodes.vectors),
        as_bytes(&routes.ground),
        as_bytes(&routes.upper_keys),
        as_bytes(&routes.upper_starts),
        as_bytes(&routes.upper_links),
        as_bytes(&routes.entry),
        as_bytes(&nodes.ordinals),
        as_bytes(&nodes.nodes),
        as_bytes(&starts),
        as_bytes(&members),
        as_bytes(&codes),
        as_bytes(&code_facts),
        as_bytes(&cells.centres),
        as_bytes(&cell_starts),
    ];
    Ok(write_sections(path, KIND, &sections)?)
}

/// A file of which every number that leads somewhere was checked, so that reading it can neither fail nor lead outside.
#[derive(Debug)]
pub(super) struct VectorFile {
    file: MappedFile,
    dims: usize,
    width: usize,
    /// By ordinal, or [`NO_NODE`]: a search asks for hundreds of products, and halving the list of ordinals would cost more than their vectors.
    nodes: Vec<u32>,
    /// Centres as bytes: there are few of them, and every question is compared with all.
    centre_codes: Vec<i8>,
    centre_facts: Vec<[f32; 2]>,
}

impl VectorFile {
    /// Maps and checks a file.
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let file = MappedFile::open(path, KIND)?;
        (0..file.sections_count()).filter(|section| !LEFT_UNREAD.contains(section)).try_for_each(|section| file.verify_section(section))?;
        let header = file.slice::<u32>(HEADER)?;
        let (&[dims, nodes_count, width, ordinals_count], true) = (header, file.sections_count() == SECTIONS) else {
            return Err(ModelError::inconsistent(path, "sections"));
        };
        let mut opened = Self {
            dims: dims as usize,
            width: width as usize,
            file,
            nodes: Vec::new(),
            centre_codes: Vec::new(),
            centre_facts: Vec::new(),
        };
        let (rows, members, routes, starts) =
            (opened.read_rows()?, opened.read_members()?, opened.read_routes()?, opened.read_cell_starts()?);
        let sizes_hold = (1..=DIMS_MAX).contains(&opened.dims)
            && rows.vectors.len() == nodes_count as usize * opened.dims
            && rows.codes.len() == rows.vectors.len()
            && rows.facts.len() == nodes_count as usize
            && routes.vectors.len().is_multiple_of(opened.dims)
            && routes.ground.len() == routes.count() * opened.width
            && members.ordinals.len() == ordinals_count as usize;
        if !sizes_hold {
            return Err(ModelError::inconsistent(path, "sizes of the arrays"));
        }
        let cells_hold = if routes.count() == 0 { starts == [0] } else { is_partition(starts, routes.count(), rows.count()) };
        if !cells_hold {
            return Err(ModelError::inconsistent(path, "starts of the cells"));
        }
        check_links(&routes).and_then(|()| check_members(&members, nodes_count)).map_err(|what| ModelError::inconsistent(path, what))?;
        let nodes = nodes_by_ordinal(&members);
        let (centre_codes, centre_facts) = coded(routes.vectors, opened.dims);
        (opened.nodes, opened.centre_codes, opened.centre_facts) = (nodes, centre_codes, centre_facts);
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

    /// The vectors.
    pub(super) fn rows(&self) -> Rows<'_> {
        read_before(self.read_rows())
    }

    /// The centres, by cell.
    pub(super) fn centres(&self) -> Rows<'_> {
        Rows { dims: self.dims, vectors: self.routes().vectors, codes: &self.centre_codes, facts: &self.centre_facts }
    }

    /// Which products have them.
    pub(super) fn members(&self) -> Members<'_> {
        read_before(self.read_members())
    }

    /// The graph of the centres.
    pub(super) fn routes(&self) -> View<'_> {
        read_before(self.read_routes())
    }

    /// Where the nodes of each cell begin; one more than cells.
    pub(super) fn cell_starts(&self) -> &[u32] {
        read_before(self.read_cell_starts())
    }

    fn read_rows(&self) -> Result<Rows<'_>, ModelError> {
        let (vectors, codes, facts) = (self.file.slice(VECTORS)?, self.file.slice(CODES)?, self.file.slice(CODE_FACTS)?);
        Ok(Rows { dims: self.dims, vectors, codes, facts })
    }

    fn read_cell_starts(&self) -> Result<&[u32], ModelError> {
        Ok(self.file.slice(CELL_STARTS)?)
    }

    fn read_routes(&self) -> Result<View<'_>, ModelError> {
        Ok(View {
            dims: self.dims,
            width: self.width,
            vectors: self.file.slice(CENTRES)?,
            ground: self.file.slice(GROUND)?,
            upper_keys: self.file.slice(UPPER_KEYS)?,
            upper_starts: self.file.slice(UPPER_STARTS)?,
            upper_links: self.file.slice(UPPER_LINKS)?,
            entry: self.file.slice(ENTRY)?,
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

/// A section that was read when the file was opened.
fn read_before<T>(read: Result<T, ModelError>) -> T {
    read.unwrap_or_else(|error| unreachable!("sections were read when the file was opened: {error}"))
}

fn nodes_by_ordinal(members: &Members<'_>) -> Vec<u32> {
    let mut nodes = vec![NO_NODE; members.ordinals.last().map_or(0, |last| *last as usize + 1)];
    members.ordinals.iter().zip(members.nodes).for_each(|(ordinal, node)| nodes[*ordinal as usize] = *node);
    nodes
}

fn check_links(routes: &View<'_>) -> Result<(), &'static str> {
    let count = routes.count() as u32;
    let outside = |link: u32| link >= count;
    if routes.ground.iter().any(|&link| link != NO_NODE && outside(link)) || routes.upper_links.iter().any(|&link| outside(link)) {
        return Err("a link leads outside");
    }
    if count > 0 && !is_partition(routes.upper_starts, routes.upper_keys.len(), routes.upper_links.len()) {
        return Err("starts of the upper lists");
    }
    if !routes.upper_keys.is_sorted_by(|a, b| a < b) {
        return Err("keys of the upper levels");
    }
    match routes.entry {
        [] if count == 0 => Ok(()),
        &[node, level] if !outside(node) && level <= LEVELS_MAX => Ok(()),
        _ => Err("entry"),
    }
}

fn check_members(members: &Members<'_>, nodes_count: u32) -> Result<(), &'static str> {
    let holds = members.ordinals.is_sorted_by(|a, b| a < b)
        && members.nodes.len() == members.ordinals.len()
        && members.members.len() == members.ordinals.len()
        && members.nodes.iter().all(|&node| node < nodes_count)
        && is_partition(members.starts, nodes_count as usize, members.members.len());
    if holds { Ok(()) } else { Err("ordinals and nodes") }
}

/// Whether `starts` cuts `len` elements into `parts` parts.
fn is_partition(starts: &[u32], parts: usize, len: usize) -> bool {
    starts.len() == parts + 1 && starts.is_sorted() && starts.first() == Some(&0) && starts.last().is_some_and(|&end| end as usize == len)
}
