//! Facts against the rows that are made of one fact, or of one order's; what they say of sets is summed up.
//!
//! A visualization's row is written out as its fact was and compared as text; nothing is parsed while they agree.

use std::collections::{BTreeSet, HashMap};

use crate::db::types::ValueRef;
use crate::db::{Row, Statement, params};
use selektable_domain::id::{ConversionId, WidgetId};
use selektable_domain::opaque::{ProductId, SessionId, UserId, VisitorId};
use selektable_domain::order::Order;
use selektable_domain::visualization::ShownProduct;

use super::super::conversions::Head;
use super::super::fold::Folding;
use super::super::rows::Reading;
use super::super::seen_facts::{self, SeenIn};
use super::super::visitors::Sight;
use super::super::work::Work;
use super::found::{Found, Table};
use super::seen::Seen;
use super::stored;
use super::sums::Sets;
use super::{Extent, decided};
use crate::body::{
    Columns, FactKind, VisualizationFact, read_alias, read_event, read_note, read_products, read_roll_off,
    read_sighting, read_visualization, write_columns,
};
use crate::ingest::EventKind;
use crate::rules::AliasSays;
use crate::{StoreError, StoreResult};

/// Facts of a range of numbers, each with the visualization of its number.
const FACTS: &str = "SELECT f.seq, f.store, f.kind, f.key, f.subject, f.received_at, f.body, v.number, v.store, \
     v.id, v.widget, v.visitor, v.session, v.at, v.products, v.renderer, v.received_at, v.sample \
     FROM facts f LEFT JOIN visualizations v ON v.number = f.seq AND +v.store = f.store \
     WHERE f.seq >= ?1 AND f.seq < ?2 ORDER BY f.seq";
/// Texts of products that are kept parsed; a shop shows the same few thousand again and again.
const KNOWN_PRODUCTS_MAX: usize = 20_000;

/// The distinct products of a picture.
type Ids = Vec<Box<str>>;

/// What a part of the facts gave.
#[derive(Default)]
pub(super) struct Part {
    pub found: Found,
    pub sets: Sets,
    /// Facts of orders that were folded, and that there are.
    pub folded: i64,
    pub orders: i64,
    /// Visualizations that were compared.
    pub visualizations: i64,
    /// Stored decisions and credits that were compared.
    pub decisions: i64,
    pub credits: i64,
    /// Stored conversions that were compared.
    pub conversions: i64,
}

impl Part {
    /// Joins what another thread went through.
    pub(super) fn join(&mut self, other: Self) {
        self.found.join(other.found);
        self.sets.join(other.sets);
        self.folded += other.folded;
        self.orders += other.orders;
        self.visualizations += other.visualizations;
        self.decisions += other.decisions;
        self.credits += other.credits;
        self.conversions += other.conversions;
    }
}

/// One thread's pass over parts of the facts.
pub(super) struct Pass<'w, 'c> {
    pub work: &'w Work<'c>,
    pub part: Part,
    /// Where visitors are noted whom an event saw first.
    pub seen: &'w Seen,
    /// Whether conversions wait to be decided again.
    pub any_waiting: bool,
    extent: Extent,
    body: Vec<u8>,
    widgets: HashMap<[u8; 16], String>,
    /// By store and text.
    products: HashMap<i64, HashMap<Box<str>, Ids>>,
    stored: Statement<'c>,
    snapshots: Statement<'c>,
}

impl<'w, 'c> Pass<'w, 'c> {
    /// Begins.
    pub(super) fn new(work: &'w Work<'c>, seen: &'w Seen, extent: Extent) -> StoreResult<Self> {
        let sql = "SELECT EXISTS (SELECT 1 FROM redecisions)";
        let snapshots = "SELECT seq, kind, received_at, body FROM facts \
                         WHERE subject = ?1 AND store = ?2 ORDER BY seq";
        Ok(Self {
            work,
            part: Part::default(),
            seen,
            any_waiting: work.connection.query_row(sql, (), |row| row.get(0))?,
            extent,
            body: Vec::new(),
            widgets: HashMap::new(),
            products: HashMap::new(),
            stored: work.connection.prepare_cached(stored::STORED)?,
            snapshots: work.connection.prepare_cached(snapshots)?,
        })
    }

