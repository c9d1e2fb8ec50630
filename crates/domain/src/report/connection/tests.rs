use rstest::rstest;

use super::*;
use crate::time::HOUR_MS;

const NOW: Timestamp = Timestamp::from_millis(1_000 * DAY_MS);

fn days_ago(days: i64) -> Timestamp {
    NOW.plus_millis(-days * DAY_MS)
}

fn hours_ago(hours: i64) -> Timestamp {
    NOW.plus_millis(-hours * HOUR_MS)
}

fn address(text: &str) -> ServerAddress {
    let (scheme, rest) = text.split_once("://").unwrap();
    let is_https = scheme == "https";
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().unwrap()),
        _ => (rest, if is_https { 443 } else { 80 }),
    };
    ServerAddress { is_https, host: host.to_owned(), port }
}

fn facts(platform: Platform) -> Facts {
    Facts {
        platform,
        secrets: 1,
        address: address("https://selektable.shop.example"),
        topics: Vec::new(),
        refused: Vec::new(),
        ignored: Vec::new(),
        orders: 0,
        with_visitor: 0,
        recent: Vec::new(),
        uninstalled_at: None,
        owner_lost_access_at: None,
        now: NOW,
    }
}

fn topic(name: &str, first_at: Timestamp, deliveries: u64) -> TopicFact {
    TopicFact { topic: name.to_owned(), first_at, last_at: NOW, deliveries }
}

fn code(code: &str, deliveries: u64, last_at: Timestamp) -> CodeFact {
    CodeFact { code: code.to_owned(), deliveries, last_at }
}

/// A shop whose orders come every day at the same time, the last one `hours` ago.
fn daily(platform: Platform, hours: i64) -> Facts {
    let recent = (0..20).map(|day| hours_ago(hours + 24 * day)).collect();
    let topics = match platform {
        Platform::Shopify => {
            vec![topic("orders/create", days_ago(20), 20), topic("orders/updated", days_ago(20), 20)]
        }
        Platform::WooCommerce => {
            vec![topic("order.created", days_ago(20), 20), topic("order.updated", days_ago(20), 20)]
        }
    };
    Facts { recent, topics, orders: 30, with_visitor: 20, ..facts(platform) }
}

fn said(facts: &Facts) -> (State, Vec<&'static str>) {
    let diagnosis = diagnose(facts);
    (diagnosis.state, diagnosis.findings.iter().map(|finding| finding.cause.code()).collect())
}

#[rstest]
fn a_shop_whose_orders_come_has_nothing_to_mend(
    #[values(Platform::Shopify, Platform::WooCommerce)] platform: Platform,
) {
    assert_eq!(said(&daily(platform, 20)), (State::Working, vec![]));
    assert_eq!(said(&facts(platform)), (State::Waiting, vec![]));
}

#[test]
fn a_store_without_a_secret_is_told_so_before_and_after_deliveries_come() {
    let mut bare = Facts { secrets: 0, ..facts(Platform::WooCommerce) };
    assert_eq!(said(&bare), (State::Waiting, vec!["no_secret"]));
    bare.refused = vec![code("no_webhook_secret", 2, NOW)];
    assert_eq!(said(&bare), (State::Broken, vec!["no_secret"]));
}

#[rstest]
#[case("signature_wrong", "wrong_secret")]
#[case("signature_of_other_bytes", "rewritten_body")]
#[case("signature_of_empty_secret", "empty_secret")]
#[case("signature_missing", "no_signature")]
#[case("signature_malformed", "no_signature")]
#[case("other_shop", "other_shop")]
fn a_bad_signature_breaks_the_connection_until_a_good_delivery_comes(
    #[case] refused: &str,
    #[case] told: &str,
) {
    let mut first = facts(Platform::Shopify);
    first.refused = vec![code(refused, 1, hours_ago(1))];
    assert_eq!(said(&first), (State::Broken, vec![told]));
    let mut before = daily(Platform::Shopify, 3);
    before.refused = vec![code(refused, 1, hours_ago(1))];
    assert_eq!(said(&before), (State::Broken, vec![told]));
    let mut beside = daily(Platform::Shopify, 1);
    beside.refused = vec![code(refused, 1, hours_ago(2))];
    assert_eq!(said(&beside), (State::Working, vec![told]), "another webhook may have another secret");
    let mut forged = daily(Platform::Shopify, 2);
    forged.refused = vec![code(refused, 1, hours_ago(1))];
    assert_eq!(said(&forged), (State::Working, vec![told]), "anybody can send one that is refused");
    let mut mended = daily(Platform::Shopify, 1);
    mended.refused = vec![code(refused, 5, hours_ago(30))];
    assert_eq!(said(&mended), (State::Working, vec![]));
}

