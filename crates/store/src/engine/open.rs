//! Putting the engine together on a database.

use super::builder::{self, Builder, Waker};
use super::cache::Cache;
use super::database::Database;
use super::figures::sheets::Keeper;
use super::interface::Engine;
use super::readers::Readers;
use super::writer::{Writer, WriterParts};
use crate::{Access, StoreResult};

/// Opens the engine on the database of an address.
pub(super) fn engine(address: &str, access: Access) -> StoreResult<Engine> {
    let database = Database::parse(address)?;
    let cache = Cache::default();
    let (wake, woken) = builder::waker();
    let (writer, builder, keeper) = match access {
        Access::Serve => {
            let writer = writer(&database, access, &cache, &wake)?;
            let builder = Builder::start(database.clone(), writer.handle(), (wake, woken))?;
            let keeper = Keeper::start(database.clone(), writer.handle())?;
            (Some(writer), Some(builder), Some(keeper))
        }
        Access::Administer => (Some(writer(&database, access, &cache, &wake)?), None, None),
        Access::Inspect => {
            database.inspect()?;
            (None, None, None)
        }
    };
    Ok(Engine { builder, keeper, writer, readers: Readers::new(database), cache })
}

fn writer(database: &Database, access: Access, cache: &Cache, builder: &Waker) -> StoreResult<Writer> {
    let (connection, serving) = database.writing(access)?;
    let (cache, builder) = (cache.clone(), builder.clone());
    let on_settings_changed = Box::new(move || {
        cache.clear();
        builder.wake();
    });
    Writer::start(WriterParts { connection, database: database.clone(), serving, on_settings_changed })
}
