//! Sheets: what a report counts of one span of time, as bytes. The report of a long range is its sheets together and a
//! count of what lies between them.
//!
//! For that a tally is a sum: counted at once, or in any parts that are added to each other in any order, it tells the
//! same. All of it is whole numbers, and a maximum here and there.

/// Why bytes are no sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// The bytes are none, or count more than there can be.
    #[error("it can't be read")]
    Unreadable,
    /// It was counted under another window than the report asks for.
    #[error("it was counted under another window")]
    OtherWindow,
}

/// A tally that is kept as bytes.
pub trait Sheet {
    /// The bytes to be stored: one way for each content.
    fn to_bytes(&self) -> Vec<u8>;

    /// Adds what [`Sheet::to_bytes`] wrote of a part.
    ///
    /// # Errors
    /// When these bytes are no sheet of its kind. What was added of them until then is of no use.
    fn absorb(&mut self, bytes: &[u8]) -> Result<(), SheetFault>;

    /// Whether nothing was counted.
    fn is_nothing(&self) -> bool;
}

/// Of what a reader of bytes found: all of them have to be read.
pub(super) fn whole(read: Option<()>, is_at_end: bool) -> Result<(), SheetFault> {
    read.filter(|()| is_at_end).ok_or(SheetFault::Unreadable)
}

#[cfg(test)]
pub(super) mod tests {
    use super::Sheet;

    /// Counts things in two parts that are joined through their bytes, and all at once; both in bytes.
    pub(in super::super) fn in_parts_and_whole<S: Sheet, T>(
        things: &[T],
        cut: usize,
        begin: impl Fn() -> S,
        add: impl Fn(&mut S, &T),
    ) -> (Vec<u8>, Vec<u8>) {
        let counted = |things: &[T]| {
            let mut tally = begin();
            for thing in things {
                add(&mut tally, thing);
            }
            tally
        };
        let (one, other) = things.split_at(cut.min(things.len()));
        let mut joined = begin();
        // The later part first: order is of no matter.
        for part in [other, one] {
            joined.absorb(&counted(part).to_bytes()).unwrap();
        }
        (joined.to_bytes(), counted(things).to_bytes())
    }

    /// Reads what may be anything, and every beginning of what is right.
    pub(in super::super) fn is_read_without_a_panic<S: Sheet>(
        begin: impl Fn() -> S,
        right: &[u8],
        any: &[u8],
    ) {
        let _ = begin().absorb(any);
        for length in 0..right.len() {
            assert!(begin().absorb(&right[..length]).is_err());
        }
        for place in 0..right.len() {
            let mut flipped = right.to_vec();
            flipped[place] ^= 1 << (place % 8);
            let mut tally = begin();
            if tally.absorb(&flipped).is_ok() {
                // Read once more on top, sums grow and don't overflow with a panic.
                let _ = tally.absorb(&flipped);
            }
        }
    }
}
