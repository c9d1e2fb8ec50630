//! A shop's day at once: of a hundred requests 70 are events, 14 visualizations, 14 orders and 2 reads of the Analytics
//! page's figures over ninety days.

use super::Load;
use crate::options::Common;
use crate::requests::Shop;
use crate::requests::deliveries::Sender;
use crate::requests::events::Events;
use crate::requests::mixed::Mixed;
use crate::requests::orders::Orders;
use crate::requests::reads::Reads;
use crate::requests::shoppers::Shoppers;
use crate::requests::visualizations::Visualizations;

pub(crate) async fn run(common: Common) -> anyhow::Result<()> {
    let now = selektable::ambient::now();
    let requests = |shop: Shop, shoppers: Shoppers| {
        Ok(Mixed {
            events: Events { shop: shop.clone(), batch: 1, now: now.as_millis() },
            visualizations: Visualizations { shop: shop.clone(), shoppers, before_orders: false },
            orders: Orders { shop: shop.clone(), shoppers },
            reads: Reads::of_api(&shop, now),
        })
    };
    Load { command: "mixed", common: &common, sender: Sender::Custom, each: 1, requests }.measure().await
}