    /// Goes through the facts with numbers from `from` up to and without `to`.
    pub(super) fn range(&mut self, from: i64, to: i64) -> StoreResult<()> {
        let mut statement = self.work.connection.prepare_cached(FACTS)?;
        let mut rows = statement.query(params![from, to])?;
        while let Some(row) = rows.next()?.as_ref() {
            self.part.found.facts += 1;
            let seq = row.get(0)?;
            match self.fact(row) {
                Err(StoreError::Inconsistent { detail, .. }) => {
                    self.part.found.add(Table::Facts, seq, || format!("fact {seq} can't be read: {detail}"));
                }
                read => read?,
            }
        }
        Ok(())
    }

    fn fact(&mut self, row: &Row<'_>) -> StoreResult<()> {
        let fact = Reading::new(row, "facts", 0);
        match FactKind::from_code(fact.text(2)?) {
            Some(FactKind::Visualization) => self.visualization(fact),
            Some(FactKind::Event) => self.event(fact),
            Some(FactKind::Order) => self.order(fact),
            Some(FactKind::Alias) => self.alias(fact),
            Some(FactKind::Note) => self.note(fact),
            Some(FactKind::RollOff) => self.roll_off(fact),
            Some(FactKind::Sighting) => self.sighting(fact),
            None => Err(fact.damaged("its kind is not known")),
        }
    }

    fn visualization(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        let is_there = row.get::<Option<i64>>(7)?.is_some();
        self.part.visualizations += i64::from(is_there);
        if is_there && self.is_as_its_fact(row)? {
            return self.show(row, store, seq);
        }
        let fact = read_visualization(row.text(6)?).map_err(|words| row.damaged(words))?;
        if is_there {
            self.compare_visualization(row, &fact)?;
        } else {
            self.part.found.missing(Table::Visualizations, seq);
        }
        let shown = &fact.visualization;
        self.show_products(store, seq, shown.at.as_millis(), &shown.products);
        Ok(())
    }

    /// Whether the row, written out, is the fact.
    fn is_as_its_fact(&mut self, row: Reading<'_>) -> StoreResult<bool> {
        let same = row.get::<i64>(8)? == row.get::<i64>(1)?
            && row.get::<i64>(16)? == row.get::<i64>(5)?
            && row.text_if(3)? == Some(row.text(9)?);
        if !same {
            return Ok(false);
        }
        let Ok(widget) = <[u8; 16]>::try_from(row.bytes(10)?) else { return Ok(false) };
        let widget = self
            .widgets
            .entry(widget)
            .or_insert_with(|| WidgetId::from_slice(&widget).map_or_else(String::new, |id| id.to_string()));
        let sample = match row.get::<i64>(17)? {
            0 => false,
            1 => true,
            _ => return Ok(false),
        };
        let columns = Columns {
            id: row.text(9)?,
            widget,
            visitor: row.text_if(11)?,
            session: row.text_if(12)?,
            products: row.text(14)?,
            at: row.get(13)?,
            renderer: row.text_if(15)?,
            sample,
        };
        write_columns(columns, &mut self.body);
        Ok(self.body == row.text(6)?.as_bytes())
    }

    /// Names every column that is not what the fact gives.
    fn compare_visualization(&mut self, row: Reading<'_>, fact: &VisualizationFact) -> StoreResult<()> {
        let shown = &fact.visualization;
        let products = crate::body::write_products(&shown.products);
        let visitor = shown.visitor.as_ref().map(VisitorId::as_str);
        let session = shown.session.as_ref().map(SessionId::as_str);
        let expected = [
            ("store", 8, ValueRef::Integer(row.get(1)?)),
            ("id", 9, ValueRef::Text(shown.id.as_str().as_bytes())),
            ("widget", 10, ValueRef::Blob(shown.widget.as_bytes())),
            ("visitor", 11, optional(visitor)),
            ("session", 12, optional(session)),
            ("at", 13, ValueRef::Integer(shown.at.as_millis())),
            ("products", 14, ValueRef::Text(products.as_bytes())),
            ("renderer", 15, optional(fact.renderer.as_deref())),
            ("received_at", 16, ValueRef::Integer(row.get(5)?)),
            ("sample", 17, ValueRef::Integer(i64::from(fact.sample))),
        ];
        let seq = row.get(0)?;
        for (name, column, is) in expected {
            let was = row.value(column)?;
            if was != is {
                self.part.found.column(Table::Visualizations, seq, name, (was, is));
            }
        }
        if row.text_if(3)? != Some(shown.id.as_str()) {
            let words = || format!("fact {seq} has another key than its visualization's id");
            self.part.found.add(Table::Facts, seq, words);
        }
        Ok(())
    }

