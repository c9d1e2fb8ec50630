//! What was erased is not in the files any more, byte for byte.

use rusqlite::Connection;
use selektable_domain::identity::Person;
use selektable_domain::order::{Order, OrderStatus};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, session, user, visitor};

/// Ann's ids, each of which stands nowhere else.
const VISITOR: &str = "browser-of-the-erased";
const USER: &str = "customer-to-be-erased";
const SESSION: &str = "s-of-browser-of-the-erased";

/// Where in the database's files a text stands.
fn traces(world: &World, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for (place, _) in bytes.windows(text.len()).enumerate().filter(|(_, part)| *part == text.as_bytes()) {
            found.push(format!("{} at {place}", path.file_name().unwrap().display()));
        }
    }
    found
}

fn all_traces(world: &World) -> Vec<String> {
    [VISITOR, USER, SESSION].iter().flat_map(|id| traces(world, id)).collect()
}

/// A crowd, and Ann in the middle of it, so that pages split with her ids on them.
async fn a_crowd(world: &World) {
    for number in 0..120 {
        let ann = number % 5 == 0;
        let name = if ann { VISITOR.to_owned() } else { format!("browser-{number}") };
        let who = if ann { USER.to_owned() } else { format!("customer-{number}") };
        let hours = -100.0 + f64::from(number) / 2.0;
        world.show(&format!("viz-{number}"), &name, &["p"], at(hours)).await;
        let identify = crate::world::identify_event(&format!("event-{number}"), &who, at(hours + 0.1));
        world.store.record_events(world.events(&name, vec![identify])).await.unwrap();
        for status in [OrderStatus::Pending, OrderStatus::Completed] {
            let order = Order {
                visitor: Some(visitor(&name)),
                session: Some(session(&format!("s-of-{name}"))),
                user: Some(user(&who)),
                created_at: at(hours + 0.2),
                status,
                ..an_order(&format!("order-{number}"))
            };
            world.send(order).await;
        }
    }
}

#[tokio::test]
async fn no_byte_of_the_ids_is_left_in_the_files() {
    for world in embedded_worlds().await {
        a_crowd(&world).await;
        assert!(all_traces(&world).len() > 100);
        world.erase(Person::User(user(USER))).await;
        assert_eq!(all_traces(&world), Vec::<String>::new());
        world.check().await;
        world.store.close().await.unwrap();
        assert_eq!(all_traces(&world), Vec::<String>::new());
    }
}

#[tokio::test]
async fn free_pages_are_overwritten_too() {
    for world in embedded_worlds().await {
        a_crowd(&world).await;
        // What a large deletion leaves behind: pages that belong to nothing, with their content.
        let beside = Connection::open(world.folder.path().join("selektable.db")).unwrap();
        beside.execute_batch("CREATE TABLE copied AS SELECT * FROM facts; DROP TABLE copied").unwrap();
        let free: i64 = beside.pragma_query_value(None, "freelist_count", |row| row.get(0)).unwrap();
        assert!(free > 10, "{free}");
        drop(beside);
        world.erase(Person::User(user(USER))).await;
        assert_eq!(all_traces(&world), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_reader_holds_the_log_up_only_until_a_later_write() {
    for world in embedded_worlds().await {
        a_crowd(&world).await;
        let reader = Connection::open(world.folder.path().join("selektable.db")).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        let _: i64 = reader.query_row("SELECT count(*) FROM facts", [], |row| row.get(0)).unwrap();
        world.erase(Person::User(user(USER))).await;
        assert!(!all_traces(&world).is_empty(), "the reader still sees what was there");
        reader.execute_batch("COMMIT").unwrap();
        world.store.ready().await.unwrap();
        assert_eq!(all_traces(&world), Vec::<String>::new());
    }
}
