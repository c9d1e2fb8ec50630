//! Order ingest: durable, de-duplicated, attributed, over HTTP; every order new, half of them by shoppers who
//! visualized what they buy.

use super::Load;
use crate::load::Requests;
use crate::options::Common;
use crate::requests::deliveries::{Deliveries, Sender};
use crate::requests::orders::Orders;

#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Who sends the orders; platforms' are signed bodies of several kilobytes
    #[arg(long, value_enum, default_value_t = Sender::Custom)]
    sender: Sender,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let Options { common, sender } = &options;
    match sender {
        Sender::Custom => {
            let requests = |shop, shoppers| Ok(Orders { shop, shoppers });
            measure(common, *sender, requests).await
        }
        sender => measure(common, *sender, |shop, shoppers| Deliveries::new(shop, shoppers, *sender)).await,
    }
}

async fn measure<R: Requests>(
    common: &Common,
    sender: Sender,
    requests: impl Fn(crate::requests::Shop, crate::requests::shoppers::Shoppers) -> anyhow::Result<R>,
) -> anyhow::Result<()> {
    Load { command: "ingest", common, sender, each: 1, requests }.measure().await
}
