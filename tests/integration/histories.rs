//! Files of history that are imported more than once:
//!
//! 1. what was taken is not taken again, what was refused is as soon as it can be, once;
//! 2. that holds across a restart, and where a file's second import is refused in part as well;
//! 3. what can no longer come in is told.

use shopkeeper::app::{self, Export, ExportQuery, ImportKind, Imported, OpenOptions, Rejects, Shop, Subject, Watcher};
use shopkeeper::catalog::formats::{ImportOptions, Meter};
use shopkeeper::catalog::tables::Layout;
use shopkeeper::config::Config;
use shopkeeper::id::ProductId;
use std::path::Path;

struct Nobody;

impl Watcher for Nobody {
    fn is_wanted(&self, _: &Meter) -> bool {
        true
    }

    fn sees(&mut self, _: &ProductId) {}
}

/// A shop in a folder that files are imported into; opened anew for each, as the command does.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn open(&self) -> Shop {
        Shop::open(self.path(), OpenOptions::offline(Config::default())).expect("opens")
    }

    /// Rows in all, taken, unchanged and refused, and what else was told.
    fn import(&self, text: &str, kind: ImportKind) -> ([u64; 4], Vec<String>) {
        let (shop, file) = (self.open(), self.path().join("rows.csv"));
        std::fs::write(&file, text).expect("writes");
        let mut rejects = Rejects::new(file.with_extension("rejects"));
        let imported = app::import(&shop, &file, kind, &ImportOptions::default(), &mut rejects, &mut Nobody).expect("is taken");
        shop.stop();
        let Imported { rows, taken, unchanged, remarks, .. } = imported;
        ([rows, taken, unchanged, rejects.finish().expect("is written").0], remarks)
    }

    fn put(&self, ids: &[&str]) {
        let rows: String = ids.iter().map(|id| format!("{id},Product {id},5\n")).collect();
        let ([_, taken, ..], _) = self.import(&format!("id,title,price\n{rows}"), ImportKind::Products);
        assert_eq!(taken, ids.len() as u64);
    }

    /// What the journal says that shoppers did, as lines.
    fn behaviour(&self) -> Vec<String> {
        let shop = self.open();
        let query =
            ExportQuery { subject: Subject::Events, layout: Layout::Ndjson, since: None, until: None, after: None, is_personal: false };
        let bytes = Export::prepare(shop.readers(), &query).expect("is fine").write(Vec::new(), &mut |_, _| {}).expect("is written");
        shop.stop();
        String::from_utf8(bytes).expect("text").lines().map(str::to_owned).collect()
    }
}

const EVENTS: &str = "event,product,time,session\n\
                      view,lamp,2026-01-05T10:00:00Z,s1\nview,desk,2026-01-05T10:01:00Z,s1\nview,desk,2026-01-05T10:02:00Z,s2\n\
                      view,lamp,2026-01-05T10:03:00Z,s2\nview,sofa,2026-01-05T10:04:00Z,s3\nview,lamp,someday,s3\n";

/// A file was imported before its products, and then again: its refused rows were taken for done, and stayed refused.
#[test]
fn rows_that_were_refused_are_taken_once_their_products_are_there() {
    let folder = Folder::new();
    folder.put(&["lamp"]);
    let import = || folder.import(EVENTS, ImportKind::Events);
    assert_eq!(import().0, [6, 2, 0, 4]);
    assert_eq!(import().0, [6, 0, 2, 4], "nothing has changed");
    folder.put(&["desk"]);
    let (counts, remarks) = import();
    assert_eq!(counts, [6, 2, 2, 2]);
    assert_eq!(remarks, ["2 rows of this file were read before", "4 that were refused then were tried again"]);
    folder.put(&["sofa"]);
    assert_eq!([import().0, import().0], [[6, 1, 4, 1], [6, 0, 5, 1]]);
    let behaviour = folder.behaviour();
    let seen = |product: &str| behaviour.iter().filter(|line| line.contains(&format!("\"{product}\""))).count();
    assert_eq!((behaviour.len(), seen("lamp"), seen("desk"), seen("sofa")), (5, 2, 2, 1), "{behaviour:#?}");
}

#[test]
fn a_long_file_is_taken_batch_by_batch_and_its_refused_rows_too() {
    let folder = Folder::new();
    folder.put(&["lamp"]);
    // Batches hold 2,000 events; two rows in three are refused, and the last ones all are.
    let product = |row: u32| if row < 9_000 && row.is_multiple_of(3) { "lamp" } else { "desk" };
    let row = |number: u32| format!("view,{},2026-01-05T10:00:{:02}Z,s{number}\n", product(number), number % 60);
    let text = format!("event,product,time,session\n{}", (0..12_000).map(row).collect::<String>());
    let import = || folder.import(&text, ImportKind::Events).0;
    assert_eq!([import(), import()], [[12_000, 3_000, 0, 9_000], [12_000, 0, 3_000, 9_000]]);
    folder.put(&["desk"]);
    assert_eq!([import(), import()], [[12_000, 9_000, 3_000, 0], [12_000, 0, 12_000, 0]]);
    assert_eq!(folder.behaviour().len(), 12_000);
}

#[test]
fn orders_that_were_refused_come_in_and_lines_that_were_left_out_are_told_of() {
    const ORDERS: &str = "order_id,sku,quantity,date,price\n\
                          o1,lamp,1,2026-01-05 10:00:00,5\no2,desk,2,2026-01-05 11:00:00,5\no3,lamp,1,2026-01-05 12:00:00,5\no3,desk,1,2026-01-05 12:00:00,5\n";
    let folder = Folder::new();
    folder.put(&["lamp"]);
    let import = || folder.import(ORDERS, ImportKind::Orders { creates_products: false });
    let (counts, remarks) = import();
    assert_eq!(counts, [3, 2, 0, 2]);
    let incomplete = "1 orders were taken without lines of unknown products: these lines do not come in any more";
    assert_eq!(remarks, [incomplete]);
    folder.put(&["desk"]);
    let (counts, remarks) = import();
    assert_eq!(counts, [3, 1, 2, 0]);
    assert_eq!(remarks[2], incomplete);
    assert_eq!(import().0, [3, 0, 3, 0]);
}

#[test]
fn products_that_orders_name_are_called_as_most_priced_lines_call_them() {
    let line = |order: usize, title: &str, price: &str| format!("o{order},22423,{title},1,2026-01-05 10:00:00,{price}\n");
    let first = format!("order_id,sku,title,quantity,date,price\n{}", line(0, "mailout", ""));
    let others: String = (1..1_200).map(|order| line(order, if order == 1 { "Cake stnd" } else { "Cake stand" }, "12.75")).collect();
    let folder = Folder::new();
    let (counts, remarks) = folder.import(&format!("{first}{others}"), ImportKind::Orders { creates_products: true });
    assert_eq!((counts, remarks.len()), ([1_200, 1_200, 0, 0], 1), "{remarks:?}");
    let shop = folder.open();
    let catalog = shop.readers().catalog();
    let named = ProductId::new("22423").ok().and_then(|id| catalog.product(catalog.ordinal_of(&id)?)).expect("was made");
    assert_eq!((named.title.as_str(), named.variants[0].offers[0].price.to_string().as_str()), ("Cake stand", "12.75 USD"));
    shop.stop();
}
