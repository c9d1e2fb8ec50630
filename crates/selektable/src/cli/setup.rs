//! `selektable setup`: an organization with all it needs to start, made in one transaction; for an organization that the
//! member has already, one more store with a key of its own.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use selektable_domain::id::OrganizationId;
use selektable_domain::money::Currency;
use selektable_domain::platform::secret::{SecretFault, WebhookSecret};
use selektable_domain::time::Zone;
use selektable_store::account::{NewKey, NewMember, NewOrganization, Scope};
use selektable_store::settings::{
    NewStore, NewWidget, Platform, RETENTION_HOURS_DEFAULT, StoreSettings, WidgetSettings, WidgetType,
    host_of,
};
use selektable_store::{Access, SharedStore};
use serde_json::json;

use super::options::Misuse;
use super::output::say;
use crate::config::Config;
use crate::config::settings::ConfigFaults;
use crate::http::cors::origin_of_domain;
use crate::secret::{ApiKey, random_base62};
use crate::serving::open_store;
use crate::{ambient, password};

/// Longest name of an organization or a store, in bytes.
const NAME_BYTES_MAX: usize = 200;
/// RFC 5321.
const EMAIL_BYTES_MAX: usize = 254;
/// How Shopify names every shop.
const SHOPIFY_SUFFIX: &str = ".myshopify.com";
/// Length of a webhook secret that we make: 40 letters and digits are 238 bits.
const SECRET_LENGTH: usize = 40;

#[derive(Debug, Args)]
pub(super) struct SetupArguments {
    /// The organization's name; a known one of the same member gets one more store
    #[arg(long, value_name = "NAME")]
    org: String,
    /// The store's name
    #[arg(long, value_name = "NAME")]
    store: String,
    /// The first member's login
    #[arg(long, value_name = "EMAIL")]
    email: String,
    /// The first member's password; made and shown when it is not given
    #[arg(long, env = "SELEKTABLE_SETUP_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    password: Option<String>,
    /// custom, shopify or woocommerce
    #[arg(long, default_value = "custom")]
    platform: String,
    /// ISO 4217 code, for orders that name none
    #[arg(long, default_value = "USD")]
    currency: String,
    /// A domain of the shop's pages, such as shop.example; can be given several times. Any page may use the widget
    /// while there is none. Of a Shopify store, NAME.myshopify.com is Shopify's own name for the shop
    #[arg(long)]
    domain: Vec<String>,
    /// The zone of the store's days, such as Europe/Amsterdam
    #[arg(long, default_value = "UTC")]
    timezone: String,
    /// The secret of the platform's webhooks; made and shown for a Shopify or WooCommerce store when it is not given
    #[arg(long, env = "SELEKTABLE_SETUP_WEBHOOK_SECRET", hide_env_values = true, value_name = "SECRET")]
    webhook_secret: Option<String>,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// What the arguments mean.
struct Plan {
    organization: String,
    email: String,
    password: Option<String>,
    platform: Platform,
    webhook_secret: Option<Secret>,
    settings: StoreSettings,
}

/// A secret of the platform's webhooks.
struct Secret {
    secret: WebhookSecret,
    /// Ours is told once; one that was given is known.
    made_by_us: bool,
}

/// Makes it and prints ids, key and login, the secret ones for the only time.
pub(super) async fn run(arguments: SetupArguments, config: &Config) -> anyhow::Result<ExitCode> {
    let as_json = arguments.json;
    let plan = judge(arguments)?;
    let store = open_store(config, Access::Administer).await?;
    let made = make(plan, &store).await;
    store.close().await?;
    let made = made?;
    made.say(as_json)?;
    Ok(ExitCode::SUCCESS)
}

fn judge(arguments: SetupArguments) -> Result<Plan, ConfigFaults> {
    let mut faults = Vec::new();
    let mut fault = |flag: &str, text: &str, what: &str| faults.push(format!("--{flag}: `{text}` {what}"));
    for (flag, name) in [("org", &arguments.org), ("store", &arguments.store)] {
        if name.trim().is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
            fault(flag, name, "is not a name of 1 to 200 bytes");
        }
    }
    if !is_email(arguments.email.trim()) {
        fault("email", &arguments.email, "is not an e-mail address");
    }
    if let Some(Err(short)) = arguments.password.as_deref().map(password::check) {
        fault("password", "…", &format!("can't be used: {short}"));
    }
    let platform = Platform::from_code(&arguments.platform);
    if platform.is_none() {
        fault("platform", &arguments.platform, "is none of custom, shopify, woocommerce");
    }
    let currency = Currency::parse(&arguments.currency);
    if let Err(what) = currency {
        fault("currency", &arguments.currency, &what.to_string());
    }
    let zone = Zone::parse(&arguments.timezone);
    if let Err(what) = &zone {
        fault("timezone", &arguments.timezone, &what.to_string());
    }
    let (shop_host, origins) = domains(&arguments.domain, platform, &mut fault);
    let secret = webhook_secret(arguments.webhook_secret.as_deref(), platform);
    if let Err(what) = &secret {
        fault("webhook-secret", "…", &what.to_string());
    }
    match (platform, currency, zone, secret) {
        (Some(platform), Ok(currency), Ok(zone), Ok(webhook_secret)) if faults.is_empty() => Ok(Plan {
            organization: arguments.org.trim().to_owned(),
            email: arguments.email.trim().to_owned(),
            password: arguments.password,
            platform,
            webhook_secret,
            settings: StoreSettings {
                name: arguments.store.trim().to_owned(),
                origins,
                currency,
                zone,
                keep_traits: false,
                keep_events: None,
                shop_host,
            },
        }),
        _ => Err(ConfigFaults(faults)),
    }
}

