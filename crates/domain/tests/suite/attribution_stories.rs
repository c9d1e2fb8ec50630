//! SPEC section 6, told with numbers.

use rstest::rstest;
use selektable_domain::attribution::{AttributionType, CandidateCode, PersonLink, Reason};
use selektable_domain::money::Currency;
use selektable_domain::order::OrderStatus;
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis};
use selektable_domain::time::{DAY_MS, HOUR_MS, Window};
use selektable_domain::visualization::ShownProduct;

use crate::histories::{History, by, history, line, link, order, product, session, shown, visitor};

const W: i64 = Window::DEFAULT.as_millis();

fn verdict(history: &History) -> (AttributionType, Reason) {
    let decision = history.decide();
    (decision.kind, decision.reason)
}

fn codes(history: &History) -> Vec<(String, CandidateCode)> {
    let candidates = history.decide().candidates.into_iter();
    candidates.map(|candidate| (candidate.visualization.id.to_string(), candidate.code)).collect()
}

#[test]
fn the_worked_example_of_the_module_holds() {
    let mut told = history(
        order(&[("123", 8_000), ("9", 2_000)]),
        vec![shown("old", &["123"], 2 * DAY_MS), shown("new", &["55"], HOUR_MS)],
    );
    let decision = told.decide();
    assert_eq!((decision.kind, decision.reason), (AttributionType::Direct, Reason::ProductVisualized));
    assert_eq!(
        (decision.order_minor, decision.matched_minor, decision.attributed_minor),
        (10_000, 8_000, 10_000)
    );
    assert_eq!(decision.time_to_conversion_ms, Some(2 * DAY_MS));
    assert_eq!(
        codes(&told),
        [("old".to_owned(), CandidateCode::Credited), ("new".to_owned(), CandidateCode::ProductMismatch)]
    );
    told.rules.basis = RevenueBasis::MatchedLines;
    assert_eq!(told.decide().attributed_minor, 8_000);
    told.evidence.visualizations.remove(0);
    assert_eq!(verdict(&told), (AttributionType::Assisted, Reason::OtherProductVisualized));
    assert_eq!((told.decide().order_minor, told.decide().matched_minor), (10_000, 0));
}

#[rstest]
#[case::at_the_same_instant(0, AttributionType::Direct, Reason::ProductVisualized)]
#[case::at_the_windows_end(W, AttributionType::Direct, Reason::ProductVisualized)]
#[case::just_too_old(W + 1, AttributionType::None, Reason::OutOfWindow)]
#[case::just_too_late(-1, AttributionType::None, Reason::OnlyAfterOrder)]
fn the_window_has_both_ends_included(
    #[case] age: i64,
    #[case] kind: AttributionType,
    #[case] reason: Reason,
) {
    let told = history(order(&[("a", 100)]), vec![shown("viz", &["a"], age)]);
    assert_eq!(verdict(&told), (kind, reason));
    let missed_by = (reason == Reason::OutOfWindow).then_some(1);
    assert_eq!(told.decide().window_missed_by_ms, missed_by);
}

#[test]
fn without_evidence_the_reason_says_what_is_known_of_the_visitor() {
    let mut told = history(order(&[("a", 100)]), Vec::new());
    assert_eq!(verdict(&told), (AttributionType::None, Reason::VisitorNeverSeen));
    told.evidence.visitor_seen = true;
    assert_eq!(verdict(&told), (AttributionType::None, Reason::NeverVisualized));
    (told.order.visitor, told.order.session) = (None, None);
    assert_eq!(verdict(&told), (AttributionType::None, Reason::NoVisitor));
}

#[test]
fn of_a_stranger_nothing_can_be_told_when_events_of_the_window_were_gone() {
    let mut told = history(order(&[("a", 100)]), Vec::new());
    let begins = told.occurred_at.plus_millis(-told.rules.window.as_millis());
    let mut reason = |gone| {
        told.evidence.events_gone_before = gone;
        verdict(&told).1
    };
    assert_eq!(reason(Some(begins)), Reason::VisitorNeverSeen);
    assert_eq!(reason(Some(begins.plus_millis(1))), Reason::EvidenceExpired);
    assert_eq!(reason(None), Reason::VisitorNeverSeen);
    told.evidence.events_gone_before = Some(told.occurred_at);
    // Visualizations stay, and so does who was seen by them.
    told.evidence.visitor_seen = true;
    assert_eq!(verdict(&told).1, Reason::NeverVisualized);
    told.evidence.visitor_seen = false;
    // Events are looked up by visitor alone.
    told.order.visitor = None;
    assert_eq!(verdict(&told).1, Reason::VisitorNeverSeen);
}

