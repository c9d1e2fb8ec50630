//! Codes in the merchant's words. The same word stands for the same thing on every page (SPEC section 2).

use selektable_domain::attribution::{AttributionType, CandidateCode, PersonLink, Reason};
use selektable_domain::ledger::LedgerCause;
use selektable_domain::order::version::Outcome;
use selektable_domain::order::{OrderStatus, Source};
use selektable_domain::rules::{CountsFrom, LeadDirect, Model, ProductMatch, RevenueBasis};
use selektable_store::account::Scope;
use selektable_store::settings::WidgetType;

/// A type's name.
pub(crate) const fn kind(kind: AttributionType) -> &'static str {
    match kind {
        AttributionType::Direct => "Direct",
        AttributionType::Assisted => "Assisted",
        AttributionType::None => "Not attributed",
    }
}

/// What a type means, in a sentence.
pub(crate) const fn kind_meaning(kind: AttributionType) -> &'static str {
    match kind {
        AttributionType::Direct => "A bought product was visualized before, by the same person.",
        AttributionType::Assisted => "Another product was visualized before, by the same person.",
        AttributionType::None => "No visualization came before, as far as we know.",
    }
}

/// A reason in a few words.
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::ProductVisualized => "bought product visualized",
        Reason::SameSession => "visualized in the same session",
        Reason::OtherProductVisualized => "other product visualized",
        Reason::OtherSession => "visualized in another session",
        Reason::NoVisitor => "no visitor",
        Reason::VisitorNeverSeen => "visitor never seen",
        Reason::EvidenceExpired => "browser events no longer kept",
        Reason::NeverVisualized => "never visualized",
        Reason::OutOfWindow => "visualized too long before",
        Reason::OnlyAfterOrder => "visualized only afterwards",
        Reason::Renewal => "renewal of a subscription",
    }
}

/// A reason as a sentence, with what to do where something can be done.
pub(crate) const fn reason_meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::ProductVisualized => "A product of this order was visualized inside the attribution window.",
        Reason::SameSession => "A visualization was made in the same session, inside the attribution window.",
        Reason::OtherProductVisualized => {
            "Visualizations inside the window show other products than the ones bought."
        }
        Reason::OtherSession => {
            "Visualizations inside the window were made in other sessions of the same person."
        }
        Reason::NoVisitor => {
            "The order names no visitor and no session, so nobody's visualizations can be looked up. Pass both ids from the checkout form to your server."
        }
        Reason::VisitorNeverSeen => {
            "The embed script never saw this visitor. Often the checkout is on another domain than the product pages, or the id is not the one of Selektable.getIdentity()."
        }
        Reason::EvidenceExpired => {
            "This visitor is not known, and when the order came, browser events of its attribution window were no longer kept. Nobody can tell whether the visitor was ever seen. The store's settings say for how long browser events are kept."
        }
        Reason::NeverVisualized => "The visitor is known and made no visualization. Nothing is wrong.",
        Reason::OutOfWindow => "The latest visualization is older than the attribution window.",
        Reason::OnlyAfterOrder => "Every visualization was made after the order was placed.",
        Reason::Renewal => {
            "A later payment of a subscription. The first order earned it, so it is kept and not credited again."
        }
    }
}

/// A status as a label.
pub(crate) const fn status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "Pending",
        OrderStatus::OnHold => "On hold",
        OrderStatus::Processing => "Processing",
        OrderStatus::Completed => "Completed",
        OrderStatus::Cancelled => "Cancelled",
        OrderStatus::Refunded => "Refunded",
    }
}

/// Who told us.
pub(crate) const fn source(source: Source) -> &'static str {
    match source {
        Source::Server => "your server",
        Source::Browser => "browser, unverified",
        Source::Shopify => "Shopify",
        Source::WooCommerce => "WooCommerce",
        Source::Import => "import",
    }
}

/// How a visualization belongs to the person who ordered.
pub(crate) const fn person_link(link: PersonLink) -> &'static str {
    match link {
        PersonLink::SameVisitor => "same browser",
        PersonLink::SameUser => "another browser of the same customer",
        PersonLink::SameSession => "same session only",
    }
}

