//! From the body of an order webhook, which is the REST resource, to a [`Sale`].

use std::borrow::Cow;

use super::sale::{LISTED_MAX, Part, Payment, Repayment, Sale, SaleLine};
use crate::platform::carried::pairs;
use crate::platform::raw::Members;
use crate::platform::settle;

pub(super) fn sale<'a>(order: &Members<'a>) -> Sale<'a> {
    let total = shop_money(order, "total_price_set");
    Sale {
        id: order.id("id"),
        exact_id: order.id("admin_graphql_api_id"),
        currency: order.text("currency").or_else(|| total.as_ref().and_then(|(_, code)| code.clone())),
        total: order.amount("total_price").or_else(|| total.map(|(amount, _)| amount)),
        financial_status: order.text("financial_status"),
        fulfillment_status: order.text("fulfillment_status"),
        is_cancelled: order.get("cancelled_at").is_some(),
        created_at: order.text("created_at"),
        processed_at: order.text("processed_at"),
        updated_at: order.text("updated_at"),
        source_name: order.amount("source_name"),
        name: order.amount("name").or_else(|| order.amount("order_number")),
        is_test: order.flag("test"),
        cart_token: order.text("cart_token"),
        checkout_token: order.text("checkout_token"),
        attributes: pairs(order.get("note_attributes"), "name"),
        lines: order.objects("line_items").take(LISTED_MAX).map(|line| sale_line(&line)).collect(),
        repayments: order.objects("refunds").take(LISTED_MAX).map(|refund| repayment(&refund)).collect(),
        refunded: None,
    }
}

fn sale_line<'a>(line: &Members<'a>) -> SaleLine<'a> {
    let discount = |discount: Members<'a>| {
        discount.amount("amount").or_else(|| shop_money(&discount, "amount_set").map(|(amount, _)| amount))
    };
    SaleLine {
        product: settle::product(line.id("product_id")),
        variant: settle::product(line.id("variant_id")),
        quantity: line.amount("quantity"),
        price: line.amount("price").or_else(|| shop_money(line, "price_set").map(|(amount, _)| amount)),
        discounts: line.objects("discount_allocations").take(LISTED_MAX).filter_map(discount).collect(),
        properties: pairs(line.get("properties"), "name"),
    }
}

/// A repayment, in an order or as the body of `refunds/create`.
///
/// Its date is when it was made, which webhook and pull both tell.
pub(super) fn repayment<'a>(refund: &Members<'a>) -> Repayment<'a> {
    let lines = refund
        .objects("refund_line_items")
        .take(LISTED_MAX)
        .flat_map(|line| ["subtotal_set", "total_tax_set"].map(|set| part(shop_money(&line, set), false)));
    let adjustments = refund.objects("order_adjustments").take(LISTED_MAX).flat_map(|adjustment| {
        ["amount_set", "tax_amount_set"].map(|set| part(shop_money(&adjustment, set), true))
    });
    Repayment {
        id: refund.id("id"),
        created_at: refund.text("created_at").or_else(|| refund.text("processed_at")),
        payments: refund.objects("transactions").take(LISTED_MAX).map(|it| payment(&it)).collect(),
        parts: lines.chain(adjustments).flatten().collect(),
    }
}

fn payment<'a>(payment: &Members<'a>) -> Payment<'a> {
    Payment {
        kind: payment.text("kind"),
        status: payment.text("status"),
        amount: payment.amount("amount"),
        currency: payment.text("currency"),
    }
}

fn part(money: Option<ShopMoney<'_>>, is_adjustment: bool) -> Option<Part<'_>> {
    money.map(|(amount, currency)| Part { amount, currency, is_adjustment })
}

type ShopMoney<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// The amount and the currency of a `…_set` in the shop's currency; always text, where the plain field may be a number.
fn shop_money<'a>(members: &Members<'a>, set: &str) -> Option<ShopMoney<'a>> {
    let money = members.object(set)?.object("shop_money")?;
    Some((money.amount("amount")?, money.text("currency_code")))
}
