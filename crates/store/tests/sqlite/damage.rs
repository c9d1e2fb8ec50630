//! Damage is found and named.

use rusqlite::Connection;
use selektable_domain::opaque::{CartToken, EventId};
use selektable_domain::order::Source;
use selektable_domain::order::platform::{OrderNote, PlatformPart, Token, TokenKind};
use selektable_store::ingest::{Event, EventKind};
use selektable_store::platforms::NoteDelivery;
use selektable_store::{Access, StoreError, open};

use crate::embedded_worlds;
use crate::world::{World, an_order, at, new_id, order_id};

/// Changes the file behind the engine's back.
fn damage(world: &World, sql: &str) {
    let connection = Connection::open(world.folder.path().join("selektable.db")).unwrap();
    assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
}

async fn faults(world: &World) -> Vec<String> {
    world.store.verify(Box::new(|_, _| {})).await.unwrap().faults
}

#[tokio::test]
async fn one_flipped_bit_in_a_fact_is_found() {
    for world in embedded_worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(an_order("1")).await;
        assert_eq!(faults(&world).await, Vec::<String>::new());
        // `0` is 0x30, `1` is 0x31.
        let flip = "UPDATE facts SET body = replace(body, '\"total\":10000,\"refunded\":0', \
                    '\"total\":10000,\"refunded\":1') WHERE kind = 'order'";
        damage(&world, flip);
        assert_eq!(faults(&world).await, ["fact 2 has not the content it came with"]);
        let report = world.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
        let words = "row 2 of conversions: column refunded_minor is 0, the facts give 1";
        assert_eq!(report.first_difference.as_deref(), Some(words));
    }
}