/// What became of a candidate.
pub(crate) const fn candidate(code: CandidateCode) -> &'static str {
    match code {
        CandidateCode::Credited => "Has the credit",
        CandidateCode::NoWeight => "Could have been credited, but the model gives all credit to another one",
        CandidateCode::ProductMismatch => "Passed over: it shows no bought product, and another one does",
        CandidateCode::OtherSession => "Passed over: made in another session, and one of this session exists",
        CandidateCode::OutOfWindow => "Too old: outside the attribution window",
        CandidateCode::AfterOrder => "Too late: made after the order",
    }
}

/// What a delivery did.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "New conversion",
        Outcome::Updated => "Updated the conversion",
        Outcome::Unchanged => "Repeated, changed nothing",
        Outcome::Stale => "Older than what is known, changed nothing",
    }
}

/// What a note about an order did.
pub(crate) const fn noted(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Created => "Noted, and waits for its order",
        Outcome::Updated => "Noted: the conversion changed",
        Outcome::Unchanged | Outcome::Stale => "Known already, changed nothing",
    }
}

/// Why a platform's delivery was of no use, by its code.
pub(crate) fn ignored(code: &str) -> &'static str {
    match code {
        "topic_not_used" => "Not used: this topic says nothing about orders",
        "no_topic" => "Not used: it names no topic",
        "topic_body_mismatch" => "Not used: its content is not what its topic says",
        "draft" => "Not used: a draft, taken when it is placed",
        "edit_without_order" => "Not used: an edit without its order",
        "old_payload" => "Not used: an old form of the order",
        "unreadable_body" => "Not used: it can't be read",
        "unknown_currency" => "Not used: its currency is not known",
        "unreadable_amount" => "Not used: an amount can't be read",
        "owner_lost_access" => "Not used: WooCommerce sent an error instead of the order",
        _ => "Not used",
    }
}

/// A model's name.
pub(crate) const fn model(model: Model) -> &'static str {
    match model {
        Model::LastTouch => "last touch",
        Model::FirstTouch => "first touch",
        Model::Linear => "linear",
        Model::PositionBased => "position based",
        Model::TimeDecay => "time decay",
    }
}

/// What a model does, in a sentence.
pub(crate) const fn model_meaning(model: Model) -> &'static str {
    match model {
        Model::LastTouch => "All credit to the latest visualization.",
        Model::FirstTouch => "All credit to the earliest visualization.",
        Model::Linear => "The same credit to every visualization.",
        Model::PositionBased => {
            "40 of 100 parts to the first, 40 to the last, 20 shared by those between; with two, half each."
        }
        Model::TimeDecay => {
            "More credit the later: it halves with every quarter of the window before the order, at least a day."
        }
    }
}

/// A revenue basis.
pub(crate) const fn basis(basis: RevenueBasis) -> &'static str {
    match basis {
        RevenueBasis::Order => "the whole order",
        RevenueBasis::MatchedLines => "only the lines of visualized products",
    }
}

/// When two ids are one product.
pub(crate) const fn product_match(way: ProductMatch) -> &'static str {
    match way {
        ProductMatch::Group => "variants of one product count as one",
        ProductMatch::Exact => "only equal product ids match",
    }
}

/// What makes a lead direct.
pub(crate) const fn leads(way: LeadDirect) -> &'static str {
    match way {
        LeadDirect::SameSession => "a lead is direct after a visualization of its own session",
        LeadDirect::SamePerson => "a lead is direct after any visualization of the same person",
    }
}

/// From which status on money is revenue.
pub(crate) const fn counts(choice: CountsFrom) -> &'static str {
    match choice {
        CountsFrom::Paid => "revenue counts once paid",
        CountsFrom::Completed => "revenue counts once completed",
        CountsFrom::Placed => "revenue counts once on hold or paid",
        CountsFrom::Any => "revenue counts at every status",
    }
}

/// Why an entry of the ledger was written.
pub(crate) const fn ledger_cause(cause: LedgerCause) -> &'static str {
    match cause {
        LedgerCause::Created => "Order came in",
        LedgerCause::Paid => "Paid",
        LedgerCause::Edited => "Edited",
        LedgerCause::PartlyRefunded => "Partly refunded",
        LedgerCause::Refunded => "Refunded",
        LedgerCause::Cancelled => "Cancelled",
        LedgerCause::Reopened => "Re-opened",
        LedgerCause::Evidence => "A later fact changed the decision",
        LedgerCause::Rules => "Other rules came into force",
    }
}