/// Shopify's own name for the shop, and the origins of the shop's pages. The name is a page's origin only beside others:
/// alone it would keep the script from working on the domain that shoppers see.
fn domains(
    given: &[String],
    platform: Option<Platform>,
    fault: &mut impl FnMut(&str, &str, &str),
) -> (Option<String>, Vec<String>) {
    let (mut shop_host, mut origins) = (None, Vec::new());
    for domain in given {
        let Some(origin) = origin_of_domain(domain) else {
            fault("domain", domain, "is not a domain, such as shop.example or https://shop.example");
            continue;
        };
        let host = host_of(origin.split_once("://").map_or("", |(_, authority)| authority));
        let named = host.filter(|host| platform == Some(Platform::Shopify) && host.ends_with(SHOPIFY_SUFFIX));
        shop_host = shop_host.or(named);
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }
    let is_alone = |host: &String| origins.len() == 1 && origins[0] == format!("https://{host}");
    if shop_host.as_ref().is_some_and(is_alone) {
        origins.clear();
    }
    (shop_host, origins)
}

/// The secret that was given, or one of our own for a platform that signs.
fn webhook_secret(given: Option<&str>, platform: Option<Platform>) -> Result<Option<Secret>, SecretFault> {
    let signs = matches!(platform, Some(Platform::Shopify | Platform::WooCommerce));
    let (text, made_by_us) = match given {
        Some(given) => (given.to_owned(), false),
        None if signs => (random_base62(SECRET_LENGTH), true),
        None => return Ok(None),
    };
    WebhookSecret::parse(&text).map(|secret| Some(Secret { secret, made_by_us }))
}

fn is_email(text: &str) -> bool {
    let plain =
        text.len() <= EMAIL_BYTES_MAX && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let halves = text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    plain && halves
}

/// What was made.
struct Made {
    organization: String,
    store: String,
    widget: String,
    key: ApiKey,
    email: String,
    /// `None` when the member has one already, which only its hash is known of.
    password: Option<String>,
    /// The secret of the platform's webhooks, where we made it.
    webhook_secret: Option<WebhookSecret>,
}

