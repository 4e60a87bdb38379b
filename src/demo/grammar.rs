//! What the sample shop's products are made of: departments and categories with their brands, words and sentences, read from the TOML
//! files in `src/demo/grammar/`, which people can read and extend.

use serde::Deserialize;
use std::collections::BTreeMap;

const FILES: [&str; 9] = [
    include_str!("grammar/electronics.toml"),
    include_str!("grammar/computing.toml"),
    include_str!("grammar/outdoor.toml"),
    include_str!("grammar/kitchen.toml"),
    include_str!("grammar/home.toml"),
    include_str!("grammar/fashion.toml"),
    include_str!("grammar/garden.toml"),
    include_str!("grammar/family.toml"),
    include_str!("grammar/care.toml"),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SharedFile {
    remarks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DepartmentFile {
    department: String,
    /// Begins every SKU of the department.
    code: String,
    /// `Name:1.2`, the price position after the colon.
    brands: Vec<String>,
    series: Vec<String>,
    closings: Vec<String>,
    category: Vec<CategoryFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CategoryFile {
    key: String,
    /// Below the department, as in `Audio > Headphones`.
    path: String,
    nouns: Vec<String>,
    /// Lowest and highest usual price, in whole units of the currency.
    price: [i64; 2],
    titles: Vec<String>,
    openings: Vec<String>,
    details: Vec<String>,
    attributes: BTreeMap<String, Vec<Pick>>,
    #[serde(default)]
    words: BTreeMap<String, Vec<String>>,
    /// The attribute whose larger values cost more.
    #[serde(default)]
    scale: Option<String>,
    #[serde(default)]
    colours: Vec<String>,
    #[serde(default)]
    sizes: Vec<String>,
    /// `key:0.3`: how often a buyer takes one of that category along.
    #[serde(default)]
    goes_with: Vec<String>,
    /// The month of most demand.
    #[serde(default)]
    season: Option<u8>,
    /// Whether people buy the same one again and again.
    #[serde(default)]
    usual: bool,
    #[serde(default = "one")]
    share: f64,
}

fn one() -> f64 {
    1.0
}

/// A value that an attribute can take.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Pick {
    Flag(bool),
    Number(f64),
    Text(String),
}

/// An invented brand.
#[derive(Debug)]
pub(super) struct Brand {
    pub(super) name: String,
    /// What its products cost against the usual, 1 being usual.
    pub(super) position: f64,
}

#[derive(Debug)]
pub(super) struct Department {
    pub(super) code: String,
    pub(super) brands: Vec<Brand>,
    pub(super) series: Vec<String>,
    pub(super) closings: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Category {
    pub(super) department: usize,
    pub(super) path: Vec<String>,
    pub(super) nouns: Vec<String>,
    pub(super) price: [i64; 2],
    pub(super) titles: Vec<String>,
    pub(super) openings: Vec<String>,
    pub(super) details: Vec<String>,
    pub(super) attributes: BTreeMap<String, Vec<Pick>>,
    pub(super) words: BTreeMap<String, Vec<String>>,
    pub(super) scale: Option<String>,
    pub(super) colours: Vec<String>,
    pub(super) sizes: Vec<String>,
    /// Complements by index, and how often they are taken along.
    pub(super) goes_with: Vec<(usize, f64)>,
    pub(super) season: Option<u8>,
    pub(super) usual: bool,
    pub(super) share: f64,
}

/// All departments and categories.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) departments: Vec<Department>,
    pub(super) categories: Vec<Category>,
    /// Sentences that fit any product.
    pub(super) remarks: Vec<String>,
}

impl Grammar {
    /// The grammar that this program carries.
    pub(super) fn read() -> Self {
        let files: Vec<DepartmentFile> =
            FILES.iter().map(|text| toml::from_str(text).expect("the grammar files are checked by a test")).collect();
        let keys: Vec<String> = files.iter().flat_map(|file| file.category.iter().map(|category| category.key.clone())).collect();
        let index_of = |key: &str| keys.iter().position(|known| known == key).unwrap_or_else(|| panic!("no category {key}"));
        let (mut departments, mut categories) = (Vec::new(), Vec::new());
        for (department, file) in files.into_iter().enumerate() {
            let name = file.department;
            let brands = file.brands.iter().map(|text| weighted(text)).map(|(name, position)| Brand { name: name.to_owned(), position });
            departments.push(Department { code: file.code, brands: brands.collect(), series: file.series, closings: file.closings });
            categories.extend(file.category.into_iter().map(|category| {
                let goes_with = category.goes_with.iter().map(|text| weighted(text)).map(|(key, often)| (index_of(key), often)).collect();
                of_file(category, department, &name, goes_with)
            }));
        }
        let shared: SharedFile = toml::from_str(include_str!("grammar/shared.toml")).expect("the grammar files are checked by a test");
        Self { departments, categories, remarks: shared.remarks }
    }
}

fn of_file(file: CategoryFile, department: usize, name: &str, goes_with: Vec<(usize, f64)>) -> Category {
    let below = file.path.split(" > ").map(str::to_owned);
    Category {
        department,
        path: std::iter::once(name.to_owned()).chain(below).collect(),
        nouns: file.nouns,
        price: file.price,
        titles: file.titles,
        openings: file.openings,
        details: file.details,
        attributes: file.attributes,
        words: file.words,
        scale: file.scale,
        colours: file.colours,
        sizes: file.sizes,
        goes_with,
        season: file.season,
        usual: file.usual,
        share: file.share,
    }
}

/// `name:0.5` as name and number.
fn weighted(text: &str) -> (&str, f64) {
    let (name, number) = text.rsplit_once(':').unwrap_or((text, "1"));
    (name, number.parse().unwrap_or(1.0))
}