/// A widget's type.
pub(crate) const fn widget_type(kind: WidgetType) -> &'static str {
    match kind {
        WidgetType::RoomVisualizer => "Room visualizer",
        WidgetType::VirtualTryOn => "Virtual try-on",
    }
}

/// What a scope lets a key do.
pub(crate) const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Write => "send orders and visualizations",
        Scope::Read => "read reports",
    }
}

/// What to do about a refused delivery or a warning, by its code; `None` for a code whose own detail says it all.
pub(crate) fn fix(code: &str) -> Option<&'static str> {
    Some(match code {
        "empty_identifier" => {
            "The id was empty when it was sent. Check that the hidden fields visitorId and sessionId are inside the form that is submitted, and that the embed script is on that page."
        }
        "placeholder_identifier" => {
            "A program wrote a stand-in for a missing id. Log the value on your server just before sending: it was lost on the way from the form."
        }
        "currency_changed" => {
            "This order is known in another currency. Send it in its first currency, or under another orderId."
        }
        "signature_missing" => {
            "Whatever sent this signs nothing. Only the platform's own webhook does; a webhook made by another tool does not."
        }
        "signature_malformed" => {
            "The signature was changed on its way, or the webhook is not the platform's own. Check what stands between the platform and this server."
        }
        "signature_wrong" => {
            "Copy the secret once more: in Shopify the key below the list of webhooks (an app has its own, the client secret), in WooCommerce the Secret field of the webhook. API keys sign nothing."
        }
        "signature_of_empty_secret" => {
            "The webhook's Secret field is empty. Paste this store's secret into it and save the webhook."
        }
        "signature_of_other_bytes" => {
            "A proxy, firewall or relay reads the body and writes it anew, so its signature fits no more. Let the bytes pass as they are."
        }
        "no_webhook_secret" => "This store has no webhook secret yet. Connect its platform in the dashboard.",
        "other_shop" => {
            "The delivery speaks of another shop that is connected here. Check the address and the secret in that shop's webhook."
        }
        "owner_lost_access" => {
            "The user who owns the webhook may not read orders any more. Open the webhook in WooCommerce as a shop manager and save it."
        }
        "old_payload" => "Set the webhook's API version to WP REST API Integration v3.",
        "unreadable_body" => {
            "The order came in a form that no Shopify or WooCommerce sends by itself. Look for a plugin that changes the webhook's payload."
        }
        "unknown_currency" => "Currencies need an ISO 4217 code; the order can't be counted without one.",
        "unreadable_amount" => {
            "An amount is no plain number. Look for a plugin that changes the webhook's payload."
        }
        "no_topic" | "topic_body_mismatch" => {
            "Send the webhook as the platform makes it, with its own headers and body."
        }
        "secret_key_in_browser" => {
            "The key was sent from a web page, where anybody can read it. Send from your server, and replace the key."
        }
        "invalid_content" => {
            "Mend the fields listed here and send the order again; nothing of it was stored."
        }
        "missing" | "required" => {
            "Add the field. Every field of the payload reference is required unless it says optional."
        }
        "line_total_mismatch" => {
            "totalCents of a line should be priceCents × quantity; the line's total was used."
        }
        "items_exceed_total" => {
            "The lines add up to more than the order: normal with a discount on the whole order."
        }
        "no_items" => "No lines: counted as a lead. Send the lines to see which products were bought.",
        "visitor_never_seen" => {
            "The embed script never saw this visitor. Check that the id comes from Selektable.getIdentity() on the same domain as the product pages."
        }
        "unknown_product" => {
            "No visualization shows this product id. Send the same productId as in Selektable.open()."
        }
        "id_as_number" => "Send the id as text; the number's digits were used.",
        "order_in_future" => {
            "The order's time is ahead of our clock; ours was used. Check your server's clock."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_and_type_has_words_of_its_own() {
        let mut seen: Vec<&str> = Reason::ALL.into_iter().map(reason).collect();
        seen.extend(AttributionType::ALL.into_iter().map(kind));
        let before = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), before);
        assert!(Reason::ALL.into_iter().all(|one| reason_meaning(one).ends_with('.')));
    }
}
