//! How a store hangs together with its platform.

use crate::db::params;
use selektable_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::rows::{Reading, first};
use super::super::work::Work;
use crate::StoreResult;
use crate::platforms::{LinkSign, PlatformAccess, PlatformLink};

/// Access as it stands in its row.
#[derive(Serialize, Deserialize)]
#[serde(tag = "platform", rename_all = "lowercase")]
enum AccessBody {
    WooCommerce { address: String, key: String, secret: String },
    Shopify { address: String, token: String },
}

fn write(access: PlatformAccess) -> String {
    let body = match access {
        PlatformAccess::WooCommerce { address, key, secret } => {
            AccessBody::WooCommerce { address, key, secret }
        }
        PlatformAccess::Shopify { address, token } => AccessBody::Shopify { address, token },
    };
    // Texts only: nothing in them can fail to be written.
    serde_json::to_string(&body).unwrap_or_default()
}

fn read(text: &str) -> Result<PlatformAccess, String> {
    let body = serde_json::from_str(text).map_err(|fault| format!("its JSON can't be read: {fault}"))?;
    Ok(match body {
        AccessBody::WooCommerce { address, key, secret } => {
            PlatformAccess::WooCommerce { address, key, secret }
        }
        AccessBody::Shopify { address, token } => PlatformAccess::Shopify { address, token },
    })
}

/// A store's link.
pub(in super::super) fn get(work: &Work<'_>, store: i64) -> StoreResult<PlatformLink> {
    let sql =
        "SELECT store, access, uninstalled_at, owner_lost_access_at FROM platform_links WHERE store = ?1";
    let mut statement = work.connection.prepare_cached(sql)?;
    let found = first(statement.query([store])?, |row| {
        let row = Reading::new(row, "platform_links", 0);
        let access = row.text_if(1)?.map(read).transpose().map_err(|fault| row.damaged(fault))?;
        Ok(PlatformLink { access, uninstalled_at: row.time_if(2)?, owner_lost_access_at: row.time_if(3)? })
    })?;
    Ok(found.unwrap_or_default())
}

/// Sets how orders are looked up.
pub(in super::super) fn set_access(
    work: &Work<'_>,
    store: i64,
    access: Option<PlatformAccess>,
) -> StoreResult<()> {
    let sql = "INSERT INTO platform_links (store, access) VALUES (?1, ?2) \
               ON CONFLICT (store) DO UPDATE SET access = excluded.access";
    work.connection.prepare_cached(sql)?.execute(params![store, access.map(write)])?;
    Ok(())
}

/// Notes what the platform said about itself.
pub(in super::super) fn note(work: &Work<'_>, store: i64, sign: LinkSign, at: Timestamp) -> StoreResult<()> {
    let at = at.as_millis();
    match sign {
        LinkSign::Signed { secret } => {
            let sql = "UPDATE webhook_secrets SET last_used_at = CASE WHEN last_used_at > ?3 THEN last_used_at ELSE ?3 END \
                       WHERE store = ?1 AND number = ?2";
            work.connection.prepare_cached(sql)?.execute(params![store, secret, at])?;
            let sql = "UPDATE platform_links SET uninstalled_at = NULL, owner_lost_access_at = NULL \
                       WHERE store = ?1 AND coalesce(uninstalled_at, owner_lost_access_at) IS NOT NULL";
            work.connection.prepare_cached(sql)?.execute([store])?;
        }
        LinkSign::Uninstalled => {
            let sql = "INSERT INTO platform_links (store, uninstalled_at) VALUES (?1, ?2) \
                       ON CONFLICT (store) DO UPDATE SET uninstalled_at = excluded.uninstalled_at";
            work.connection.prepare_cached(sql)?.execute(params![store, at])?;
        }
        LinkSign::OwnerLostAccess => {
            let sql = "INSERT INTO platform_links (store, owner_lost_access_at) VALUES (?1, ?2) \
                       ON CONFLICT (store) DO UPDATE SET owner_lost_access_at = excluded.owner_lost_access_at";
            work.connection.prepare_cached(sql)?.execute(params![store, at])?;
        }
    }
    Ok(())
}