#[test]
fn what_is_gone_is_sealed_where_it_decides_and_nowhere_else() {
    let mut told = history(order(&[("a", 100)]), Vec::new());
    let before = told.seal();
    told.evidence.events_gone_before = Some(told.occurred_at.plus_millis(-told.rules.window.as_millis()));
    assert_eq!(told.seal(), before);
    told.evidence.events_gone_before = Some(told.occurred_at);
    let expired = told.seal();
    assert_ne!(expired, before);
    told.evidence.events_gone_before = Some(told.occurred_at.plus_millis(-1));
    assert_ne!(told.seal(), expired);
}

#[test]
fn too_old_and_too_late_together_are_told_as_too_old_by_the_smallest_miss() {
    let told = history(
        order(&[("a", 100)]),
        vec![shown("late", &["a"], -5), shown("older", &["a"], W + 90), shown("old", &["a"], W + 7)],
    );
    assert_eq!(verdict(&told), (AttributionType::None, Reason::OutOfWindow));
    assert_eq!(told.decide().window_missed_by_ms, Some(7));
    assert_eq!((told.decide().attributed_minor, told.decide().time_to_conversion_ms), (0, None));
}

#[test]
fn the_latest_matching_one_takes_all_and_the_others_say_why_not() {
    let told = history(
        order(&[("a", 1_000), ("b", 500)]),
        vec![
            shown("1", &["a"], 3 * DAY_MS),
            shown("2", &["b"], 2 * DAY_MS),
            shown("3", &["c"], DAY_MS),
            shown("4", &["a"], W + 1),
            shown("5", &["a"], -1),
        ],
    );
    let wanted = [
        ("4", CandidateCode::OutOfWindow),
        ("1", CandidateCode::NoWeight),
        ("2", CandidateCode::Credited),
        ("3", CandidateCode::ProductMismatch),
        ("5", CandidateCode::AfterOrder),
    ];
    assert_eq!(codes(&told), wanted.map(|(id, code)| (id.to_owned(), code)));
    let decision = told.decide();
    assert_eq!((decision.order_minor, decision.matched_minor), (1_500, 1_500));
}

#[test]
fn equal_times_are_ordered_by_id() {
    let told = history(
        order(&[("a", 100)]),
        vec![shown("z", &["a"], 5), shown("b", &["a"], 5), shown("c", &["a"], 5)],
    );
    let decision = told.decide();
    assert_eq!(
        decision.credits().map(|credit| credit.visualization.id.to_string()).collect::<Vec<_>>(),
        ["z"]
    );
}

#[test]
fn a_lead_is_direct_by_its_session_and_assisted_by_its_visitor() {
    let mut told =
        history(order(&[]), vec![shown("same", &["a"], DAY_MS), by("v", "t", shown("other", &["a"], 1))]);
    assert_eq!(verdict(&told), (AttributionType::Direct, Reason::SameSession));
    assert_eq!(
        codes(&told),
        [("same".to_owned(), CandidateCode::Credited), ("other".to_owned(), CandidateCode::OtherSession)]
    );
    assert_eq!(told.decide().attributed_minor, 0);
    told.evidence.visualizations.remove(0);
    assert_eq!(verdict(&told), (AttributionType::Assisted, Reason::OtherSession));
}

#[test]
fn a_variant_links_a_line_and_a_visualization_from_either_side() {
    let mut picture = shown("viz", &[], HOUR_MS);
    picture.products = vec![ShownProduct { product: product("sofa"), variants: vec![product("sofa-blue")] }];
    let mut told = history(order(&[("sofa-blue", 900)]), vec![picture.clone()]);
    assert_eq!(verdict(&told).0, AttributionType::Direct, "the line carries the variant as its product");
    told.order.items = vec![line("parent", Some("sofa-blue"), 900)];
    assert_eq!(verdict(&told).0, AttributionType::Direct, "the line carries the variant beside its product");
    told.order.items = vec![line("sofa", Some("sofa-red"), 900)];
    assert_eq!(verdict(&told).0, AttributionType::Direct, "another variant of the product shown");
    told.order.items = vec![line("chair", Some("sofa-red"), 900)];
    assert_eq!(verdict(&told).0, AttributionType::Assisted, "nothing in common");
}