async fn make(plan: Plan, store: &SharedStore) -> anyhow::Result<Made> {
    let (password, password_hash) = credentials(&plan, store).await?;
    let now = ambient::now();
    let known = organization_of(&plan, store).await?;
    let organization = known.unwrap_or_else(ambient::new_id);
    let widget = NewWidget {
        id: ambient::new_id(),
        kind: WidgetType::RoomVisualizer,
        settings: WidgetSettings {
            name: "Room visualizer".to_owned(),
            accent: None,
            retention_hours: RETENTION_HOURS_DEFAULT,
        },
        created_at: now,
    };
    let key = ApiKey::generate();
    let shown = plan.webhook_secret.as_ref().filter(|made| made.made_by_us).map(|made| made.secret.clone());
    let new_store = NewStore {
        id: ambient::new_id(),
        organization,
        platform: plan.platform,
        settings: plan.settings,
        webhook_secret_made_by_us: shown.is_some(),
        webhook_secret: plan.webhook_secret.map(|made| made.secret),
        widget,
        created_at: now,
    };
    let made = Made {
        organization: organization.to_string(),
        store: new_store.id.to_string(),
        widget: new_store.widget.id.to_string(),
        key: key.clone(),
        email: plan.email.clone(),
        password,
        webhook_secret: shown,
    };
    let key = NewKey {
        id: ambient::new_id(),
        organization,
        name: format!("Key from the set-up of {}", new_store.settings.name),
        secret: key.hash(),
        hint: key.hint(),
        scopes: Scope::ALL.to_vec(),
        created_at: now,
    };
    if known.is_some() {
        store.create_store(new_store).await?;
        store.create_key(key).await?;
        return Ok(made);
    }
    let member = NewMember { id: ambient::new_id(), email: plan.email, password_hash };
    let new = NewOrganization {
        id: organization,
        name: plan.organization,
        member,
        store: new_store,
        key,
        created_at: now,
    };
    store.create_organization(new).await?;
    Ok(made)
}

/// The organization of that name that the member belongs to already: it gets one more store. Somebody else's of the
/// same name is refused by the storage.
async fn organization_of(plan: &Plan, store: &SharedStore) -> anyhow::Result<Option<OrganizationId>> {
    let Some(member) = store.member_by_email(&plan.email).await? else { return Ok(None) };
    let own = store.organizations(member.id).await?;
    Ok(own.into_iter().find(|organization| organization.name == plan.organization).map(|found| found.id))
}

/// The password to show and its hash. A member that exists keeps its own.
async fn credentials(plan: &Plan, store: &SharedStore) -> anyhow::Result<(Option<String>, String)> {
    let given = plan.password.clone();
    if let Some(member) = store.member_by_email(&plan.email).await? {
        let known = member.password_hash.clone();
        if let Some(given) = given.clone()
            && !tokio::task::spawn_blocking(move || password::verify(&given, &known)).await?
        {
            let told =
                format!("{} is known already, with another password: leave --password out", plan.email);
            return Err(Misuse(told).into());
        }
        return Ok((given, member.password_hash));
    }
    let password = given.unwrap_or_else(password::generate);
    let hashed = password.clone();
    let hash = tokio::task::spawn_blocking(move || password::hash(&hashed)).await??;
    Ok((Some(password), hash))
}

impl Made {
    fn say(&self, as_json: bool) -> anyhow::Result<()> {
        let text = if as_json { self.as_json() } else { self.for_people() };
        say(&text).context("the result can't be written")
    }

    fn as_json(&self) -> String {
        let mut made = json!({
            "organizationId": self.organization,
            "storeId": self.store,
            "widgetId": self.widget,
            "apiKey": self.key.reveal(),
            "email": self.email,
            "password": self.password,
        });
        if let Some(secret) = &self.webhook_secret {
            made["webhookSecret"] = secret.reveal().into();
        }
        made.to_string()
    }

    fn for_people(&self) -> String {
        let password = self.password.as_deref().unwrap_or("(as before)");
        let secret = self.webhook_secret.as_ref();
        let secret = secret.map(|secret| format!("webhook secret {}\n", secret.reveal())).unwrap_or_default();
        format!(
            "organization  {}\nstore         {}\nwidget        {}\nAPI key       {}\nlogin         {}\npassword      {}\n{}\n\
             The API key and the password are not shown again.",
            self.organization,
            self.store,
            self.widget,
            self.key.reveal(),
            self.email,
            password,
            secret,
        )
    }
}
