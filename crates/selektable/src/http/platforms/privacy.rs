//! Requests under privacy law that Shopify passes on. A customer is erased at once; what a customer asks to see, and the
//! end of a shop's data, wait for the store's people, who have 30 days.

use std::collections::BTreeSet;

use selektable_domain::opaque::{OrderId, UserId, VisitorId};
use selektable_domain::platform::PrivacyRequest;
use selektable_domain::pseudonym::is_pseudonym;
use selektable_domain::time::Timestamp;
use selektable_store::rules::Erasing;
use selektable_store::{StoreResult, Tenant};

use crate::ambient;
use crate::app::App;

/// Keeps a request and does what can be done at once. Done again after a failure half-way, it goes on with the same
/// request.
pub(super) async fn take(
    app: &App,
    tenant: Tenant,
    request: PrivacyRequest,
    at: Timestamp,
) -> StoreResult<()> {
    let number = match open_request(app, tenant, &request).await? {
        Some(number) => number,
        None => app.store.add_privacy_request(tenant, request.clone(), at).await?,
    };
    if let PrivacyRequest::EraseCustomer { orders, .. } = request {
        erase(app, tenant, orders, at).await?;
        app.store.finish_privacy_request(tenant, number, at).await?;
    }
    Ok(())
}

/// The same request, if it is here and not done: platforms send again what they believe was not received.
async fn open_request(app: &App, tenant: Tenant, request: &PrivacyRequest) -> StoreResult<Option<u32>> {
    let (customer, orders) = match request {
        PrivacyRequest::Data { customer, orders } | PrivacyRequest::EraseCustomer { customer, orders } => {
            (customer.as_deref(), orders.as_slice())
        }
        PrivacyRequest::EraseShop => (None, &[][..]),
    };
    let kept = app.store.privacy_requests(tenant).await?;
    let same = kept.into_iter().find(|record| {
        record.done_at.is_none()
            && record.kind == request.code()
            && record.customer.as_deref() == customer
            && record.orders == orders
    });
    Ok(same.map(|record| record.number))
}

/// Erases whoever placed these orders: the customers where the orders name them, else the browsers.
async fn erase(app: &App, tenant: Tenant, orders: Vec<OrderId>, at: Timestamp) -> StoreResult<()> {
    let (mut users, mut visitors) = (BTreeSet::<UserId>::new(), BTreeSet::<VisitorId>::new());
    for order in orders {
        let Some(found) = app.store.conversion(tenant, order).await? else { continue };
        let order = found.record.order;
        users.extend(order.user.filter(|id| !is_pseudonym(id.as_str())));
        visitors.extend(order.visitor.filter(|id| !is_pseudonym(id.as_str())));
    }
    let users = users.into_iter().map(Erasing::User);
    for who in users.chain(visitors.into_iter().map(Erasing::Visitor)) {
        app.store.erase_person(tenant, who, at, ambient::pseudonym_seed()).await?;
    }
    Ok(())
}
