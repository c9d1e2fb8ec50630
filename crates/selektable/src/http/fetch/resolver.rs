//! Names to addresses, with every address judged. The client connects to what this resolver gives and resolves
//! nothing itself, so a name can't be public when it is judged and private when it is used (DNS rebinding).

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Policy;

/// What a look-up gives.
pub(super) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Where names are looked up; another one than the system's only in tests.
pub(super) trait Lookup: Send + Sync + 'static {
    fn addresses(&self, host: String) -> Found;
}

/// The system's resolver.
pub(super) struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, host: String) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Every address of a name was refused.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to no address on the public internet")]
pub(super) struct NoPublicAddress;

/// Gives the client the permitted addresses of a name.
pub(super) struct GuardedResolver {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) policy: Policy,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.lookup.addresses(name.as_str().to_owned());
        let may_connect = self.policy.may_connect;
        Box::pin(async move {
            let permitted: Vec<SocketAddr> = found
                .await?
                .into_iter()
                .filter(|address| may_connect(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if permitted.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