#[test]
fn both_ways_of_having_no_signature_are_one_finding() {
    let mut bare = facts(Platform::Shopify);
    bare.refused = vec![code("signature_missing", 2, NOW), code("signature_malformed", 3, NOW)];
    let diagnosis = diagnose(&bare);
    assert_eq!((diagnosis.findings.len(), diagnosis.findings[0].deliveries), (1, 5));
}

#[rstest]
#[case(Platform::WooCommerce, 6, 30, false)]
#[case(Platform::WooCommerce, 7, 30, true)]
#[case(Platform::WooCommerce, 7, 2, false)]
#[case(Platform::Shopify, 7, 30, false)]
#[case(Platform::Shopify, 8, 30, true)]
fn as_many_failures_in_a_row_as_the_platform_bears_and_a_day_without_any_is_a_webhook_switched_off(
    #[case] platform: Platform,
    #[case] failures: u64,
    #[case] hours: i64,
    #[case] off: bool,
) {
    let mut stopped = daily(platform, 40);
    stopped.refused = vec![code("signature_wrong", failures, hours_ago(hours))];
    let (state, codes) = said(&stopped);
    assert_eq!(state, State::Broken);
    assert_eq!(codes.contains(&"disabled_after_failures"), off, "{codes:?}");
}

#[test]
fn a_shop_that_never_got_one_through_is_switched_off_just_the_same() {
    let mut never = facts(Platform::WooCommerce);
    never.refused = vec![code("signature_wrong", 9, hours_ago(48))];
    assert_eq!(said(&never), (State::Broken, vec!["disabled_after_failures", "wrong_secret"]));
}

#[rstest]
#[case(20, false)]
#[case(70, false)]
#[case(73, true)]
fn silence_is_measured_by_the_shops_own_pauses(#[case] hours: i64, #[case] alarm: bool) {
    let (state, codes) = said(&daily(Platform::WooCommerce, hours));
    assert_eq!((state == State::Silent, codes.contains(&"silence")), (alarm, alarm));
}

#[test]
fn a_shop_that_sells_twice_a_week_rings_no_alarm_on_any_day_of_an_ordinary_week() {
    for hours in 0..4 * 24 {
        let recent =
            (0..10).flat_map(|week| [hours_ago(hours + week * 168), hours_ago(hours + week * 168 + 72)]);
        let quiet = Facts { recent: recent.collect(), ..daily(Platform::Shopify, 0) };
        assert_eq!(said(&quiet), (State::Working, vec![]), "{hours} hours after the last order");
    }
}

#[test]
fn a_new_shop_is_not_known_well_enough_for_an_alarm() {
    let burst = (0..20).map(|minute| hours_ago(100).plus_millis(-minute * 60_000)).collect();
    assert_eq!(said(&Facts { recent: burst, ..daily(Platform::Shopify, 0) }).0, State::Working);
    let few = vec![days_ago(30), days_ago(31), days_ago(60)];
    assert_eq!(said(&Facts { recent: few, ..daily(Platform::Shopify, 0) }).0, State::Working);
    let busy: Vec<Timestamp> = (0..60).map(|minute| hours_ago(26).plus_millis(-minute * 60_000)).collect();
    assert_eq!(said(&Facts { recent: busy, ..daily(Platform::Shopify, 0) }).0, State::Silent);
}

#[rstest]
#[case(10, 0, true)]
#[case(9, 0, false)]
#[case(3, 3, true)]
#[case(2, 9, false)]
fn new_orders_without_any_change_are_a_missing_topic_after_ten_or_three_days(
    #[case] deliveries: u64,
    #[case] days: i64,
    #[case] missing: bool,
) {
    for (platform, created, changes) in [
        (Platform::Shopify, "orders/create", vec!["orders/updated", "orders/cancelled", "refunds/create"]),
        (Platform::WooCommerce, "order.created", vec!["order.updated", "order.deleted"]),
    ] {
        let topics = vec![topic(created, days_ago(days), deliveries)];
        let only = Facts { topics: topics.clone(), recent: vec![NOW], ..facts(platform) };
        let told = if missing { vec!["only_created"] } else { vec![] };
        assert_eq!(said(&only), (State::Working, told));
        for change in changes {
            let topics = topics.iter().cloned().chain([topic(change, NOW, 1)]).collect();
            assert_eq!(said(&Facts { topics, ..only.clone() }), (State::Working, vec![]), "{change}");
        }
        let other = topics.iter().cloned().chain([topic("customers/redact", NOW, 1)]).collect();
        assert_eq!(said(&Facts { topics: other, ..only }).1.is_empty(), !missing);
    }
}