#[rstest]
#[case::whole(0, 10_000, 8_000)]
#[case::partly_given_back(3_000, 7_000, 7_000)]
#[case::mostly_given_back(9_500, 500, 500)]
#[case::given_back(10_000, 0, 0)]
#[case::more_than_all(12_000, 0, 0)]
fn matched_lines_are_never_more_than_what_is_left_of_the_order(
    #[case] refunded: i64,
    #[case] by_order: i64,
    #[case] by_lines: i64,
) {
    let mut told = history(order(&[("a", 8_000), ("b", 2_000)]), vec![shown("viz", &["a"], 1)]);
    told.order.refunded_minor = refunded;
    let decision = told.decide();
    assert_eq!((decision.order_minor, decision.matched_minor), (by_order, by_lines));
}

#[test]
fn a_discounted_order_is_not_exceeded_by_its_lines() {
    let mut told = history(order(&[("a", 8_000), ("b", 2_000)]), vec![shown("viz", &["a"], 1)]);
    told.order.total_minor = 5_000;
    assert_eq!((told.decide().order_minor, told.decide().matched_minor), (5_000, 5_000));
}

#[rstest]
#[case(OrderStatus::Processing, 100, 0)]
#[case(OrderStatus::Completed, 100, 0)]
#[case(OrderStatus::Pending, 0, 100)]
#[case(OrderStatus::OnHold, 0, 100)]
#[case(OrderStatus::Refunded, 0, 0)]
#[case(OrderStatus::Cancelled, 0, 0)]
fn only_paid_money_is_attributed_and_unpaid_money_is_provisional(
    #[case] status: OrderStatus,
    #[case] attributed: i64,
    #[case] provisional: i64,
) {
    let mut told = history(order(&[("a", 100)]), vec![shown("viz", &["a"], 1)]);
    told.order.status = status;
    let decision = told.decide();
    assert_eq!(decision.kind, AttributionType::Direct, "the type does not depend on money");
    assert_eq!((decision.attributed_minor, decision.provisional_minor), (attributed, provisional));
}

#[rstest]
#[case::yen("JPY", 1_000)]
#[case::dinars("KWD", 1_234)]
fn amounts_stay_in_the_currencys_own_minor_unit(#[case] currency: &str, #[case] minor: i64) {
    let mut told = history(order(&[("a", minor)]), vec![shown("viz", &["a"], 1)]);
    told.order.currency = Currency::parse(currency).unwrap();
    assert_eq!(told.decide().attributed_minor, minor);
}

#[test]
fn two_browsers_of_one_user_are_one_person() {
    let mut told = history(order(&[("a", 100)]), vec![by("phone", "p", shown("viz", &["a"], 2 * DAY_MS))]);
    assert_eq!(verdict(&told).0, AttributionType::None);
    told.evidence.links = vec![link("v", "ann", 0), link("phone", "ann", DAY_MS)];
    assert_eq!(verdict(&told), (AttributionType::Direct, Reason::ProductVisualized));
    assert_eq!(told.decide().candidates[0].person_link, PersonLink::SameUser);
}

#[test]
fn one_browser_of_two_users_is_two_people_in_turn() {
    let mut told = history(order(&[("a", 100)]), vec![by("v", "t", shown("bobs", &["a"], 2 * HOUR_MS))]);
    told.evidence.links = vec![link("v", "bob", 3 * HOUR_MS), link("v", "ann", HOUR_MS)];
    assert_eq!(verdict(&told).0, AttributionType::None, "Bob looked, Ann bought");
    told.order.session = session("t");
    assert_eq!(verdict(&told).0, AttributionType::Direct, "the same session is the same person all the same");
    assert_eq!(told.decide().candidates[0].person_link, PersonLink::SameSession);
}

#[test]
fn what_a_visitor_did_before_the_first_login_is_the_users() {
    let mut told = history(order(&[("a", 100)]), vec![by("v", "t", shown("viz", &["a"], 5 * HOUR_MS))]);
    told.evidence.links = vec![link("v", "ann", HOUR_MS)];
    assert_eq!(verdict(&told).0, AttributionType::Direct);
    assert_eq!(told.decide().candidates[0].person_link, PersonLink::SameVisitor);
}

#[test]
fn two_shoppers_without_ids_are_not_one_person() {
    let mut picture = shown("viz", &["a"], 1);
    (picture.visitor, picture.session) = (None, None);
    let mut told = history(order(&[("a", 100)]), vec![picture]);
    (told.order.visitor, told.order.session) = (None, None);
    assert_eq!(verdict(&told), (AttributionType::None, Reason::NoVisitor));
    told.order.visitor = visitor("v");
    assert_eq!(verdict(&told).0, AttributionType::None);
}

