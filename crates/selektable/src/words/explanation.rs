//! A whole explanation as plain text, for a terminal: the order, the decision, what was considered, what would have
//! made another decision, and the ledger.

use selektable_domain::attribution::{Candidate, Decision};
use selektable_domain::ledger::LedgerEntry;
use selektable_domain::money::Currency;
use selektable_domain::time::{Timestamp, Zone};
use selektable_store::ingest::ExplainedConversion;
use selektable_store::settings::StoreRecord;

use super::{change, codes, decision, format};

/// Lines of text, the sections apart.
#[must_use]
pub(crate) fn text(found: &ExplainedConversion, store: &StoreRecord) -> String {
    let zone = &store.settings.zone;
    let currency = found.record.order.currency;
    let mut lines = head(found, store);
    lines.push(String::new());
    lines.extend(decided(found, currency));
    section(&mut lines, "Considered, oldest first", candidates(&found.decision, currency));
    let told = |one| change::sentence(one, &found.decision);
    section(
        &mut lines,
        "Smallest changes that would have made another decision",
        found.changes.iter().map(told),
    );
    section(&mut lines, "Ledger", found.ledger.iter().map(|entry| ledger_line(entry, currency, zone)));
    lines.join("\n")
}

fn section(lines: &mut Vec<String>, title: &str, found: impl IntoIterator<Item = String>) {
    let mut found = found.into_iter().peekable();
    lines.extend([String::new(), title.to_owned()]);
    if found.peek().is_none() {
        lines.push("  none".to_owned());
    }
    lines.extend(found.map(|line| format!("  {line}")));
}

fn head(found: &ExplainedConversion, store: &StoreRecord) -> Vec<String> {
    let order = &found.record.order;
    let money = |minor: i64| format::money(minor, order.currency);
    let mut lines = vec![
        format!("Order {} of {} ({})", order.id, store.settings.name, store.id),
        format!(
            "  {}, from {}: gross {}, refunded {}, net {}",
            codes::status(order.status),
            codes::source(order.source),
            money(order.total_minor),
            money(order.refunded()),
            money(order.net().minor)
        ),
        format!("  {}", exact(found.record.occurred_at, &store.settings.zone)),
    ];
    let ids = [
        order.visitor.as_ref().map(|id| format!("visitor {id}")),
        order.session.as_ref().map(|id| format!("session {id}")),
        order.user.as_ref().map(|id| format!("user {id}")),
    ];
    let ids: Vec<String> = ids.into_iter().flatten().collect();
    lines.push(format!("  {}", if ids.is_empty() { "no visitor".to_owned() } else { ids.join(", ") }));
    lines.extend(order.items.iter().map(|item| {
        let variant = item.variant.as_ref().map(|id| format!(" (variant {id})")).unwrap_or_default();
        format!("  {} × product {}{variant}, {}", item.quantity, item.product, money(item.total_minor))
    }));
    lines
}

fn decided(found: &ExplainedConversion, currency: Currency) -> Vec<String> {
    let decision = &found.decision;
    let money = |minor: i64| format::money(minor, currency);
    let seal = format::hex(&found.seal);
    let mut lines = vec![
        format!("{}: {}", codes::kind(decision.kind), decision::because(decision, &found.record.order)),
        format!("  ruleset {}: {}", decision.rules.version, decision::rules(&decision.rules)),
        format!("  attributed {}", money(decision.attributed_minor)),
    ];
    if decision.provisional_minor != 0 {
        let provisional = money(decision.provisional_minor);
        lines.push(format!("  {provisional} would be attributed once the order counts as revenue"));
    }
    lines.push(format!("  seal {seal}"));
    lines
}

fn candidates(decision: &Decision, currency: Currency) -> Vec<String> {
    decision.candidates.iter().flat_map(|candidate| candidate_lines(candidate, decision, currency)).collect()
}

fn candidate_lines(candidate: &Candidate, decision: &Decision, currency: Currency) -> [String; 2] {
    let shown = &candidate.visualization;
    let age = format::duration(candidate.age_ms);
    let products: Vec<&str> = shown.products.iter().map(|product| product.product.as_str()).collect();
    let matched = if candidate.matches_product { ", bought" } else { "" };
    let facts = format!(
        "{}: {age} {}, {}, product {}{matched}",
        shown.id,
        if candidate.age_ms < 0 { "after" } else { "before" },
        codes::person_link(candidate.person_link),
        products.join(", ")
    );
    let share = if candidate.weight == 0 {
        String::new()
    } else {
        let weight = format!("{}.{:09}", candidate.weight / 1_000_000_000, candidate.weight % 1_000_000_000);
        format!(": weight {weight}, {}", format::money(decision.basis_minor(candidate), currency))
    };
    [facts, format!("  {} [{}]{share}", codes::candidate(candidate.code), candidate.code.code())]
}

fn ledger_line(entry: &LedgerEntry, currency: Currency, zone: &Zone) -> String {
    let money = |minor: i64| format::money(minor, currency);
    let known = if entry.known_at == entry.at {
        String::new()
    } else {
        format!(", known {}", exact(entry.known_at, zone))
    };
    format!(
        "{}. {}{known}: {}; {}, net {}, {}, attributed {} under ruleset {}",
        entry.entry,
        exact(entry.at, zone),
        codes::ledger_cause(entry.cause),
        codes::status(entry.status),
        money(entry.net_minor()),
        codes::kind(entry.kind),
        money(entry.attributed_minor),
        entry.ruleset_version
    )
}

fn exact(at: Timestamp, zone: &Zone) -> String {
    format::instant(at, zone).exact
}
