//! What a merchant enters so that orders can be looked up: judged once, before it is kept.

use selektable_domain::fault::Fault;
use selektable_store::platforms::PlatformAccess;
use selektable_store::settings::Platform;
use url::Url;

use crate::http::fetch::platform::Reach;

/// Longest address, key, secret or token, in bytes.
pub const ENTRY_BYTES_MAX: usize = 255;
const SHOPIFY_HOST_END: &str = ".myshopify.com";

/// What was entered. White space around it does not count; empty is missing.
#[derive(Clone, Default)]
pub struct Entered {
    /// The shop's address; for Shopify its `….myshopify.com` name.
    pub address: Option<String>,
    /// `WooCommerce`: Consumer key, `ck_…`.
    pub key: Option<String>,
    /// `WooCommerce`: Consumer secret, `cs_…`.
    pub secret: Option<String>,
    /// Shopify: Admin API access token, `shpat_…`.
    pub token: Option<String>,
}

impl Entered {
    /// Judges everything at once; pointers are `/address`, `/key`, `/secret` and `/token`. Sentences repeat no key.
    ///
    /// # Errors
    /// Every fault.
    pub fn judge(&self, platform: Platform, reach: Reach) -> Result<PlatformAccess, Vec<Fault>> {
        let mut faults = Vec::new();
        let address = self.address(platform, reach, &mut faults);
        let mut read =
            |name: &'static str, text: &Option<String>, check: fn(&str) -> Option<&'static str>| {
                entry(name, text.as_deref(), check, &mut faults).unwrap_or_default()
            };
        let access = match platform {
            Platform::WooCommerce => PlatformAccess::WooCommerce {
                key: read("key", &self.key, check_key),
                secret: read("secret", &self.secret, check_secret),
                address,
            },
            Platform::Shopify => {
                PlatformAccess::Shopify { token: read("token", &self.token, check_token), address }
            }
            Platform::Custom => {
                let detail = "only stores on Shopify or WooCommerce have a platform to look orders up at";
                return Err(vec![fault("", "no_platform", detail)]);
            }
        };
        if faults.is_empty() { Ok(access) } else { Err(faults) }
    }

    fn address(&self, platform: Platform, reach: Reach, faults: &mut Vec<Fault>) -> String {
        let Some(text) = entry("address", self.address.as_deref(), |_| None, faults) else {
            return String::new();
        };
        match judge_address(&text, platform, reach) {
            Ok(address) => address,
            Err(detail) => {
                faults.push(fault("address", "invalid_address", detail));
                String::new()
            }
        }
    }
}

fn entry(
    name: &'static str,
    text: Option<&str>,
    check: fn(&str) -> Option<&'static str>,
    faults: &mut Vec<Fault>,
) -> Option<String> {
    let text = text.map_or("", str::trim);
    let wrong = if text.is_empty() {
        Some(("missing", "is required"))
    } else if text.len() > ENTRY_BYTES_MAX || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        Some(("invalid_text", "must be at most 255 bytes, without spaces or line breaks"))
    } else {
        check(text).map(|detail| ("wrong_kind", detail))
    };
    match wrong {
        None => Some(text.to_owned()),
        Some((code, detail)) => {
            faults.push(fault(name, code, detail));
            None
        }
    }
}

fn fault(name: &str, code: &'static str, detail: &str) -> Fault {
    let pointer = if name.is_empty() { String::new() } else { format!("/{name}") };
    Fault { pointer, code, detail: detail.to_owned() }
}

fn check_key(text: &str) -> Option<&'static str> {
    let wanted =
        "must be the Consumer key, which starts with ck_ (WooCommerce → Settings → Advanced → REST API)";
    (!text.starts_with("ck_") || !is_plain(text)).then_some(wanted)
}

fn check_secret(text: &str) -> Option<&'static str> {
    let wanted = "must be the Consumer secret, which starts with cs_; a webhook's secret is another one";
    (!text.starts_with("cs_") || !is_plain(text)).then_some(wanted)
}

/// Keys, secrets and tokens travel in headers.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Tokens start with `shpat_`, `shpca_` or `shpua_`, depending on the kind of app; old ones are 32 hex digits.
fn check_token(text: &str) -> Option<&'static str> {
    let is_token = ["shpat_", "shpca_", "shpua_"].iter().any(|start| text.starts_with(start));
    let is_old = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wanted = "must be an Admin API access token, which starts with shpat_; the API secret key (shpss_…) is another one";
    ((!is_token && !is_old) || !is_plain(text)).then_some(wanted)
}

/// The address as it is kept: with its scheme, without query, with a slash at its end.
fn judge_address(text: &str, platform: Platform, reach: Reach) -> Result<String, &'static str> {
    const WANTED: &str = "must be the shop's address, such as https://shop.example";
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&with_scheme).map_err(|_| WANTED)?;
    if !matches!(url.scheme(), "http" | "https")
        || !url.has_host()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(WANTED);
    }
    if url.scheme() == "http" && reach == Reach::Public {
        return Err("must start with https://, because keys and orders would travel in the open");
    }
    url.set_query(None);
    url.set_fragment(None);
    match platform {
        Platform::Shopify => shopify_address(&url, reach),
        Platform::WooCommerce | Platform::Custom => Ok(format!("{}/", shop_root(&url))),
    }
}

