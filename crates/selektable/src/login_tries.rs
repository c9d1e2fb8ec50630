//! How often somebody may try to log in, whichever process is asked: counted in the database, because guessing at
//! several processes at once must not be faster. A process refuses by itself what it knows to be too much, so that a
//! flood writes nothing.

use std::net::IpAddr;
use std::time::Duration;

use selektable_store::StoreResult;
use selektable_store::processes::{Tried, Try};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::http::rate::{LOGINS_OF_ACCOUNT, LOGINS_OF_ADDRESS, Quota, TooMany};

/// Counts one try of an account, from an address where it is not somebody who is logged in already.
///
/// # Errors
/// The storage's.
pub async fn count(app: &App, address: Option<IpAddr>, account: &str) -> StoreResult<Result<(), TooMany>> {
    let account = account.to_lowercase();
    let here = address
        .map_or(Ok(()), |address| app.limits.logins.check(&address))
        .and_then(|()| app.limits.login_accounts.check(&account));
    if here.is_err() {
        return Ok(here);
    }
    let of_address = address.map(|address| one("address", &address.to_string(), LOGINS_OF_ADDRESS));
    let of_account = one("account", &account, LOGINS_OF_ACCOUNT);
    let tries = of_address.into_iter().chain([of_account]).collect();
    Ok(match app.store.count_tries(tries).await? {
        Tried::Allowed => Ok(()),
        Tried::TooMany(wait) => Err(TooMany(wait.max(Duration::from_millis(1)))),
    })
}

fn one(kind: &str, who: &str, quota: Quota) -> Try {
    let name = Sha256::digest(format!("login {kind} {who}")).into();
    Try { name, burst: quota.burst.get(), refill: quota.refill }
}
