//! What shoppers do. Each story leads to one kind of answer of the attribution rules, named beside it.

use selektable_domain::time::{DAY_MS, HOUR_MS, Timestamp};

use super::chance::Chance;
use super::pen::{Browser, Line, Pen, SoldAs};
use super::{DAYS, HistoryFault};
use crate::demo::shop::catalogue::{PRODUCTS, Product};

const MINUTE_MS: i64 = 60_000;
const LAST: usize = DAYS - 1;
/// The sofa, and the id of its blue variant, which orders carry beside the sofa's own.
pub(super) const SOFA: (&Product, &str) = (&PRODUCTS[0], "sofa-duin-blue");
/// The armchair, and the id under which the checkout sells it in walnut: nothing says that they are one product.
pub(super) const ARMCHAIR: (&Product, &str) = (&PRODUCTS[1], "armchair-kade-walnut");

/// One shopper's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    /// Looks at pages.
    Look,
    /// Makes pictures and leaves.
    Play,
    /// Comes back for more pictures, and leaves.
    PlayTwice,
    /// Direct, within minutes.
    BuyAtOnce,
    /// Direct, after days.
    BuyLater,
    /// Direct, on another device: linked by the user.
    BuyOnOtherDevice,
    /// Direct: a variant of the visualized product, whose id the order carries beside the product's.
    BuyVariant,
    /// Assisted: another product than the visualized one.
    BuySomethingElse,
    /// Assisted, and a near miss: the visualized product under an id that nothing joins to it.
    BuyUnderOtherId,
    /// None, `never_visualized`.
    BuyWithoutPicture,
    /// None, `visitor_never_seen`: a browser that blocks the script's requests.
    BuyUnseen,
    /// None, `no_visitor`: told by telephone, imported from the till.
    BuyByTelephone,
    /// None, `out_of_window`.
    BuyTooLate,
    /// None, `only_after_order`.
    BuyThenPlay,
    /// A lead, direct: booked in the visit of the picture.
    BookAtOnce,
    /// A lead, assisted: booked in another visit.
    BookLater,
    /// A lead, none.
    BookWithoutPicture,
}

/// How often each story happens.
const OFTEN: [(Story, usize); 17] = [
    (Story::Look, 130),
    (Story::Play, 78),
    (Story::PlayTwice, 12),
    (Story::BuyAtOnce, 23),
    (Story::BuyLater, 11),
    (Story::BuyOnOtherDevice, 6),
    (Story::BuyVariant, 5),
    (Story::BuySomethingElse, 9),
    (Story::BuyUnderOtherId, 6),
    (Story::BuyWithoutPicture, 38),
    (Story::BuyUnseen, 7),
    (Story::BuyByTelephone, 4),
    (Story::BuyTooLate, 5),
    (Story::BuyThenPlay, 4),
    (Story::BookAtOnce, 6),
    (Story::BookLater, 3),
    (Story::BookWithoutPicture, 3),
];

/// All stories, mixed.
pub(super) fn shuffled(chance: &mut Chance) -> Vec<Story> {
    let mut stories: Vec<Story> =
        OFTEN.iter().flat_map(|(story, times)| std::iter::repeat_n(*story, *times)).collect();
    chance.shuffle(&mut stories);
    stories
}

/// Writes one story.
pub(super) fn write(story: Story, pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    match story {
        Story::Look => look(pen).map(|_| ()),
        Story::Play => play(pen, 0, LAST).map(|_| ()),
        Story::PlayTwice => play_twice(pen),
        Story::BuyAtOnce => buy_at_once(pen),
        Story::BuyLater => buy_later(pen),
        Story::BuyOnOtherDevice => buy_on_other_device(pen),
        Story::BuyVariant => buy_sold_as(pen, SOFA.0, SoldAs::Variant(SOFA.1)),
        Story::BuySomethingElse => buy_something_else(pen),
        Story::BuyUnderOtherId => buy_sold_as(pen, ARMCHAIR.0, SoldAs::OtherId(ARMCHAIR.1)),
        Story::BuyWithoutPicture => buy_without_picture(pen),
        Story::BuyUnseen => buy_unseen(pen),
        Story::BuyByTelephone => buy_by_telephone(pen),
        Story::BuyTooLate => buy_too_late(pen),
        Story::BuyThenPlay => buy_then_play(pen),
        Story::BookAtOnce => book_at_once(pen),
        Story::BookLater => book_later(pen),
        Story::BookWithoutPicture => book_without_picture(pen),
    }
}

/// A visit in which pictures were made.
struct Played {
    browser: Browser,
    day: usize,
    products: Vec<&'static Product>,
    ended_at: Timestamp,
}

fn look(pen: &mut Pen<'_>) -> Result<(Browser, Timestamp), HistoryFault> {
    let (_, at) = pen.visit_time(0, LAST);
    let browser = pen.browser()?;
    for nth in 0..pen.chance.between(1, 3) {
        let product = pen.product();
        pen.look_at(&browser, product, at.plus_millis(nth * MINUTE_MS))?;
    }
    Ok((browser, at.plus_millis(4 * MINUTE_MS)))
}

fn play(pen: &mut Pen<'_>, first: usize, last: usize) -> Result<Played, HistoryFault> {
    let (day, at) = pen.visit_time(first, last);
    let browser = pen.browser()?;
    play_in(pen, browser, day, at)
}

