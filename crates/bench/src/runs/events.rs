//! Events as the embed script sends them: durable before the answer, each id once.

use clap::value_parser;

use super::Load;
use crate::options::Common;
use crate::requests::deliveries::Sender;
use crate::requests::events::Events;
use crate::requests::shoppers::Shoppers;

#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Events in one request
    #[arg(long, default_value_t = 1, value_parser = value_parser!(u64).range(1..=100))]
    batch: u64,
}

pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let Options { common, batch } = options;
    let now = selektable::ambient::now().as_millis();
    let requests = |shop, _: Shoppers| Ok(Events { shop, batch, now });
    Load { command: "events", common: &common, sender: Sender::Custom, each: batch, requests }.measure().await
}
