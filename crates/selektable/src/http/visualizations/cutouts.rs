//! Cut-outs of product pictures that were fetched lately, so that a shopper who moves a sofa about does not make the
//! server fetch and cut it each time. Bounded by bytes; the one not used for longest goes first.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use selektable_domain::id::WidgetId;
use selektable_domain::time::Timestamp;
use selektable_render::Cutout;

/// Most memory of all kept cut-outs: about twenty usual product pictures.
pub(super) const CUTOUTS_BYTES_MAX: usize = 48 * 1024 * 1024;
/// How long a cut-out is used before its picture is fetched anew, in milliseconds.
const FRESH_MS_MAX: i64 = 10 * 60 * 1_000;

/// A picture of a widget's shop. The widget is part of the key, so that the time an answer takes tells nobody what
/// another shop's shoppers look at.
pub(super) type Key = (WidgetId, String);

/// Least recently used first.
#[derive(Default)]
pub(super) struct Cutouts(Mutex<VecDeque<(Key, Timestamp, Cutout)>>);

impl Cutouts {
    /// A kept cut-out that is fresh at `now`.
    pub(super) fn get(&self, key: &Key, now: Timestamp) -> Option<Cutout> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|(known, _, _)| known == key)?;
        let found = kept.remove(place)?;
        if now.millis_since(found.1) > FRESH_MS_MAX {
            return None;
        }
        let cutout = found.2.clone();
        kept.push_back(found);
        Some(cutout)
    }

    /// Keeps a cut-out that was fetched at `now`.
    pub(super) fn put(&self, key: Key, now: Timestamp, cutout: Cutout) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _, _)| *known != key);
        kept.push_back((key, now, cutout));
        while kept.iter().map(|(_, _, cutout)| bytes(cutout)).sum::<usize>() > CUTOUTS_BYTES_MAX {
            kept.pop_front();
        }
    }
}

fn bytes(cutout: &Cutout) -> usize {
    cutout.width() as usize * cutout.height() as usize * 4
}

#[cfg(test)]
mod tests {
    use super::*;
    use selektable_domain::id::WidgetId;
    use uuid::Uuid;

    fn key(name: &str) -> Key {
        (WidgetId::from_uuid(Uuid::from_u128(1)), name.to_owned())
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    /// A plain grey picture as PNG: kept whole, `side` × `side`.
    fn cutout(side: u32) -> Cutout {
        let pixels = image::RgbaImage::from_fn(side, side, |x, _| {
            image::Rgba(if x % 2 == 0 { [200, 10, 10, 255] } else { [10, 10, 200, 255] })
        });
        let mut png = std::io::Cursor::new(Vec::new());
        pixels.write_to(&mut png, image::ImageFormat::Png).unwrap();
        Cutout::from_image(png.get_ref(), &selektable_render::Limits::PRODUCT).unwrap()
    }

    #[test]
    fn a_cutout_is_kept_for_its_widget_until_it_is_stale() {
        let cutouts = Cutouts::default();
        cutouts.put(key("a"), at(0), cutout(32));
        assert!(cutouts.get(&key("a"), at(FRESH_MS_MAX)).is_some());
        let other = (WidgetId::from_uuid(Uuid::from_u128(2)), "a".to_owned());
        assert!(cutouts.get(&other, at(0)).is_none());
        assert!(cutouts.get(&key("a"), at(FRESH_MS_MAX + 1)).is_none());
        assert!(cutouts.get(&key("a"), at(0)).is_none(), "a stale one is gone");
    }

    #[test]
    fn the_one_not_used_for_longest_goes_first_and_memory_is_bounded() {
        let cutouts = Cutouts::default();
        let large = cutout(1_536);
        let fit = CUTOUTS_BYTES_MAX / bytes(&large);
        for place in 0..fit {
            cutouts.put(key(&place.to_string()), at(0), large.clone());
        }
        assert!(cutouts.get(&key("0"), at(0)).is_some());
        cutouts.put(key("one more"), at(0), large);
        assert!(cutouts.get(&key("1"), at(0)).is_none());
        assert!(cutouts.get(&key("0"), at(0)).is_some());
        assert!(cutouts.get(&key("one more"), at(0)).is_some());
    }
}