#[test]
fn time_to_conversion_is_that_of_the_credited_one_not_of_the_nearest() {
    let told = history(order(&[("a", 100)]), vec![shown("a", &["a"], DAY_MS), shown("b", &["b"], 1)]);
    assert_eq!(told.decide().time_to_conversion_ms, Some(DAY_MS));
}

#[test]
fn a_store_may_call_a_lead_direct_by_its_person() {
    let mut told = history(order(&[]), vec![by("v", "t", shown("other", &["a"], 1))]);
    told.rules.leads = LeadDirect::SamePerson;
    assert_eq!(verdict(&told).0, AttributionType::Direct);
    told.evidence.visualizations[0].visitor = visitor("stranger");
    assert_eq!(verdict(&told).0, AttributionType::None);
}

#[test]
fn an_alias_joins_two_ids_unless_the_rules_want_equal_ones() {
    let mut told = history(order(&[("456", 900)]), vec![shown("viz", &["123"], HOUR_MS)]);
    assert_eq!(verdict(&told).0, AttributionType::Assisted);
    told.evidence.groups.put(product("456"), product("123"));
    assert_eq!(verdict(&told).0, AttributionType::Direct);
    assert_eq!(told.decide().matched_minor, 900);
    told.rules.products = ProductMatch::Exact;
    assert_eq!(verdict(&told).0, AttributionType::Assisted);
}

#[test]
fn rules_that_want_equal_ids_want_the_very_variant_where_both_sides_name_one() {
    let mut picture = shown("viz", &[], HOUR_MS);
    picture.products = vec![ShownProduct { product: product("sofa"), variants: vec![product("blue")] }];
    let mut told = history(order(&[]), vec![picture]);
    told.rules.products = ProductMatch::Exact;
    let mut direct = |item| {
        told.order.items = vec![item];
        verdict(&told).0 == AttributionType::Direct
    };
    assert!(direct(line("sofa", Some("blue"), 900)));
    assert!(!direct(line("sofa", Some("red"), 900)));
    assert!(direct(line("sofa", None, 900)), "the line names none");
    told.evidence.visualizations[0].products[0].variants.clear();
    told.order.items = vec![line("sofa", Some("red"), 900)];
    assert_eq!(verdict(&told).0, AttributionType::Direct, "the picture names none");
}

#[rstest]
#[case(CountsFrom::Completed, OrderStatus::Processing, 0, 100)]
#[case(CountsFrom::Completed, OrderStatus::Completed, 100, 0)]
#[case(CountsFrom::Placed, OrderStatus::OnHold, 100, 0)]
#[case(CountsFrom::Placed, OrderStatus::Pending, 0, 100)]
#[case(CountsFrom::Any, OrderStatus::Pending, 100, 0)]
#[case(CountsFrom::Any, OrderStatus::Cancelled, 0, 0)]
#[case(CountsFrom::Any, OrderStatus::Refunded, 0, 0)]
fn a_store_says_from_which_status_on_money_counts(
    #[case] counts: CountsFrom,
    #[case] status: OrderStatus,
    #[case] attributed: i64,
    #[case] provisional: i64,
) {
    let mut told = history(order(&[("a", 100)]), vec![shown("viz", &["a"], 1)]);
    told.order.status = status;
    told.rules.counts = counts;
    let decision = told.decide();
    assert_eq!((decision.attributed_minor, decision.provisional_minor), (attributed, provisional));
}

#[rstest]
#[case(Model::LastTouch, [0, 0, 100], HOUR_MS)]
#[case(Model::FirstTouch, [100, 0, 0], 3 * DAY_MS)]
#[case(Model::Linear, [34, 33, 33], HOUR_MS)]
#[case(Model::PositionBased, [40, 20, 40], HOUR_MS)]
#[case(Model::TimeDecay, [18, 26, 56], HOUR_MS)]
fn each_model_shares_the_cents_and_its_latest_credit_tells_the_time(
    #[case] model: Model,
    #[case] cents: [i64; 3],
    #[case] time: i64,
) {
    let pictures =
        vec![shown("1", &["a"], 3 * DAY_MS), shown("2", &["a"], 2 * DAY_MS), shown("3", &["a"], HOUR_MS)];
    let mut told = history(order(&[("a", 100)]), pictures);
    told.rules.model = model;
    let decision = told.decide();
    let shares: Vec<i64> = decision.candidates.iter().map(|candidate| candidate.order_minor).collect();
    assert_eq!(shares, cents);
    assert_eq!(decision.time_to_conversion_ms, Some(time));
}
