//! Which engine stands behind the servers: the embedded one, or PostgreSQL where `SELEKTABLE_TEST_ENGINE=postgres` asks
//! for it. A data folder stands for one database on either.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use selektable_testbed::{Database, Session};

use super::program;

/// Where a folder's data stand instead.
enum Place {
    Made(Database),
    Given(String),
}

/// The databases of the folders in use, where they do not stand in the folders themselves.
static PLACES: Mutex<BTreeMap<PathBuf, Place>> = Mutex::new(BTreeMap::new());

/// Whether the tests run on PostgreSQL.
pub fn on_postgres() -> bool {
    match std::env::var("SELEKTABLE_TEST_ENGINE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("SELEKTABLE_TEST_ENGINE is {other:?}, neither sqlite nor postgres"),
    }
}

/// The address of a folder's database; makes an empty one where the folder has none.
pub fn address_of(data: &Path) -> String {
    let mut places = PLACES.lock().unwrap();
    if !places.contains_key(data) && !on_postgres() {
        return format!("sqlite:{}", data.join("selektable.db").display());
    }
    match places.entry(data.to_owned()).or_insert_with(|| Place::Made(selektable_testbed::database())) {
        Place::Made(database) => database.address(),
        Place::Given(address) => address.clone(),
    }
}

/// Says which database a folder stands for.
pub fn place(data: &Path, address: &str) {
    PLACES.lock().unwrap().insert(data.to_owned(), Place::Given(address.to_owned()));
}

/// Drops what was made for a folder.
pub fn forget(data: &Path) {
    let place = PLACES.lock().unwrap().remove(data);
    drop(place);
}

/// The program on a folder and its database.
pub fn program_on(data: &Path) -> Command {
    let mut command = program();
    command.env("SELEKTABLE_DATA_DIR", data).env("SELEKTABLE_DATABASE", address_of(data));
    command
}

/// Whether a text stands anywhere in a folder's database, also as a part of a value.
pub fn stands_in(data: &Path, text: &str) -> bool {
    if let Some(Place::Made(database)) = PLACES.lock().unwrap().get(data) {
        return stands_in_tables(&mut database.session(), text);
    }
    ["selektable.db", "selektable.db-wal"].iter().any(|name| {
        let bytes = std::fs::read(data.join(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}

fn stands_in_tables(session: &mut Session, text: &str) -> bool {
    let hex = text.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let tables = session.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").unwrap();
    assert!(!tables.is_empty(), "the database is empty");
    tables.into_iter().flatten().flatten().any(|table| {
        let found =
            format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{text}%' OR t::text LIKE '%{hex}%'");
        session.value(&found).unwrap() != "0"
    })
}
