//! Product ids that are one product: the alias table, what it changes, and what is told of products.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::{Answer, Shop};

const CSV: (&str, &str) = ("Content-Type", "text/csv; charset=utf-8");

fn ok(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    &answer.json
}

fn rows(shop: &mut Shop, rest: &str) -> Vec<Value> {
    ok(&shop.get(rest))["data"].as_array().expect("rows").clone()
}

fn faults(answer: &Answer) -> Vec<(String, String)> {
    let told = |fault: &Value| {
        (fault["pointer"].as_str().unwrap().to_owned(), fault["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(answer.status, 422, "{}", answer.text());
    answer.json["errors"].as_array().unwrap().iter().map(told).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn an_alias_makes_the_orders_direct_that_a_near_miss_told_of_and_taking_it_out_undoes_that() {
    let mut shop = Shop::open();
    let missed = rows(&mut shop, "near-misses");
    let miss = missed
        .iter()
        .find(|miss| miss["orderedProductId"] == "table" && miss["visualizedProductId"] == "lamp")
        .expect("the order for a table");
    assert_eq!((&miss["conversions"], &miss["exampleOrderId"]), (&json!(1), &json!("a-2")));
    assert_eq!(miss["revenue"], json!([{ "currency": "EUR", "netCents": 20_000 }]));

    let set = shop.put("aliases", &json!({ "aliases": [{ "variantId": "table", "productId": "lamp" }] }));
    assert_eq!(ok(&set), &json!({ "changed": 1, "redecided": 1, "queued": 0 }));
    let decision = shop.decision("a-2");
    assert_eq!((&decision["type"], &decision["attributedCents"]), (&json!("direct"), &json!(20_000)));
    assert_eq!(
        decision["detail"],
        "1 day before the order, the same person visualized product lamp, and bought a variant of the same product."
    );
    assert_eq!(rows(&mut shop, "near-misses"), Vec::<Value>::new());
    let again = shop.put("aliases", &json!({ "aliases": [{ "variantId": "table", "productId": "lamp" }] }));
    assert_eq!(ok(&again), &json!({ "changed": 0, "redecided": 0, "queued": 0 }));

    let removed = shop.ask("DELETE", "aliases/table", &[], b"");
    assert_eq!(ok(&removed), &json!({ "changed": 1, "redecided": 1, "queued": 0 }));
    assert_eq!(shop.decision("a-2")["type"], "assisted");
    let nothing = shop.ask("DELETE", "aliases/table", &[], b"");
    assert_eq!(ok(&nothing), &json!({ "changed": 0, "redecided": 0, "queued": 0 }));
    assert_eq!(shop.ask("DELETE", "aliases/%00", &[], b"").status, 404);
}

#[test]
fn the_alias_table_is_read_in_pages_and_as_csv_that_can_be_sent_back() {
    let mut shop = Shop::open();
    let lines: Vec<Value> = ["a", "b", "c", "=d"]
        .iter()
        .map(|variant| json!({ "variantId": variant, "productId": "sofa" }))
        .chain([json!({ "variantId": "own", "productId": null })])
        .collect();
    assert_eq!(ok(&shop.put("aliases", &json!({ "aliases": lines })))["changed"], 5);
    let (mut seen, mut query) = (Vec::new(), "aliases?limit=2".to_owned());
    loop {
        let answer = shop.get(&query);
        let page = ok(&answer)["data"].as_array().unwrap().clone();
        assert!(page.len() <= 2);
        seen.extend(page.into_iter().map(|row| row["variantId"].as_str().unwrap().to_owned()));
        let Some(next) = answer.json["nextCursor"].as_str() else { break };
        query = format!("aliases?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["=d", "a", "b", "c", "own"]);
    let table = shop.csv("aliases");
    assert_eq!(
        table,
        [
            "variantId,productId,origin",
            "'=d,sofa,table",
            "a,sofa,table",
            "b,sofa,table",
            "c,sofa,table",
            "own,,table"
        ]
    );
    let back = shop.ask("PUT", "aliases", &[CSV], table.join("\n").as_bytes());
    assert_eq!(ok(&back)["changed"], 0, "what was exported says the same");
    for query in ["aliases?cursor=AAAA", "aliases?limit=0"] {
        assert_eq!(shop.get(query).status, 422, "{query}");
    }
}

#[test]
fn what_facts_carry_is_listed_and_the_table_overrules_it() {
    let mut shop = Shop::open();
    shop.order(&json!({
        "orderId": "v-1", "visitorId": "ann", "sessionId": "ann", "orderCreatedAt": "2026-01-14T10:00:00Z",
        "items": [{ "productId": "sofa", "variantId": "sofa-red", "quantity": 1, "priceCents": 100, "totalCents": 100 }],
    }));
    let row = |shop: &mut Shop| rows(shop, "aliases").into_iter().find(|row| row["variantId"] == "sofa-red");
    let carried = json!({ "variantId": "sofa-red", "productId": "sofa", "origin": "carried" });
    assert_eq!(row(&mut shop), Some(carried));
    ok(&shop.put("aliases", &json!({ "aliases": [{ "variantId": "sofa-red", "productId": null }] })));
    let own = json!({ "variantId": "sofa-red", "productId": null, "origin": "table" });
    assert_eq!(row(&mut shop), Some(own));
}

#[test]
fn products_are_told_under_the_name_of_their_group() {
    let mut shop = Shop::open();
    ok(&shop.put("aliases", &json!({ "aliases": [{ "variantId": "table", "productId": "lamp" }] })));
    let found = rows(&mut shop, "products");
    let of = |id: &str| found.iter().find(|row| row["productId"] == id).unwrap_or(&Value::Null);
    assert_eq!(
        of("lamp"),
        &json!({
            "productId": "lamp", "visualizations": 1, "ordered": 1, "orderedAfterVisualization": 1,
            "revenue": [{ "currency": "EUR", "linesCents": 20_000, "visualizedCents": 20_000 }],
        })
    );
    assert_eq!(
        of("sofa"),
        &json!({
            "productId": "sofa", "visualizations": 1, "ordered": 2, "orderedAfterVisualization": 1,
            "revenue": [{ "currency": "EUR", "linesCents": 81_000, "visualizedCents": 80_000 }],
        })
    );
    assert_eq!(of("table"), &Value::Null, "it is a variant now");
    let table = shop.csv("products?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
    assert_eq!(
        table[0],
        "productId,visualizations,ordered,orderedAfterVisualization,currency,linesCents,visualizedCents"
    );
    assert!(table.contains(&"lamp,1,1,1,EUR,20000,20000".to_owned()), "{table:#?}");
    let none = shop.get("products?from=2025-01-01T00:00:00Z&to=2025-02-01T00:00:00Z");
    assert_eq!(ok(&none), &json!({ "data": [], "nextCursor": null }));
    assert_eq!(
        shop.csv("near-misses")[0],
        "orderedProductId,visualizedProductId,conversions,exampleOrderId,currency,netCents"
    );
}

#[test]
fn a_wrong_table_changes_nothing_and_every_fault_is_told_with_its_place() {
    let mut shop = Shop::open();
    let answer = shop.put(
        "aliases",
        &json!({ "aliases": [
            { "variantId": "table", "productId": "lamp" }, { "variantId": "x", "productId": "x" },
            { "variantId": "undefined" }, "line", { "productId": 1.5 }, { "variantId": "table", "productId": null },
        ] }),
    );
    let expected = [
        ("/aliases/1/productId", "variant_of_itself"),
        ("/aliases/2/variantId", "placeholder_identifier"),
        ("/aliases/3", "wrong_type"),
        ("/aliases/4/variantId", "missing"),
        ("/aliases/4/productId", "not_an_integer"),
    ];
    assert_eq!(faults(&answer), pairs(&expected));
    let twice = json!({ "aliases": [{ "variantId": "x" }, { "variantId": "x", "productId": "y" }] });
    assert_eq!(faults(&shop.put("aliases", &twice)), pairs(&[("/aliases/1/variantId", "duplicate_variant")]));
    let many: Vec<Value> = (0..=10_000).map(|number| json!({ "variantId": format!("v{number}") })).collect();
    assert_eq!(
        faults(&shop.put("aliases", &json!({ "aliases": many }))),
        pairs(&[("/aliases", "out_of_range")])
    );

    let table = "variantId,productId\ntable,lamp\nx,x\n\nnull,y\nshort\n";
    let answer = shop.ask("PUT", "aliases", &[CSV], table.as_bytes());
    let expected = [
        ("/line/6", "missing"),
        ("/line/3/productId", "variant_of_itself"),
        ("/line/5/variantId", "placeholder_identifier"),
    ];
    assert_eq!(faults(&answer), pairs(&expected));
    let header = shop.ask("PUT", "aliases", &[CSV], b"variant,product\n1,2\n");
    assert_eq!(faults(&header), pairs(&[("/line/1", "missing")]));
    for (headers, body, status, code) in [
        (&[CSV][..], &b"variantId,productId\n\xff,1\n"[..], 400, "invalid_utf8"),
        (
            &[("Content-Type", "text/csv; charset=latin1")],
            b"variantId,productId\n",
            415,
            "unsupported_media_type",
        ),
        (&[("Content-Type", "text/plain")], b"{}", 415, "unsupported_media_type"),
        (&[("Content-Type", "application/json")], b"{", 400, "invalid_json"),
    ] {
        let answer = shop.ask("PUT", "aliases", headers, body);
        assert_eq!((answer.status, &answer.json["code"]), (status, &json!(code)), "{}", answer.text());
    }
    assert_eq!(rows(&mut shop, "aliases"), Vec::<Value>::new(), "nothing was taken of any of them");
    assert_eq!(shop.decision("a-2")["type"], "assisted");
}