    /// Notes what a picture says of sets; `products` is the row's text.
    fn show(&mut self, row: Reading<'_>, store: i64, number: i64) -> StoreResult<()> {
        let (at, products): (i64, &str) = (row.get(13)?, row.text(14)?);
        if let Some(known) = self.products.get(&store).and_then(|known| known.get(products)) {
            for product in known {
                self.part.sets.shown.add((store, &**product, at, number));
            }
            return Ok(());
        }
        let parsed = read_products(products).map_err(|words| row.damaged(words))?;
        let ids = self.show_products(store, number, at, &parsed);
        let known = self.products.entry(store).or_default();
        if known.len() >= KNOWN_PRODUCTS_MAX {
            known.clear();
        }
        known.insert(products.into(), ids);
        Ok(())
    }

    fn show_products(&mut self, store: i64, number: i64, at: i64, shown: &[ShownProduct]) -> Ids {
        let ids: BTreeSet<&str> = shown.iter().map(|shown| shown.product.as_str()).collect();
        for product in &ids {
            self.part.sets.shown.add((store, *product, at, number));
        }
        for (variant, product) in
            shown.iter().flat_map(|shown| shown.variants.iter().map(move |variant| (variant, &shown.product)))
        {
            if variant != product {
                let pair = (store, variant.as_str().into(), product.as_str().into());
                self.part.sets.carried.entry(pair).or_default().0 = true;
            }
        }
        ids.into_iter().map(Box::from).collect()
    }

    fn event(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        let fact = read_event(row.text(6)?).map_err(|words| row.damaged(words))?;
        let (visitor, at) = (fact.visitor.as_str(), fact.event.at.as_millis());
        self.seen.saw(self.work, store, visitor, Sight::STAYS)?;
        match &fact.event.kind {
            EventKind::Seen { .. } => return Err(row.damaged("it stands among facts of another kind")),
            EventKind::Identify { user, .. } => {
                self.part.sets.links.add((store, visitor, at, user.as_str(), seq));
            }
            EventKind::Claim { tokens } => {
                for token in tokens {
                    let (kind, text) = (token.kind.code(), token.text.as_str());
                    let session = fact.session.as_str();
                    self.part.sets.claims.add((store, kind, text, seq, at, visitor, session));
                }
            }
        }
        Ok(())
    }

