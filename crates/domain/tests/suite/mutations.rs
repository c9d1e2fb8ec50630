//! Good bodies, damaged thousands of times in the same way on every machine: what a fuzzer would find first, in every
//! test run. The fuzz targets go on from here.

use selektable_domain::fault::Fault;

use crate::payloads::{Outcome, WAYS, good_bodies, outcome};

const ROUNDS: usize = 20_000;

/// Pieces that parsers trip over.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "null",
    "true",
    "-",
    "0",
    "1e999",
    "-0",
    "9007199254740992",
    "1.0",
    "\\u0000",
    "\\ud800",
    "\\u0061",
    "\u{feff}",
    "é",
    "\"a\":1,",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "\u{0}",
];

/// A small generator of its own (`SplitMix64`), so that the bodies never change with a crate's version.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn damage(&mut self, body: &mut Vec<u8>) {
        let start = self.below(body.len() + 1);
        let end = (start + self.below(12)).min(body.len());
        match self.below(6) {
            0 => body.splice(start..end, []).for_each(drop),
            1 => {
                let again = body[start..end].to_vec();
                body.splice(start..start, again).for_each(drop);
            }
            2 => {
                let piece = PIECES[self.below(PIECES.len())];
                body.splice(start..start, piece.bytes()).for_each(drop);
            }
            3 => {
                let piece = PIECES[self.below(PIECES.len())];
                body.splice(start..end, piece.bytes()).for_each(drop);
            }
            4 => {
                let digit = b'0' + u8::try_from(self.below(10)).unwrap();
                body.splice(start..end.min(start + 1), [digit]).for_each(drop);
            }
            _ => {
                let flipped = body.get(start).map(|byte| byte ^ (1 << self.below(8)));
                body.splice(start..end.min(start + 1), flipped).for_each(drop);
            }
        }
    }
}

/// A refusal must have a reason, and each reason a place, a code and a sentence.
fn assert_explained(faults: &[Fault]) {
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(fault.pointer.is_empty() || fault.pointer.starts_with('/'), "{fault:?}");
        assert!(!fault.code.is_empty() && !fault.detail.is_empty(), "{fault:?}");
    }
}

#[test]
fn damaged_bodies_are_taken_or_refused_with_a_reason_and_never_panic() {
    let mut dice = Dice(2_026);
    for ((name, way), good) in WAYS.into_iter().zip(good_bodies()) {
        let mut seen = [0_usize; 3];
        for _ in 0..ROUNDS {
            let mut body = good.clone().into_bytes();
            (0..=dice.below(4)).for_each(|_| dice.damage(&mut body));
            match outcome(way, &body) {
                Outcome::NotJson(fault) => {
                    assert!(!fault.code().is_empty() && !fault.to_string().is_empty());
                    seen[0] += 1;
                }
                Outcome::Refused(faults) => {
                    assert_explained(&faults);
                    seen[1] += 1;
                }
                Outcome::Taken => seen[2] += 1,
            }
        }
        // Damage that always breaks the JSON, or never reaches a rule, would test nothing.
        assert!(seen.iter().all(|count| *count > ROUNDS / 200), "{name}: {seen:?}");
    }
}