#[tokio::test]
async fn a_changed_a_missing_and_an_invented_derived_row_are_told_apart() {
    for world in embedded_worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(an_order("1")).await;
        let check = async || {
            let report = world.store.recompute_check(Box::new(|_, _| {})).await.unwrap();
            report.first_difference.unwrap_or_default()
        };
        damage(&world, "UPDATE conversions SET total_minor = 7");
        assert_eq!(check().await, "row 2 of conversions: column total_minor is 7, the facts give 10000");
        damage(&world, "DELETE FROM ordered_products");
        assert_eq!(check().await, "row 2 of conversions: column total_minor is 7, the facts give 10000");
        damage(&world, "INSERT INTO visitors VALUES (1, 'ghost', 1, 0)");
        assert_eq!(check().await, "row 1, `ghost` of visitors is stored, and no fact gives it");
        let report = world.store.recompute(Box::new(|_, _| {})).await.unwrap();
        assert_eq!(report.differences, 3);
        world.check().await;
        assert_eq!(faults(&world).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn rows_without_the_facts_they_come_from_are_found() {
    for world in embedded_worlds().await {
        world.show("viz", "v", &["p"], at(-1.0)).await;
        world.send(an_order("1")).await;
        damage(&world, "UPDATE conversions SET number = 77");
        let found = faults(&world).await;
        assert!(found.contains(&"conversion 77 has not the fact it names".to_owned()), "{found:?}");
        assert!(found.iter().any(|fault| fault.starts_with("a credit of conversion 2")), "{found:?}");
        assert!(found.iter().any(|fault| fault.starts_with("delivery 1")), "{found:?}");
        damage(&world, "DELETE FROM visualizations");
        let found = faults(&world).await;
        assert!(found.contains(&"fact 1 is a visualization, and there is none".to_owned()), "{found:?}");
    }
}

#[tokio::test]
async fn a_row_that_is_nonsense_fails_its_reader_and_nobody_else() {
    for world in embedded_worlds().await {
        world.send(an_order("1")).await;
        world.send(an_order("2")).await;
        damage(&world, "UPDATE conversions SET status = 'eaten' WHERE order_id = '1'");
        let fault = world.store.conversion(world.tenant, crate::world::order_id("1")).await.unwrap_err();
        assert!(matches!(&fault, StoreError::Inconsistent { table: "conversions", row, .. } if row == "1"));
        assert!(fault.to_string().contains("`eaten`"), "{fault}");
        // Orders that share its transaction are taken in all the same.
        let (bad, good) = (world.delivery(an_order("1")), world.delivery(an_order("3")));
        let writes = [vec![bad], vec![good]].map(|delivery| {
            let store = world.store.clone();
            tokio::spawn(async move { store.ingest_orders(delivery).await })
        });
        let [bad, good] = writes;
        assert!(matches!(bad.await.unwrap(), Err(StoreError::Inconsistent { .. })));
        assert_eq!(good.await.unwrap().unwrap().len(), 1);
    }
}

#[test]
fn a_file_that_is_no_database_and_a_folder_that_is_none_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("selektable.db");
    std::fs::write(&path, "not a database, and long enough to have a header of one hundred bytes, or so they say......................").unwrap();
    let address = format!("sqlite:{}", path.display());
    assert!(matches!(open(&address, Access::Serve), Err(StoreError::Unavailable(_))));
    assert!(matches!(open(&address, Access::Inspect), Err(StoreError::Unavailable(_))));
    let inside_a_file = format!("sqlite:{}", path.join("x").join("selektable.db").display());
    assert!(matches!(open(&inside_a_file, Access::Serve), Err(StoreError::Unavailable(_))));
    for address in ["", "sqlite:", "postgres://[", "mysql://x", "/a/file"] {
        assert!(matches!(open(address, Access::Serve), Err(StoreError::Address(_))), "{address}");
    }
}

/// Columns of a table with a value of its only row, or of its first one.
fn columns(world: &World, table: &str) -> Vec<String> {
    let connection = Connection::open(world.folder.path().join("selektable.db")).unwrap();
    let mut statement =
        connection.prepare(&format!("SELECT name FROM pragma_table_info('{table}')")).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    let is_there = |name: &String| {
        let sql = format!("SELECT {name} IS NOT NULL FROM {table} LIMIT 1");
        connection.query_row(&sql, [], |row| row.get::<_, bool>(0)).unwrap()
    };
    names.into_iter().filter(is_there).collect()
}

/// Flips one bit of a column of the first row; keys of other rows don't matter here.
fn flip(world: &World, table: &str, column: &str) {
    let connection = Connection::open(world.folder.path().join("selektable.db")).unwrap();
    let sql = format!("SELECT {column} FROM {table} LIMIT 1");
    let was: rusqlite::types::Value = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
    let is = match was {
        rusqlite::types::Value::Integer(number) => rusqlite::types::Value::Integer(number ^ 64),
        rusqlite::types::Value::Text(text) => {
            let mut bytes = text.into_bytes();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            rusqlite::types::Value::Text(String::from_utf8(bytes).unwrap())
        }
        rusqlite::types::Value::Blob(mut bytes) => {
            bytes[7] ^= 1;
            rusqlite::types::Value::Blob(bytes)
        }
        other => other,
    };
    let sql = format!("PRAGMA foreign_keys = OFF; UPDATE {table} SET {column} = ?1 WHERE {column} = ?2");
    let (pragma, update) = sql.split_once("; ").unwrap();
    connection.execute_batch(pragma).unwrap();
    let sql = format!("SELECT {column} FROM {table} LIMIT 1");
    let was: rusqlite::types::Value = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
    assert!(connection.execute(update, [&is, &was]).unwrap() > 0, "{table}.{column}");
}

async fn a_little_of_everything() -> World {
    let world = embedded_worlds().await.remove(0);
    world.show("viz", "v", &["p"], at(-1.0)).await;
    world.identify("v", "ann", at(-2.0)).await;
    world.see("v", at(-2.5)).await;
    world.see("x", at(-2.5)).await;
    world
        .send(selektable_domain::order::Order {
            label: Some("order".to_owned()),
            updated_at: Some(at(0.1)),
            user: selektable_domain::opaque::UserId::parse("ann").ok(),
            ..an_order("1")
        })
        .await;
    let cart = || Token { kind: TokenKind::Cart, text: CartToken::parse("a-cart").unwrap() };
    let kind = EventKind::Claim { tokens: vec![cart()] };
    let event = Event { id: EventId::parse("claim").unwrap(), at: at(-0.5), kind };
    world.store.record_events(world.events("v", vec![event])).await.unwrap();
    let part = PlatformPart { tokens: vec![cart()], ..PlatformPart::default() };
    let (visitor, session) = (None, None);
    let sold = selektable_domain::order::Order {
        source: Source::Shopify,
        platform: Some(Box::new(part)),
        visitor,
        session,
        ..an_order("sold")
    };
    world.send(sold).await;
    let note = NoteDelivery {
        tenant: world.tenant,
        id: new_id(),
        conversion: new_id(),
        request_id: "request".to_owned(),
        received_at: at(0.6),
        source: Source::Shopify,
        topic: Some("orders/delete".to_owned()),
        order: order_id("awaited"),
        note: OrderNote::Deleted,
    };
    world.store.take_note(note).await.unwrap();
    world
}

#[tokio::test]
async fn one_flipped_bit_in_any_column_is_found() {
    let tables = [
        "facts",
        "seen_facts",
        "visitors",
        "identity_links",
        "visualizations",
        "shown_products",
        "conversions",
        "ordered_products",
        "decisions",
        "credits",
        "ledger",
        "awaited_orders",
        "claims",
        "order_tokens",
    ];
    let names: Vec<Vec<String>> = {
        let world = a_little_of_everything().await;
        tables.iter().map(|table| columns(&world, table)).collect()
    };
    for (table, names) in tables.iter().zip(names) {
        for column in names {
            let world = a_little_of_everything().await;
            flip(&world, table, &column);
            let report = world.store.recompute_check(Box::new(|_, _| {})).await;
            let differs = report.map_or(true, |report| report.differences > 0);
            assert!(differs || !faults(&world).await.is_empty(), "{table}.{column}");
        }
    }
}

#[tokio::test]
async fn a_decision_and_a_share_that_are_not_as_they_were_written_are_found_without_deciding_again() {
    let flips = [
        ("decisions", "attributed_minor"),
        ("decisions", "lag_any_ms"),
        ("decisions", "evidence"),
        ("decisions", "seal"),
        ("decisions", "reason"),
        ("credits", "weight"),
        ("credits", "occurred_at"),
        ("credits", "widget"),
        ("ledger", "known_at"),
        ("ledger", "currency"),
        ("ledger", "credits"),
    ];
    for (table, column) in flips {
        let world = a_little_of_everything().await;
        assert_eq!(faults(&world).await, Vec::<String>::new());
        flip(&world, table, column);
        assert!(!faults(&world).await.is_empty(), "{table}.{column}");
    }
}
