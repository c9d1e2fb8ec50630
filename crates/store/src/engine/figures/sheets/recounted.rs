//! Reports without sheets, to hold those with sheets against.

use selektable_domain::report::lag::LagReport;
use selektable_domain::report::models::ModelsReport;
use selektable_domain::report::models_tally::ModelsTally;
use selektable_domain::report::near_miss_tally::NearMissTally;
use selektable_domain::report::platform_orders::{PlatformOrders, PlatformOrdersTally};
use selektable_domain::report::products::{NearMiss, ProductRow};
use selektable_domain::report::products_tally::ProductsTally;
use selektable_domain::time::Range;

use super::super::super::database::Database;
use super::super::super::work::Work;
use super::count::{self, Decided};
use super::make;
use crate::{StoreResult, Tenant};

/// What reports tell of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recounted {
    /// See [`Store::models`](crate::Store::models).
    pub models: ModelsReport,
    /// See [`Store::products`](crate::Store::products).
    pub products: Vec<ProductRow>,
    /// See [`Store::near_misses`](crate::Store::near_misses).
    pub near_misses: Vec<NearMiss>,
    /// See [`Store::lag`](crate::Store::lag).
    pub lag: LagReport,
    /// What is counted of [`Store::platform_health`](crate::Store::platform_health).
    pub platform_orders: PlatformOrders,
}

/// Counts every row of a range of the database of an address, for tests and measurements.
///
/// # Errors
/// When the database can't be read.
pub fn recount(address: &str, tenant: Tenant, range: Range) -> StoreResult<Recounted> {
    let connection = Database::parse(address)?.reading()?;
    let _snapshot = connection.snapshot()?;
    let (work, store) = (&Work::new(&connection), tenant.store_number);
    let mut models = ModelsTally::new(work.store_rules(store)?.live.schedule.newest().model);
    let (mut products, mut near_misses) = (ProductsTally::default(), NearMissTally::default());
    let decided = Decided {
        models: Some(&mut models),
        products: Some(&mut products),
        near_misses: Some(&mut near_misses),
    };
    count::conversions(work, store, range, decided)?;
    count::pictures(work, store, range, &mut products)?;
    let mut lag = make::lag(work, store)?;
    count::lags(work, store, range, &mut lag)?;
    let mut platform_orders = PlatformOrdersTally::default();
    count::platform_orders(work, store, range, &mut platform_orders)?;
    Ok(Recounted {
        models: models.finish(),
        products: products.finish(),
        near_misses: near_misses.finish(),
        lag: lag.finish(),
        platform_orders: platform_orders.finish(),
    })
}