#[test]
fn what_the_platform_says_about_itself_comes_first() {
    let lost = Facts { owner_lost_access_at: Some(NOW), ..daily(Platform::WooCommerce, 3) };
    assert_eq!(said(&lost), (State::Broken, vec!["owner_lost_access"]));
    let gone =
        Facts { uninstalled_at: Some(NOW), owner_lost_access_at: Some(NOW), ..daily(Platform::Shopify, 3) };
    assert_eq!(said(&gone), (State::Disconnected, vec!["uninstalled", "owner_lost_access"]));
}

#[test]
fn an_old_payload_breaks_unless_other_webhooks_bring_orders() {
    let mut only = facts(Platform::WooCommerce);
    only.topics = vec![topic("order.created", NOW, 1)];
    only.ignored = vec![code("old_payload", 1, NOW), code("draft", 9, NOW)];
    assert_eq!(said(&only), (State::Broken, vec!["old_payload"]));
    let mut beside = daily(Platform::WooCommerce, 0);
    beside.ignored = vec![code("old_payload", 1, hours_ago(1))];
    assert_eq!(said(&beside), (State::Working, vec!["old_payload"]));
}

#[rstest]
#[case(4, 0, None)]
#[case(5, 0, Some("no_visitors"))]
#[case(19, 1, None)]
#[case(20, 4, Some("few_visitors"))]
#[case(20, 5, None)]
fn few_orders_with_a_visitor_are_told_once_there_are_enough_orders(
    #[case] orders: u64,
    #[case] with_visitor: u64,
    #[case] told: Option<&str>,
) {
    let shop = Facts { orders, with_visitor, ..daily(Platform::Shopify, 1) };
    assert_eq!(said(&shop), (State::Working, told.into_iter().collect()));
}

#[rstest]
#[case("http://192.168.1.4:3000", Some("private_address"), Some("private_address"))]
#[case("http://127.0.0.1:3000", Some("private_address"), Some("private_address"))]
#[case("http://[::1]:3000", Some("private_address"), Some("private_address"))]
#[case("https://[fd00::1]", Some("private_address"), Some("private_address"))]
#[case("https://100.64.0.9", Some("private_address"), Some("private_address"))]
#[case("http://localhost", Some("private_address"), Some("private_address"))]
#[case("https://nas", Some("private_address"), Some("private_address"))]
#[case("https://shop.LOCAL.", Some("private_address"), Some("private_address"))]
#[case("https://selektable.shop.example:8443", Some("refused_port"), None)]
#[case("http://selektable.shop.example:3000", Some("refused_port"), Some("not_https"))]
#[case("http://selektable.shop.example:8080", None, Some("not_https"))]
#[case("http://selektable.shop.example", None, Some("not_https"))]
#[case("https://selektable.shop.example", None, None)]
#[case("https://8.8.8.8", None, None)]
#[case("https://[2606:4700::1]", None, None)]
fn an_address_the_platform_does_not_send_to_is_told_while_nothing_arrives(
    #[case] at: &str,
    #[case] woocommerce: Option<&str>,
    #[case] shopify: Option<&str>,
) {
    for (platform, told) in [(Platform::WooCommerce, woocommerce), (Platform::Shopify, shopify)] {
        let waiting = Facts { address: address(at), ..facts(platform) };
        assert_eq!(said(&waiting), (State::Waiting, told.into_iter().collect()), "{at}");
        let arrived = Facts { address: address(at), ..daily(platform, 1) };
        assert_eq!(said(&arrived), (State::Working, vec![]), "what arrives shows that it is reached");
    }
}

#[test]
fn every_finding_says_what_it_means_and_what_to_do_on_both_platforms() {
    let causes = [
        Cause::Uninstalled,
        Cause::OwnerLostAccess,
        Cause::DisabledAfterFailures,
        Cause::NoSecret,
        Cause::WrongSecret,
        Cause::RewrittenBody,
        Cause::EmptySecret,
        Cause::NoSignature,
        Cause::OtherShop,
        Cause::Address(AddressFault::Private),
        Cause::Address(AddressFault::Port),
        Cause::Address(AddressFault::NotHttps),
        Cause::Silence,
        Cause::OnlyCreated,
        Cause::OldPayload,
        Cause::NoVisitors,
        Cause::FewVisitors,
    ];
    for cause in causes {
        for platform in [Platform::Shopify, Platform::WooCommerce] {
            let (means, remedy) = words::of(cause, platform);
            assert!(means.ends_with(['.', '”']) && remedy.ends_with('.'), "{cause:?}");
        }
    }
}
