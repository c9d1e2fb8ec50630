//! What a dry run found, as it is kept for some minutes. No fact: a text that can't be read is made again.

use selektable_domain::attribution::{AttributionType, Reason};
use selektable_domain::id::WidgetId;
use selektable_domain::money::Currency;
use selektable_domain::opaque::OrderId;
use selektable_domain::report::dry_run::{DryRun, Flip, MoneyMove, OrderMove, WidgetMove};
use selektable_domain::rules::Ruleset;
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Read;

#[derive(Serialize, Deserialize)]
struct Stored {
    conversions: u64,
    changed: u64,
    flips: Vec<(String, String, u64)>,
    money: Vec<Money>,
    widgets: Vec<Widget>,
    orders: Vec<Moved>,
}

/// Currency, direct before and after, assisted before and after. Amounts as text: they may be longer than numbers of
/// JSON.
#[derive(Serialize, Deserialize)]
struct Money(String, [String; 4]);

#[derive(Serialize, Deserialize)]
struct Widget {
    id: String,
    before: String,
    after: String,
    money: Vec<Money>,
}

#[derive(Serialize, Deserialize)]
struct Moved {
    order: String,
    at: i64,
    currency: String,
    before: (String, String, i64),
    after: (String, String, i64),
}

/// Writes it, without the rules: those stand in their own table.
pub(crate) fn write_dry_run(found: &DryRun) -> String {
    let flip = |one: &Flip| (one.before.code().to_owned(), one.after.code().to_owned(), one.conversions);
    let widget = |one: &WidgetMove| Widget {
        id: one.widget.to_string(),
        before: one.weight_before.to_string(),
        after: one.weight_after.to_string(),
        money: one.money.iter().map(money).collect(),
    };
    let stored = Stored {
        conversions: found.conversions,
        changed: found.changed,
        flips: found.flips.iter().map(flip).collect(),
        money: found.money.iter().map(money).collect(),
        widgets: found.widgets.iter().map(widget).collect(),
        orders: found.orders.iter().map(moved).collect(),
    };
    super::write(&stored)
}

fn money(one: &MoneyMove) -> Money {
    let amounts = [
        one.direct_before_minor,
        one.direct_after_minor,
        one.assisted_before_minor,
        one.assisted_after_minor,
    ];
    Money(one.currency.code().to_owned(), amounts.map(|minor| minor.to_string()))
}

fn moved(one: &OrderMove) -> Moved {
    let side = |(kind, reason, minor): (AttributionType, Reason, i64)| {
        (kind.code().to_owned(), reason.code().to_owned(), minor)
    };
    Moved {
        order: one.order.as_str().to_owned(),
        at: one.occurred_at.as_millis(),
        currency: one.currency.code().to_owned(),
        before: side(one.before),
        after: side(one.after),
    }
}

/// Reads [`write_dry_run`].
pub(crate) fn read_dry_run(text: &str, rules: Ruleset) -> Read<DryRun> {
    let stored: Stored = super::read(text)?;
    let flip = |(before, after, conversions): (String, String, u64)| {
        Ok(Flip { before: kind(&before)?, after: kind(&after)?, conversions })
    };
    let widget = |one: Widget| {
        let id: Result<WidgetId, _> = one.id.parse();
        Ok(WidgetMove {
            widget: id.map_err(|_| format!("{:?} is no widget", one.id))?,
            weight_before: number(&one.before)?,
            weight_after: number(&one.after)?,
            money: one.money.iter().map(read_money).collect::<Read<_>>()?,
        })
    };
    Ok(DryRun {
        rules,
        conversions: stored.conversions,
        changed: stored.changed,
        flips: stored.flips.into_iter().map(flip).collect::<Read<_>>()?,
        money: stored.money.iter().map(read_money).collect::<Read<_>>()?,
        widgets: stored.widgets.into_iter().map(widget).collect::<Read<_>>()?,
        orders: stored.orders.iter().map(read_moved).collect::<Read<_>>()?,
    })
}

fn read_money(
    Money(code, [direct_before, direct_after, assisted_before, assisted_after]): &Money,
) -> Read<MoneyMove> {
    Ok(MoneyMove {
        currency: currency(code)?,
        direct_before_minor: number(direct_before)?,
        direct_after_minor: number(direct_after)?,
        assisted_before_minor: number(assisted_before)?,
        assisted_after_minor: number(assisted_after)?,
    })
}

fn read_moved(one: &Moved) -> Read<OrderMove> {
    let side = |(of_kind, reason, minor): &(String, String, i64)| {
        let reason = Reason::from_code(reason).ok_or_else(|| format!("{reason:?} is no reason"))?;
        Ok::<_, String>((kind(of_kind)?, reason, *minor))
    };
    Ok(OrderMove {
        order: OrderId::parse(&one.order).map_err(|_| format!("{:?} is no order", one.order))?,
        occurred_at: Timestamp::from_millis(one.at),
        currency: currency(&one.currency)?,
        before: side(&one.before)?,
        after: side(&one.after)?,
    })
}

fn kind(code: &str) -> Read<AttributionType> {
    AttributionType::from_code(code).ok_or_else(|| format!("{code:?} is no type"))
}

fn currency(code: &str) -> Read<Currency> {
    Currency::read_stored(code).ok_or_else(|| format!("{code:?} is no currency"))
}

fn number<T: std::str::FromStr>(text: &str) -> Read<T> {
    text.parse().map_err(|_| format!("{text:?} is no amount"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_was_written() {
        let money = MoneyMove {
            currency: Currency::parse("EUR").unwrap(),
            direct_before_minor: i128::MAX,
            direct_after_minor: i128::MIN,
            assisted_before_minor: 0,
            assisted_after_minor: -1,
        };
        let widget = WidgetId::from_slice(&[7; 16]).unwrap();
        let found = DryRun {
            rules: Ruleset::FIRST,
            conversions: 7,
            changed: 2,
            flips: vec![Flip {
                before: AttributionType::Direct,
                after: AttributionType::None,
                conversions: 2,
            }],
            money: vec![money],
            widgets: vec![WidgetMove {
                widget,
                weight_before: u128::MAX,
                weight_after: 0,
                money: vec![money],
            }],
            orders: vec![OrderMove {
                order: OrderId::parse("Ä \"1\"").unwrap(),
                occurred_at: Timestamp::from_millis(-5),
                currency: money.currency,
                before: (AttributionType::Direct, Reason::ProductVisualized, 900),
                after: (AttributionType::None, Reason::OutOfWindow, 0),
            }],
        };
        assert_eq!(read_dry_run(&write_dry_run(&found), Ruleset::FIRST), Ok(found));
    }
}