fn play_in(pen: &mut Pen<'_>, browser: Browser, day: usize, from: Timestamp) -> Result<Played, HistoryFault> {
    let mut at = from;
    let mut products: Vec<&'static Product> = Vec::new();
    let pictures = 1 + pen.chance.weighted(&[46, 30, 16, 8]);
    for _ in 0..pictures {
        // Half of the time it is the same product again, at another place in the room.
        let product = match products.last() {
            Some(last) if pen.chance.percent(50) => *last,
            _ => pen.product(),
        };
        pen.look_at(&browser, product, at)?;
        at = at.plus_millis(pen.chance.between(40_000, 4 * MINUTE_MS));
        pen.picture(&browser, product, at)?;
        if !products.contains(&product) {
            products.push(product);
        }
    }
    Ok(Played { browser, day, products, ended_at: at })
}

fn play_twice(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let first = play(pen, 0, LAST - 3)?;
    let (day, at) = pen.visit_time(first.day + 1, LAST);
    let again = pen.another_visit(&first.browser)?;
    play_in(pen, again, day, at).map(|_| ())
}

fn buy_at_once(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let played = play(pen, 0, LAST)?;
    let at = played.ended_at.plus_millis(pen.chance.between(2 * MINUTE_MS, 38 * MINUTE_MS));
    let basket = pen.basket(played.products[0], &[]);
    pen.check_out(&played.browser, &basket, at)
}

fn buy_later(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let days = pen.chance.between(1, 6);
    let played = play(pen, 0, LAST - usize::try_from(days).unwrap_or(0))?;
    let at = pen.soon_after(played.ended_at, days * DAY_MS - 5 * HOUR_MS, days * DAY_MS + 5 * HOUR_MS);
    let later = pen.another_visit(&played.browser)?;
    let basket = pen.basket(played.products[0], &[]);
    pen.check_out(&later, &basket, at)
}

fn buy_on_other_device(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let days = pen.chance.between(1, 4);
    let played = play(pen, 0, LAST - usize::try_from(days).unwrap_or(0))?;
    let user = pen.user()?;
    pen.log_in(&played.browser, &user, played.ended_at)?;
    let at = pen.soon_after(played.ended_at, days * DAY_MS - 4 * HOUR_MS, days * DAY_MS + 4 * HOUR_MS);
    let laptop = pen.browser()?;
    pen.log_in(&laptop, &user, at.plus_millis(-3 * MINUTE_MS))?;
    let basket = pen.basket(played.products[0], &[]);
    pen.check_out_as(&laptop, Some(user), &basket, at)
}

fn buy_something_else(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let played = play(pen, 0, LAST)?;
    let at = played.ended_at.plus_millis(pen.chance.between(3 * MINUTE_MS, 50 * MINUTE_MS));
    let other = pen.product_but(&played.products);
    let basket = pen.basket(other, &played.products);
    pen.check_out(&played.browser, &basket, at)
}

/// Makes a picture of a product and buys it under some id, in the same visit.
fn buy_sold_as(pen: &mut Pen<'_>, product: &'static Product, sold_as: SoldAs) -> Result<(), HistoryFault> {
    let (_, at) = pen.visit_time(0, LAST);
    let browser = pen.browser()?;
    pen.look_at(&browser, product, at)?;
    let seen_at = at.plus_millis(pen.chance.between(40_000, 4 * MINUTE_MS));
    pen.picture(&browser, product, seen_at)?;
    let bought_at = seen_at.plus_millis(pen.chance.between(3 * MINUTE_MS, 30 * MINUTE_MS));
    pen.check_out(&browser, &[Line { sold_as, ..Line::of(product, 1) }], bought_at)
}

fn buy_without_picture(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let (browser, at) = look(pen)?;
    let product = pen.product();
    let basket = pen.basket(product, &[]);
    let at = at.plus_millis(pen.chance.between(MINUTE_MS, 30 * MINUTE_MS));
    pen.check_out(&browser, &basket, at)
}

fn buy_unseen(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let (_, at) = pen.visit_time(0, LAST);
    let browser = pen.browser()?;
    let product = pen.product();
    let basket = pen.basket(product, &[]);
    pen.order(Some(&browser), None, &basket, at)
}

fn buy_by_telephone(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let (_, at) = pen.visit_time(0, LAST);
    let product = pen.product();
    let basket = pen.basket(product, &[]);
    pen.order(None, None, &basket, at)
}

fn buy_too_late(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let days = pen.chance.between(9, 13);
    let played = play(pen, 0, LAST - usize::try_from(days).unwrap_or(0))?;
    let at = pen.soon_after(played.ended_at, days * DAY_MS - 6 * HOUR_MS, days * DAY_MS + 6 * HOUR_MS);
    let later = pen.another_visit(&played.browser)?;
    let basket = pen.basket(played.products[0], &[]);
    pen.check_out(&later, &basket, at)
}

fn buy_then_play(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let (day, at) = pen.visit_time(0, LAST - 2);
    let browser = pen.browser()?;
    let product = pen.product();
    let basket = pen.basket(product, &[]);
    pen.check_out(&browser, &basket, at)?;
    let again = pen.another_visit(&browser)?;
    let later = pen.soon_after(at, 2 * HOUR_MS, 30 * HOUR_MS);
    play_in(pen, again, day, later).map(|_| ())
}

fn book_at_once(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let played = play(pen, 0, LAST)?;
    let at = played.ended_at.plus_millis(pen.chance.between(2 * MINUTE_MS, 20 * MINUTE_MS));
    pen.check_out(&played.browser, &[], at)
}

fn book_later(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let played = play(pen, 0, LAST - 2)?;
    let at = pen.soon_after(played.ended_at, 20 * HOUR_MS, 28 * HOUR_MS);
    let later = pen.another_visit(&played.browser)?;
    pen.check_out(&later, &[], at)
}

fn book_without_picture(pen: &mut Pen<'_>) -> Result<(), HistoryFault> {
    let (browser, at) = look(pen)?;
    pen.check_out(&browser, &[], at.plus_millis(5 * MINUTE_MS))
}
