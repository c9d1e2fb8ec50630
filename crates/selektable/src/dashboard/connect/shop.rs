//! Shopify's own name for a shop, such as `shop.myshopify.com`: what its deliveries are signed off with.

use axum::extract::State;
use http::StatusCode;
use selektable_domain::report::connection::Platform;
use selektable_store::settings::StoreSettings;

use super::{platform_of, show_again};
use crate::app::App;
use crate::dashboard::access::InStore;
use crate::dashboard::error::PageError;
use crate::dashboard::form::{Faults, Posted};
use crate::dashboard::page::{PageResult, address, see};

/// The form's field.
pub(crate) const SHOP_HOST: &str = "shop_host";
const END: &str = ".myshopify.com";
/// Longest name before [`END`], as DNS allows it.
const NAME_CHARACTERS_MAX: usize = 63;

/// Why a text is no name of a Shopify shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a shop's own name, such as nordhem.myshopify.com; it stands under Settings → Domains")]
pub(crate) struct ShopHostFault;

/// A shop's own name in lower case, also out of a pasted address (`https://nordhem.myshopify.com/admin`,
/// `https://admin.shopify.com/store/nordhem`); `None` for nothing.
pub(crate) fn shop_host(text: &str) -> Result<Option<String>, ShopHostFault> {
    let text = text.trim().to_ascii_lowercase();
    if text.is_empty() {
        return Ok(None);
    }
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let in_admin = rest.strip_prefix("admin.shopify.com/store/");
    let segment = in_admin.unwrap_or(rest).split(['/', '?', '#']).next().unwrap_or_default();
    let name = if in_admin.is_some() { segment } else { segment.strip_suffix(END).ok_or(ShopHostFault)? };
    let is_name = (1..=NAME_CHARACTERS_MAX).contains(&name.len())
        && !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_name { Ok(Some(format!("{name}{END}"))) } else { Err(ShopHostFault) }
}

/// `POST /stores/{store}/connect/shop`
pub(super) async fn save(State(app): State<App>, place: InStore, Posted(values): Posted) -> PageResult {
    if platform_of(&place)? != Platform::Shopify {
        return Err(PageError::NotFound);
    }
    let mut faults = Faults::default();
    let read = faults.take(SHOP_HOST, "This", shop_host(values.get(SHOP_HOST)));
    let Some(shop_host) = read else {
        return show_again(&app, &place, faults, &values, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let settings = StoreSettings { shop_host, ..place.store.settings.clone() };
    app.store.update_store(place.tenant, settings).await?;
    Ok(see(&address::with_query(&address::store(place.store.id, "/connect"), &[("saved", "1")])))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Nordhem.myshopify.com")]
    #[case(" https://nordhem.myshopify.com/admin?x=1 ")]
    #[case("https://admin.shopify.com/store/nordhem/settings")]
    fn a_shops_own_name_is_read_out_of_what_was_pasted(#[case] text: &str) {
        assert_eq!(shop_host(text), Ok(Some("nordhem.myshopify.com".to_owned())));
    }

    #[rstest]
    #[case("nordhem.example")]
    #[case(".myshopify.com")]
    #[case("-a.myshopify.com")]
    #[case("a.b.myshopify.com")]
    #[case("a_b.myshopify.com")]
    #[case("nordhem.myshopify.com.evil.example")]
    #[case("admin.shopify.com/store/")]
    fn another_name_is_refused(#[case] text: &str) {
        assert_eq!(shop_host(text), Err(ShopHostFault));
    }

    #[test]
    fn nothing_is_no_name() {
        assert_eq!(shop_host(" "), Ok(None));
    }
}
