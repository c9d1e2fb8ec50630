//! The shop's pages.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;

use super::catalogue::{self, PRODUCTS, Product};
use super::ledger::{Placed, euros};
use super::{Shop, Site, checkout};

/// The inline script of the documentation, byte for byte (the seed's "hidden fields" sample).
pub(super) const SEED_SCRIPT: &str = include_str!("assets/seed-form.js");

#[derive(Template)]
#[template(path = "home.html", config = "src/demo/askama.toml")]
struct Home<'a> {
    shop: &'a Shop,
    products: &'a [Product],
}

#[derive(Template)]
#[template(path = "product.html", config = "src/demo/askama.toml")]
struct ProductPage<'a> {
    shop: &'a Shop,
    product: &'a Product,
}

#[derive(Template)]
#[template(path = "checkout.html", config = "src/demo/askama.toml")]
struct Checkout<'a> {
    shop: &'a Shop,
    product: &'a Product,
    quantity: u32,
}

#[derive(Template)]
#[template(path = "appointment.html", config = "src/demo/askama.toml")]
struct Appointment<'a> {
    shop: &'a Shop,
    script: &'a str,
}

#[derive(Template)]
#[template(path = "thanks.html", config = "src/demo/askama.toml")]
struct Thanks<'a> {
    shop: &'a Shop,
    placed: Option<&'a Placed>,
}

#[derive(Template)]
#[template(path = "message.html", config = "src/demo/askama.toml")]
struct Message<'a> {
    shop: &'a Shop,
    title: &'a str,
    detail: &'a str,
}

impl Product {
    fn price(&self) -> String {
        euros(self.price_cents)
    }
}

/// `GET /`
pub(super) async fn home(State(site): State<Site>) -> Response {
    page(&Home { shop: &site.shop, products: &PRODUCTS })
}

/// `GET /products/{id}`
pub(super) async fn product(State(site): State<Site>, Path(id): Path<String>) -> Response {
    match catalogue::find(&id) {
        Some(product) => page(&ProductPage { shop: &site.shop, product }),
        None => no_such_product(&site),
    }
}

/// What is to be bought.
#[derive(Deserialize)]
pub(super) struct Choice {
    product: Option<String>,
    quantity: Option<String>,
}

/// `GET /checkout?product=…&quantity=…`
pub(super) async fn checkout(State(site): State<Site>, Query(choice): Query<Choice>) -> Response {
    let Some(product) = choice.product.as_deref().and_then(catalogue::find) else {
        return no_such_product(&site);
    };
    let quantity =
        choice.quantity.and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, checkout::QUANTITY_MAX);
    page(&Checkout { shop: &site.shop, product, quantity })
}

/// `GET /appointment`
pub(super) async fn appointment(State(site): State<Site>) -> Response {
    page(&Appointment { shop: &site.shop, script: SEED_SCRIPT })
}

/// Which order is thanked for.
#[derive(Deserialize)]
pub(super) struct Order {
    order: Option<String>,
}

/// `GET /thank-you?order=…`
pub(super) async fn thanks(State(site): State<Site>, Query(order): Query<Order>) -> Response {
    let placed = order.order.and_then(|order| site.ledger.find(&order));
    page(&Thanks { shop: &site.shop, placed: placed.as_ref() })
}

/// Any other address.
pub(super) async fn not_found(State(site): State<Site>) -> Response {
    missing(&site, "Nothing here", "There is no page at this address.")
}

/// A product the shop does not have.
pub(super) fn no_such_product(site: &Site) -> Response {
    missing(site, "No such product", "The shop has no product of this name.")
}

fn missing(site: &Site, title: &str, detail: &str) -> Response {
    (StatusCode::NOT_FOUND, page(&Message { shop: &site.shop, title, detail })).into_response()
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(fault) => {
            tracing::error!(%fault, "a page of the demo shop could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
