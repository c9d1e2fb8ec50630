//! Figures of many kinds over one shop's history: every model, time to conversion, by refund date, as known on a date.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that can not go on says where")]

mod support;

use serde_json::{Value, json};
use support::{Answer, Shop};

fn ok(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    &answer.json
}

#[test]
fn every_model_shares_the_same_money() {
    let mut shop = Shop::open();
    shop.visualize("pic-4", "ann", "sofa", "2026-01-12T09:00:00Z");
    let answer = shop.get("models?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
    let report = ok(&answer);
    assert_eq!(
        (&report["conversions"], &report["byType"]),
        (&json!(4), &json!({ "direct": 1, "assisted": 1, "none": 2 }))
    );
    let models = report["models"].as_array().unwrap();
    let names: Vec<&str> = models.iter().map(|model| model["model"].as_str().unwrap()).collect();
    assert_eq!(names, ["last_touch", "first_touch", "linear", "position_based", "time_decay"]);
    let total = json!([{ "currency": "EUR", "directCents": 80_000, "assistedCents": 20_000 }]);
    for model in models {
        assert_eq!((&model["total"], &model["inForce"]), (&total, &json!(model["model"] == "last_touch")));
        assert_eq!(model["widgets"][0]["widgetId"], shop.server.setup.widget_id);
        assert_eq!((&model["widgets"][0]["weight"], &model["widgets"][0]["revenue"]), (&json!(2.0), &total));
    }
    assert_eq!(report["unattributedRevenue"], json!([{ "currency": "EUR", "netCents": 10_000 }]));
    let table = shop.csv("models");
    assert_eq!(table[0], "model,inForce,credited,id,weight,currency,directCents,assistedCents");
    let widget = format!("linear,false,widget,{},2.000000000,EUR,80000,20000", shop.server.setup.widget_id);
    assert!(table.contains(&widget), "{table:#?}");
}

#[test]
fn lag_tells_what_other_windows_would_credit() {
    let mut shop = Shop::open();
    let answer = shop.get("lag");
    let report = ok(&answer);
    assert_eq!(report["conversions"], 4);
    let windows = report["windows"].as_array().unwrap();
    let of = |days: i64| windows.iter().find(|window| window["windowSeconds"] == days * 86_400).unwrap();
    let counts = |days: i64| ["direct", "assisted", "none"].map(|kind| of(days)[kind].as_u64().unwrap());
    assert_eq!([counts(1), counts(7), counts(14)], [[0, 2, 2], [1, 1, 2], [2, 1, 1]]);
    assert_eq!((&of(7)["inForce"], &of(14)["inForce"]), (&json!(true), &json!(false)));
    assert_eq!(
        of(14)["revenue"],
        json!([{ "currency": "EUR", "directCents": 89_000, "assistedCents": 20_000 }])
    );
    assert_eq!(report["medianDirectSeconds"], 2 * 86_400);
    assert_eq!(
        report["safari"],
        json!({ "storageDays": 7, "lateKnownUsers": 0, "lateBrowsers": 1, "strangers": 1 })
    );
    let bars = report["curve"].as_array().unwrap();
    let at = |hours: i64| bars.iter().find(|bar| bar["upToSeconds"] == hours * 3_600).unwrap();
    assert_eq!((&at(48)["direct"], &at(24)["other"], &at(336)["direct"]), (&json!(1), &json!(1), &json!(1)));
    let table = shop.csv("lag");
    assert_eq!(table[0], "windowSeconds,inForce,direct,assisted,none,currency,directCents,assistedCents");
    assert!(table.contains(&"604800,true,1,1,2,EUR,80000,20000".to_owned()), "{table:#?}");
}

#[test]
fn figures_are_read_by_refund_date_and_as_known_on_a_date() {
    let mut shop = Shop::open();
    shop.order(&json!({
        "orderId": "a-1", "visitorId": "ann", "sessionId": "ann", "totalCents": 80_000, "refundedCents": 30_000,
        "orderCreatedAt": "2026-01-12T10:00:00Z", "orderUpdatedAt": "2026-02-09T10:00:00Z",
        "items": [{ "productId": "sofa", "quantity": 1, "priceCents": 80_000, "totalCents": 80_000 }],
    }));
    let mut net = |query: &str| {
        let answer = shop.get(&format!("summary?{query}"));
        ok(&answer)["revenue"][0]["netCents"].clone()
    };
    let (january, february) = (
        "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z",
        "from=2026-02-01T00:00:00Z&to=2026-03-01T00:00:00Z",
    );
    assert_eq!((net(january), net(february)), (json!(80_000), Value::Null));
    let by_refund = |range: &str| format!("{range}&dateBy=refund");
    assert_eq!((net(&by_refund(january)), net(&by_refund(february))), (json!(110_000), json!(-30_000)));
    assert_eq!(
        net(&format!("{january}&asOf=2026-01-31T00:00:00Z")),
        Value::Null,
        "nothing had reached us then"
    );
    assert_eq!(net(&format!("{january}&asOf=2030-01-01T00:00:00Z")), 80_000);
    let series = shop.get(&format!("timeseries?interval=week&{}", by_refund(february)));
    let weeks = ok(&series)["data"].as_array().unwrap();
    let refunded: i64 = weeks.iter().filter_map(|week| week["revenue"][0]["netCents"].as_i64()).sum();
    assert_eq!(refunded, -30_000);
    let wrong = shop.get("summary?dateBy=day&asOf=yesterday");
    let places: Vec<&Value> =
        wrong.json["errors"].as_array().unwrap().iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!((wrong.status, places), (422, vec![&json!("/query/dateBy"), &json!("/query/asOf")]));
}
