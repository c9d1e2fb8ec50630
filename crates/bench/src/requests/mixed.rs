//! Everything at once, at fixed shares.

use super::events::Events;
use super::orders::Orders;
use super::reads::Reads;
use super::visualizations::Visualizations;
use crate::load::Requests;

/// Requests of each kind in a hundred: events, visualizations, orders; the rest are reads.
pub(crate) const SHARES: [u64; 3] = [70, 14, 14];

/// A shop's day, and a merchant who looks at it.
pub(crate) struct Mixed {
    pub(crate) events: Events,
    pub(crate) visualizations: Visualizations,
    pub(crate) orders: Orders,
    pub(crate) reads: Reads,
}

impl Requests for Mixed {
    fn write(&self, n: u64, buffer: &mut Vec<u8>) -> usize {
        match self.kind(n) {
            0 => self.events.write(n, buffer),
            1 => self.visualizations.write(n, buffer),
            2 => self.orders.write(n, buffer),
            // Two in a hundred numbers are reads, an odd and an even one: each route gets its turn.
            _ => self.reads.write(n / 100 * 2 + n % 2, buffer),
        }
    }

    fn kinds(&self) -> Vec<&'static str> {
        vec!["events", "visualizations", "orders", "reads"]
    }

    fn kind(&self, n: u64) -> usize {
        // Spread, so that one kind does not come in a row: 37 and 100 have no divisor in common.
        let place = n.wrapping_mul(37) % 100;
        let mut end = 0;
        for (kind, share) in SHARES.iter().enumerate() {
            end += share;
            if place < end {
                return kind;
            }
        }
        SHARES.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::Shop;
    use crate::requests::shoppers::Shoppers;
    use selektable_domain::time::Timestamp;

    fn mixed() -> Mixed {
        let text = |text: &str| text.to_owned();
        let shop = Shop {
            host: text("127.0.0.1"),
            key: text("key"),
            organization_id: text("org"),
            store_id: text("store"),
            widget_id: text("widget"),
            email: text("e"),
            password: text("p"),
        };
        let now = Timestamp::from_millis(1_800_000_000_000);
        let shoppers = Shoppers::new(None, now);
        Mixed {
            events: Events { shop: shop.clone(), batch: 1, now: now.as_millis() },
            visualizations: Visualizations { shop: shop.clone(), shoppers, before_orders: false },
            orders: Orders { shop: shop.clone(), shoppers },
            reads: Reads::of_api(&shop, now),
        }
    }

    #[test]
    fn a_hundred_requests_have_the_stated_shares() {
        let mixed = mixed();
        let mut counts = [0_u64; 4];
        (0..100).for_each(|n| counts[mixed.kind(n)] += 1);
        assert_eq!(counts, [70, 14, 14, 2]);
    }

    #[test]
    fn every_read_gets_its_turn() {
        let mixed = mixed();
        let mut seen = std::collections::BTreeSet::new();
        for n in (0..1_000).filter(|n| mixed.kind(*n) == 3) {
            let mut buffer = Vec::new();
            mixed.write(n, &mut buffer);
            seen.insert(String::from_utf8(buffer).unwrap().split('?').next().unwrap().to_owned());
        }
        assert_eq!(seen.len(), 4, "{seen:?}");
    }

    #[test]
    fn bodies_are_json_of_the_length_that_is_told() {
        let mixed = mixed();
        for n in (0..200).filter(|n| mixed.kind(*n) < 3) {
            let mut buffer = Vec::new();
            let length = mixed.write(n, &mut buffer);
            let text = String::from_utf8(buffer).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert_eq!(body.len(), length);
            assert!(head.contains(&format!("content-length: {length}")), "{head}");
            serde_json::from_str::<serde_json::Value>(body).unwrap();
        }
    }
}
