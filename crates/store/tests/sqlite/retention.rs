//! A file of before, whose events stand among all other facts.

use std::io::Write;
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use selektable_domain::order::Order;
use selektable_store::{Access, open};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, visitor};

/// Turns a file of today into one of version 6.
pub(crate) fn back_to_version_six(file: &Connection) {
    file.execute_batch(
        "INSERT INTO facts (store, kind, key, received_at, body, digest) \
         SELECT store, 'event', key, received_at, body, digest FROM seen_facts; \
         CREATE TABLE known (store INTEGER NOT NULL, visitor TEXT NOT NULL, first_seen INTEGER NOT NULL, \
         PRIMARY KEY (store, visitor)) STRICT, WITHOUT ROWID; \
         INSERT INTO known SELECT store, visitor, 5 FROM visitors; \
         DROP TABLE visitors; ALTER TABLE known RENAME TO visitors; \
         DROP TABLE seen_facts; DROP TABLE roll_offs; DROP TABLE roll_off_runs; \
         ALTER TABLE stores DROP COLUMN keep_events_days; PRAGMA user_version = 6",
    )
    .unwrap();
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn dump(world: &World) -> String {
    let kept = Kept::default();
    world.store.dump_canonical(Box::new(kept.clone())).await.unwrap();
    let bytes = kept.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn events_of_a_file_of_version_six_stand_apart_after_the_migration_and_nothing_else_changed() {
    for world in embedded_worlds().await {
        world.see("only-seen", at(-2.0)).await;
        world.see("v", at(-2.0)).await;
        world.see("who says, \"name\":\"x\"", at(-2.0)).await;
        world.identify("logged-in", "ann", at(-2.0)).await;
        world.identify("strange", ",\"name\":\"bob", at(-2.0)).await;
        world.show("viz", "v", &["p"], at(-1.0)).await;
        for (id, who) in [("1", "v"), ("2", "only-seen"), ("3", "nobody")] {
            world.send(Order { visitor: Some(visitor(who)), ..an_order(id) }).await;
        }
        let before = dump(&world).await;
        world.store.close().await.unwrap();
        let path = world.folder.path().join("selektable.db");
        back_to_version_six(&Connection::open(&path).unwrap());
        let again = open(&format!("sqlite:{}", path.display()), Access::Serve).unwrap();
        let world = World { store: again, ..world };
        assert_eq!(dump(&world).await, before);
        world.check().await;
        assert_eq!(world.store.verify(Box::new(|_, _| {})).await.unwrap().faults, Vec::<String>::new());
        let file = Connection::open(&path).unwrap();
        let count = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM seen_facts WHERE month = 202611"), 3);
        assert_eq!(count("SELECT count(*) FROM facts WHERE kind = 'event'"), 2);
    }
}
