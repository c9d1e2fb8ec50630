//! Why a platform gave no orders, in sentences that a merchant can act on. They never repeat a key.

use selektable_store::settings::Platform;

use crate::http::fetch::FetchFault;

/// Why orders can't be looked up at the platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessFault {
    /// The address is on a private network.
    #[error(
        "The shop's address is on a private network. If that is meant, the operator starts the server with \
         --allow-private-platforms."
    )]
    PrivateAddress,
    /// http on the public internet.
    #[error("The shop's address must start with https://, because keys and orders would travel in the open.")]
    NotSecure,
    /// An address that can't be asked.
    #[error("The shop's address can't be used: it {0}.")]
    Address(String),
    /// No answer, or an error of the shop's server, also when tried again.
    #[error("The shop could not be reached ({0}). Orders are looked up again later.")]
    Unreachable(String),
    /// The platform asked for patience longer than a pull waits.
    #[error("The platform asked to wait, because it was asked too often. Orders are looked up again later.")]
    TooBusy,
    /// The address leads to another one.
    #[error("The shop's address leads to {0}: enter that one instead.")]
    Elsewhere(String),
    /// The answer is not the platform's.
    #[error("{}", not_a_shop(*.0))]
    NotAShop(Platform),
    /// The key, secret or token is not taken.
    #[error("{}", wrong_key(*.0))]
    WrongKey(Platform),
    /// The key may not read orders.
    #[error("{}", no_right(*.0))]
    NoRight(Platform),
    /// The platform refuses the question itself.
    #[error("The platform refused to answer: {0}")]
    Refused(String),
}

impl AccessFault {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PrivateAddress => "private_address",
            Self::NotSecure => "not_secure",
            Self::Address(_) => "invalid_address",
            Self::Unreachable(_) => "unreachable",
            Self::TooBusy => "too_busy",
            Self::Elsewhere(_) => "elsewhere",
            Self::NotAShop(_) => "not_a_shop",
            Self::WrongKey(_) => "wrong_key",
            Self::NoRight(_) => "no_right",
            Self::Refused(_) => "refused",
        }
    }
}

const fn not_a_shop(platform: Platform) -> &'static str {
    match platform {
        Platform::Shopify => {
            "There is no Shopify shop at this address: enter the one that ends in .myshopify.com, as Settings → Domains shows it."
        }
        Platform::WooCommerce | Platform::Custom => {
            "There is no WooCommerce API at this address: enter the shop's home page, and in WordPress choose anything but \
             Plain under Settings → Permalinks. A security plugin that blocks the REST API must let /wp-json/wc/ through."
        }
    }
}

const fn wrong_key(platform: Platform) -> &'static str {
    match platform {
        Platform::Shopify => {
            "Shopify does not take this token: copy the Admin API access token (shpat_…) of an app that is installed in this \
             shop. It is neither the API key, nor the API secret key, nor the webhooks' key."
        }
        Platform::WooCommerce | Platform::Custom => {
            "WooCommerce does not take these keys: copy Consumer key (ck_…) and Consumer secret (cs_…) from WooCommerce → \
             Settings → Advanced → REST API. The webhook's secret is another one."
        }
    }
}

const fn no_right(platform: Platform) -> &'static str {
    match platform {
        Platform::Shopify => {
            "This token may not read orders: give the app the Admin API scope read_orders (read_all_orders for orders older \
             than 60 days), and install it again."
        }
        Platform::WooCommerce | Platform::Custom => {
            "These keys may not read orders: under WooCommerce → Settings → Advanced → REST API the key needs the permission \
             Read, and a user who is an administrator or a shop manager."
        }
    }
}

impl From<FetchFault> for AccessFault {
    fn from(fault: FetchFault) -> Self {
        match fault {
            FetchFault::NotPublic | FetchFault::Port => Self::PrivateAddress,
            FetchFault::InvalidUrl | FetchFault::Scheme | FetchFault::Credentials => {
                Self::Address(fault.to_string())
            }
            FetchFault::Unreachable => Self::Unreachable("no connection".to_owned()),
            FetchFault::TimedOut => Self::Unreachable("no answer in time".to_owned()),
            FetchFault::TooLarge => Self::Refused("its answer is too large".to_owned()),
            FetchFault::InvalidRedirect | FetchFault::TooManyRedirects => {
                Self::Refused("its redirects lead nowhere".to_owned())
            }
            FetchFault::Status(_) | FetchFault::NotAnImage => Self::Refused(fault.to_string()),
        }
    }
}
