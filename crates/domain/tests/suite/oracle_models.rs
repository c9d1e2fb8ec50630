//! The models of SPEC section 6, in fractions: for the oracle, which shares nothing with the engine.

const BILLION: i128 = 1_000_000_000;
const DAY_MS: i64 = 86_400_000;

/// Splits an amount by shares of a whole, all of it, by largest remainder: first what is sure, then one by one to
/// whoever is owed most, the earlier of two that are owed the same.
pub(crate) fn split(amount: i128, shares: &[i128]) -> Vec<i128> {
    let whole: i128 = shares.iter().sum();
    let mut given: Vec<i128> = shares.iter().map(|share| amount * share / whole).collect();
    while given.iter().sum::<i128>() < amount {
        // Owed: amount × share / whole − given, compared as multiples of 1/whole.
        let owed: Vec<i128> =
            given.iter().zip(shares).map(|(got, share)| amount * share - got * whole).collect();
        let most = owed.iter().max().unwrap();
        let place = owed.iter().position(|owed| owed == most).unwrap();
        given[place] += 1;
    }
    given
}

/// Shares of touches, oldest first, as the models say; `None` for the one that needs more than fractions.
pub(crate) fn weights(model: &str, count: usize) -> Option<Vec<i128>> {
    let one_at = |chosen: usize| (0..count).map(|place| if place == chosen { BILLION } else { 0 }).collect();
    let equal = |whole: i128, count: usize| split(whole, &vec![1; count]);
    match model {
        _ if count == 0 => Some(Vec::new()),
        "last_touch" => Some(one_at(count - 1)),
        "first_touch" => Some(one_at(0)),
        "position_based" if count > 2 => {
            let middle = equal(BILLION / 5, count - 2);
            Some([vec![BILLION / 5 * 2], middle, vec![BILLION / 5 * 2]].concat())
        }
        "linear" | "position_based" => Some(equal(BILLION, count)),
        _ => None,
    }
}

/// "Half-life W/4, at least 1 day", in floating point: the engine's integers must be within a hundred-millionth.
pub(crate) fn assert_decays(window_ms: i64, ages: &[i64], found: &[i128]) {
    let half_life = (window_ms / 4).max(DAY_MS);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of years are far below 2^53")]
    let raw: Vec<f64> = ages.iter().map(|age| (-(*age as f64) / half_life as f64).exp2()).collect();
    let sum: f64 = raw.iter().sum();
    assert_eq!(found.iter().sum::<i128>(), if ages.is_empty() { 0 } else { BILLION });
    for (weight, ideal) in found.iter().zip(&raw) {
        #[expect(clippy::cast_precision_loss, reason = "a billion is far below 2^53")]
        let distance = (*weight as f64 - ideal / sum * 1e9).abs();
        assert!(distance <= 10.0, "{weight} is {distance} away: {ages:?}");
    }
}