/// The home page, also when somebody copied the address of a page of the admin.
fn shop_root(url: &Url) -> &str {
    let text = url.as_str();
    let ends = ["/wp-admin", "/wp-json", "/wp-login.php"];
    let end = ends.iter().filter_map(|part| text.find(part)).min().unwrap_or(text.len());
    text[..end].trim_end_matches('/')
}

fn shopify_address(url: &Url, reach: Reach) -> Result<String, &'static str> {
    let host = url.host_str().unwrap_or_default();
    if host == "admin.shopify.com" {
        let mut parts = url.path_segments().into_iter().flatten();
        if let (Some("store"), Some(name)) = (parts.next(), parts.next().filter(|name| is_shop_name(name))) {
            return Ok(format!("https://{name}{SHOPIFY_HOST_END}/"));
        }
    }
    let is_shop = host.strip_suffix(SHOPIFY_HOST_END).is_some_and(is_shop_name);
    if is_shop || reach == Reach::Anywhere {
        return Ok(format!("{}/", url.origin().ascii_serialization()));
    }
    Err("must be the shop's name at Shopify, such as your-shop.myshopify.com (Settings → Domains shows it)")
}

fn is_shop_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn woo(address: &str, key: &str, secret: &str) -> Result<PlatformAccess, Vec<Fault>> {
        let some = |text: &str| Some(text.to_owned());
        let entered = Entered { address: some(address), key: some(key), secret: some(secret), token: None };
        entered.judge(Platform::WooCommerce, Reach::Public)
    }

    fn shopify(address: &str, token: &str, reach: Reach) -> Result<PlatformAccess, Vec<Fault>> {
        let entered = Entered {
            address: Some(address.to_owned()),
            token: Some(token.to_owned()),
            ..Entered::default()
        };
        entered.judge(Platform::Shopify, reach)
    }

    #[rstest]
    #[case("shop.example", "https://shop.example/")]
    #[case(" https://shop.example/blog/?utm=1#top ", "https://shop.example/blog/")]
    #[case("https://shop.example/wp-admin/admin.php?page=wc-settings", "https://shop.example/")]
    #[case("möbel.example", "https://xn--mbel-5qa.example/")]
    #[case("https://shop.example:8443/de/wp-json/wc/v3", "https://shop.example:8443/de/")]
    fn a_woocommerce_address_is_the_shops_home(#[case] entered: &str, #[case] kept: &str) {
        assert_eq!(woo(entered, "ck_1", "cs_1").unwrap().address(), kept);
    }

    #[rstest]
    #[case("your-shop.myshopify.com", "https://your-shop.myshopify.com/")]
    #[case("https://your-shop.myshopify.com/admin/orders", "https://your-shop.myshopify.com/")]
    #[case("https://admin.shopify.com/store/your-shop/settings", "https://your-shop.myshopify.com/")]
    fn a_shopify_address_is_the_name_at_shopify(#[case] entered: &str, #[case] kept: &str) {
        assert_eq!(shopify(entered, "shpat_1", Reach::Public).unwrap().address(), kept);
    }

    #[test]
    fn every_fault_is_told_at_once_and_no_key_is_repeated() {
        let faults = woo("http://shop.example", "cs_hidden", "webhook-hidden").unwrap_err();
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/address", "/key", "/secret"]);
        assert!(faults.iter().all(|fault| !fault.detail.contains("hidden")));
        let faults = Entered::default().judge(Platform::Shopify, Reach::Public).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["missing", "missing"]);
        assert_eq!(woo("shop.example", "ck_ü", "cs_1").unwrap_err()[0].pointer, "/key");
        assert!(Entered::default().judge(Platform::Custom, Reach::Public).is_err());
    }

    #[rstest]
    #[case("https://shop.example", "shpat_1", "/address")]
    #[case("https://evil.example/x.myshopify.com", "shpat_1", "/address")]
    #[case("a.b.myshopify.com", "shpat_1", "/address")]
    #[case("ftp://your-shop.myshopify.com", "shpat_1", "/address")]
    #[case("https://u:p@your-shop.myshopify.com", "shpat_1", "/address")]
    #[case("your-shop.myshopify.com", "shpss_1", "/token")]
    #[case("your-shop.myshopify.com", "shpat_1 2", "/token")]
    fn what_can_not_work_is_refused(#[case] address: &str, #[case] token: &str, #[case] place: &str) {
        let faults = shopify(address, token, Reach::Public).unwrap_err();
        assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, place));
    }

    #[test]
    fn on_the_own_network_http_and_any_name_are_taken() {
        let access = shopify("http://127.0.0.1:4000", "shpat_1", Reach::Anywhere).unwrap();
        assert_eq!(access.address(), "http://127.0.0.1:4000/");
    }
}
