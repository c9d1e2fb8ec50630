//! Yen, euros and dinars of one store: each split in its own minor unit, each total exact, never added.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;
use selektable_domain::money::{AMOUNT_MINOR_MAX, Currency};
use selektable_domain::rules::{Model, Ruleset};
use selektable_domain::time::HOUR_MS;

use crate::histories::{History, history, order, shown};

/// A paid order of this amount after so many visualizations of what was bought.
fn paid(currency: Currency, minor: i64, touches: i64, model: Model) -> History {
    let pictures = (1..=touches).map(|number| shown(&format!("viz-{number}"), &["a"], number * HOUR_MS));
    let mut told = history(order(&[("a", minor)]), pictures.collect());
    told.order.currency = currency;
    told.rules = Ruleset { model, ..told.rules };
    told
}

#[test]
fn thousand_yen_ten_euros_and_a_dinar_are_split_in_their_own_units() {
    let shares = |code: &str, minor: i64| -> Vec<i64> {
        let decision = paid(Currency::parse(code).unwrap(), minor, 3, Model::Linear).decide();
        decision.credits().map(|credit| credit.order_minor).collect()
    };
    assert_eq!(shares("JPY", 1_000), [334, 333, 333]);
    assert_eq!(shares("EUR", 1_000), [334, 333, 333]);
    assert_eq!(shares("KWD", 1_234), [412, 411, 411]);
    let exponents = ["JPY", "EUR", "KWD"].map(|code| Currency::parse(code).unwrap().exponent());
    assert_eq!(exponents, [0, 2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn totals_of_each_currency_are_exact(
        orders in prop::collection::vec((select(vec!["JPY", "EUR", "KWD"]), 0..=AMOUNT_MINOR_MAX, 1_i64..9, select(Model::ALL.to_vec())), 1..30),
    ) {
        let (mut wanted, mut found) = (BTreeMap::<Currency, i128>::new(), BTreeMap::<Currency, i128>::new());
        for (code, minor, touches, model) in orders {
            let currency = Currency::parse(code).unwrap();
            let told = paid(currency, minor, touches, model);
            *wanted.entry(currency).or_default() += i128::from(minor);
            for credit in told.decide().credits() {
                *found.entry(told.order.net().currency).or_default() += i128::from(credit.order_minor);
            }
        }
        prop_assert_eq!(found, wanted);
    }
}