    /// Goes through a store's events of a month.
    pub(super) fn month(&mut self, store: i64, month: i64) -> StoreResult<()> {
        let mut statement = self.work.connection.prepare(seen_facts::SEEN_IN)?;
        let mut rows = statement.query(params![store, month])?;
        while let Some(row) = rows.next()?.as_ref() {
            self.part.found.facts += 1;
            match seen_facts::read_seen(row) {
                Ok(SeenIn { visitor, .. }) => {
                    self.seen.saw(self.work, store, visitor.as_str(), Sight::in_month(month))?;
                }
                Err(StoreError::Inconsistent { row, detail, .. }) => {
                    let words = || format!("event {row} can't be read: {detail}");
                    self.part.found.add(Table::Facts, 0, words);
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    }

    fn roll_off(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        let before = read_roll_off(row.text(6)?).map_err(|words| row.damaged(words))?;
        self.part.sets.roll_offs.add((store, seq, before.number()));
        Ok(())
    }

    fn sighting(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let told = read_sighting(row.text(6)?).map_err(|words| row.damaged(words))?;
        self.seen.saw(self.work, row.get(1)?, told.visitor.as_str(), Sight::STAYS)
    }

    /// A note is folded with its order's facts; where no order came, its first one says that one is awaited.
    fn note(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        self.part.orders += 1;
        let id: ConversionId = row.id(4)?;
        let sql = "SELECT min(seq), count(*), CAST(sum(CASE WHEN kind = 'order' THEN 1 ELSE 0 END) AS BIGINT) FROM facts WHERE subject = ?1 AND store = ?2";
        let mut statement = self.work.connection.prepare_cached(sql)?;
        let (first, facts, snapshots): (i64, i64, i64) = statement
            .query_row(params![id.as_bytes().as_slice(), store], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        if snapshots == 0 && first == seq {
            let told = read_note(row.text(6)?).map_err(|words| row.damaged(words))?;
            self.part.sets.awaited.add((store, told.order.as_str(), id.as_bytes()));
            self.part.folded += facts;
        }
        Ok(())
    }

    fn alias(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        let fact = read_alias(row.text(6)?).map_err(|words| row.damaged(words))?;
        let says = match &fact.says {
            AliasSays::VariantOf(product) => Some(Some(Box::from(product.as_str()))),
            AliasSays::OwnProduct => Some(None),
            AliasSays::Nothing => None,
        };
        // Facts come in ascending order.
        self.part.sets.aliases.insert((store, fact.variant.as_str().into()), (seq, says));
        Ok(())
    }

    /// The first fact of an order brings all of its facts; the others only count.
    fn order(&mut self, row: Reading<'_>) -> StoreResult<()> {
        let (seq, store): (i64, i64) = (row.get(0)?, row.get(1)?);
        self.part.orders += 1;
        let id: ConversionId = row.id(4)?;
        let mut rows = self.stored.query([seq, store])?;
        let Some(stored_row) = rows.next()? else {
            drop(rows);
            return self.later_snapshot(seq, store, id);
        };
        let (mut head, facts) = fold(self.work, &mut self.snapshots, seq, store, id)?;
        self.part.folded += facts;
        self.part.conversions += 1;
        self.part.found.conversions += 1;
        for (name, was, is) in stored::differences(&stored_row, store, &head)? {
            self.part.found.column(
                Table::Conversions,
                seq,
                name,
                (ValueRef::from(&was), ValueRef::from(&is)),
            );
        }
        let person = Reading::new(&stored_row, "conversions", 0);
        head.person = person.opaque_if(stored::PERSON, UserId::parse)?;
        drop(rows);
        self.note_order(store, &head);
        match self.extent {
            Extent::Everything => decided::compare(self, store, &head),
            Extent::WithoutDecisions => Ok(()),
        }
    }

    /// A fact whose number no conversion has belongs to the conversion of an earlier fact, or to none.
    fn later_snapshot(&mut self, seq: i64, store: i64, id: ConversionId) -> StoreResult<()> {
        let sql = "SELECT seq, kind = 'order' FROM facts WHERE subject = ?1 AND store = ?2";
        let mut statement = self.work.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![id.as_bytes().as_slice(), store])?;
        let (mut facts, mut is_first) = (0, true);
        while let Some(row) = rows.next()?.as_ref() {
            facts += 1;
            is_first &= !row.get::<bool>(1)? || row.get::<i64>(0)? >= seq;
        }
        // Told once for all facts of the order.
        if is_first {
            self.part.found.missing(Table::Conversions, seq);
            self.part.folded += facts;
        }
        Ok(())
    }

    fn note_order(&mut self, store: i64, head: &Head) {
        if let Some(said) = head.link() {
            let link = &said.link;
            let (visitor, at) = (link.visitor.as_str(), link.at.as_millis());
            self.part.sets.links.add((store, visitor, at, link.user.as_str(), said.origin));
        }
        for token in &head.state.besides.tokens {
            self.part.sets.tokens.add((store, token.kind.code(), token.text.as_str(), head.number));
        }
        for id in item_ids(&head.order) {
            self.part.sets.ordered.add((store, id.as_str(), head.number));
        }
        for (variant, product) in carried(&head.order) {
            let pair = (store, variant.as_str().into(), product.as_str().into());
            self.part.sets.carried.entry(pair).or_default().1 += 1;
        }
    }
}

fn optional(text: Option<&str>) -> ValueRef<'_> {
    text.map_or(ValueRef::Null, |text| ValueRef::Text(text.as_bytes()))
}

fn item_ids(order: &Order) -> BTreeSet<&ProductId> {
    order.items.iter().flat_map(|item| [Some(&item.product), item.variant.as_ref()]).flatten().collect()
}

fn carried(order: &Order) -> BTreeSet<(&ProductId, &ProductId)> {
    let pairs = order.items.iter().filter_map(|item| Some((item.variant.as_ref()?, &item.product)));
    pairs.filter(|(variant, product)| variant != product).collect()
}

/// All facts of an order in their order, and how many they are.
fn fold(
    work: &Work<'_>,
    snapshots: &mut Statement<'_>,
    number: i64,
    store: i64,
    id: ConversionId,
) -> StoreResult<(Head, i64)> {
    let damaged =
        |detail: String| StoreError::Inconsistent { table: "facts", row: number.to_string(), detail };
    let mut rows = snapshots.query(params![id.as_bytes().as_slice(), store])?;
    let mut folding = Folding::default();
    while let Some(row) = rows.next()?.as_ref() {
        let row = Reading::new(row, "facts", 0);
        let kind = row.code(1, FactKind::from_code)?;
        folding.step(row.get(0)?, kind, row.time(2)?, row.text(3)?).map_err(damaged)?;
    }
    drop(rows);
    let facts = folding.facts;
    let head = folding.head(work, store, id)?;
    head.map(|head| (head, facts)).ok_or_else(|| damaged("its order has no snapshot".to_owned()))
}
