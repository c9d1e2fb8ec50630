-- Everything derived is made anew from the facts after this step: see `migrate`.

DROP TABLE visitors;
DROP TABLE identity_links;
DROP TABLE visualizations;
DROP TABLE products_seen;
DROP TABLE conversions;
DROP TABLE credits;

-- ---- rules -----------------------------------------------------------------------------------------------------

ALTER TABLE rulesets ADD COLUMN products TEXT NOT NULL DEFAULT 'group';
ALTER TABLE rulesets ADD COLUMN leads TEXT NOT NULL DEFAULT 'same_session';
ALTER TABLE rulesets ADD COLUMN counts TEXT NOT NULL DEFAULT 'paid';
-- NULL for a draft.
ALTER TABLE rulesets ADD COLUMN published_at INTEGER;
UPDATE rulesets SET published_at = created_at;

-- One row an entry: from `from_at` on (NULL: from the beginning) this version is in force.
CREATE TABLE schedule_entries (
    store INTEGER NOT NULL REFERENCES stores (number),
    revision INTEGER NOT NULL,
    place INTEGER NOT NULL,
    from_at INTEGER,
    version INTEGER NOT NULL,
    PRIMARY KEY (store, revision, place)
) STRICT, WITHOUT ROWID;
INSERT INTO schedule_entries SELECT store, 1, 0, NULL, max(version) FROM rulesets GROUP BY store;

CREATE TABLE schedule_revisions (
    store INTEGER NOT NULL REFERENCES stores (number),
    revision INTEGER NOT NULL,
    cause TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (store, revision)
) STRICT, WITHOUT ROWID;
INSERT INTO schedule_revisions SELECT store, 1, 'start', max(created_at) FROM rulesets GROUP BY store;

-- A generation is one whole set of decisions of a store. The live one is shown; the next one is built beside it, and
-- every write goes to both, until it is complete and takes the live one's place. A retired one is being deleted.
CREATE TABLE generations (
    store INTEGER NOT NULL REFERENCES stores (number),
    generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('live', 'building', 'retired')),
    -- While it is built: every conversion up to this number is in it.
    built_to INTEGER NOT NULL,
    -- Conversions with a higher number are written by whoever brings them in.
    build_end INTEGER NOT NULL,
    at INTEGER NOT NULL,
    -- Conversions decided in the background; how many of them the shown generation has otherwise, and the first one.
    decided INTEGER NOT NULL DEFAULT 0,
    differing INTEGER NOT NULL DEFAULT 0,
    first_difference INTEGER,
    PRIMARY KEY (store, generation)
) STRICT, WITHOUT ROWID;
INSERT INTO generations (store, generation, revision, state, built_to, build_end, at)
SELECT number, 1, 1, 'live', 0, 0, created_at FROM stores;
ALTER TABLE stores DROP COLUMN redecide_after;

-- ---- products --------------------------------------------------------------------------------------------------

-- The store's own table, made from facts: the latest one about an id holds. `product` NULL: a product of its own.
CREATE TABLE alias_table (
    store INTEGER NOT NULL,
    variant TEXT NOT NULL,
    product TEXT,
    fact INTEGER NOT NULL,
    PRIMARY KEY (store, variant)
) STRICT, WITHOUT ROWID;
CREATE INDEX alias_table_product ON alias_table (store, product) WHERE product IS NOT NULL;

-- Pairs that facts carry. `shown`: some visualization did; `orders`: how many orders do, as they count.
CREATE TABLE carried_aliases (
    store INTEGER NOT NULL,
    variant TEXT NOT NULL,
    product TEXT NOT NULL,
    shown INTEGER NOT NULL,
    orders INTEGER NOT NULL,
    PRIMARY KEY (store, variant, product)
) STRICT, WITHOUT ROWID;
CREATE INDEX carried_aliases_product ON carried_aliases (store, product);

-- ---- derived ---------------------------------------------------------------------------------------------------

CREATE TABLE visitors (
    store INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    PRIMARY KEY (store, visitor)
) STRICT, WITHOUT ROWID;

-- `origin` is the number of the fact or conversion that said it.
CREATE TABLE identity_links (
    store INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    origin INTEGER NOT NULL,
    PRIMARY KEY (store, visitor, at, user, origin)
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_links_user ON identity_links (store, user, visitor);

-- `number` is the number of its fact. `person` is the user its visitor was at its time; NULL: a visitor of nobody.
CREATE TABLE visualizations (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL,
    id TEXT NOT NULL,
    widget BLOB NOT NULL,
    visitor TEXT,
    session TEXT,
    person TEXT,
    at INTEGER NOT NULL,
    products TEXT NOT NULL,
    renderer TEXT,
    received_at INTEGER NOT NULL,
    sample INTEGER NOT NULL
) STRICT;
CREATE INDEX visualizations_time ON visualizations (store, at);
CREATE INDEX visualizations_widget ON visualizations (store, widget, at);
CREATE INDEX visualizations_visitor ON visualizations (store, visitor, at) WHERE visitor IS NOT NULL;
CREATE INDEX visualizations_session ON visualizations (store, session, at) WHERE session IS NOT NULL;
CREATE INDEX visualizations_person ON visualizations (store, person, at) WHERE person IS NOT NULL;

-- Which pictures showed a product (not its variants).
CREATE TABLE shown_products (
    store INTEGER NOT NULL,
    product TEXT NOT NULL,
    at INTEGER NOT NULL,
    visualization INTEGER NOT NULL,
    PRIMARY KEY (store, product, at, visualization)
) STRICT, WITHOUT ROWID;

-- One row an order: the snapshot that counts. `number` is the number of its first fact; `person` as above, at
-- `occurred_at`.
CREATE TABLE conversions (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL,
    id BLOB NOT NULL,
    order_id TEXT NOT NULL,
    source TEXT NOT NULL,
    visitor TEXT,
    session TEXT,
    user TEXT,
    person TEXT,
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER,
    items TEXT NOT NULL,
    test INTEGER NOT NULL,
    label TEXT,
    sample INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    first_received_at INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    arrivals INTEGER NOT NULL,
    -- Everything known of the order, when that is more than this row says.
    rivals TEXT
) STRICT;
CREATE UNIQUE INDEX conversions_order ON conversions (store, order_id);
CREATE INDEX conversions_visitor ON conversions (store, visitor, occurred_at) WHERE visitor IS NOT NULL;
CREATE INDEX conversions_session ON conversions (store, session, occurred_at) WHERE session IS NOT NULL;
CREATE INDEX conversions_person ON conversions (store, person, occurred_at) WHERE person IS NOT NULL;

-- Ids of an order's lines, products and variants alike, as the order counts.
CREATE TABLE ordered_products (
    store INTEGER NOT NULL,
    product TEXT NOT NULL,
    conversion INTEGER NOT NULL,
    PRIMARY KEY (store, product, conversion)
) STRICT, WITHOUT ROWID;

-- The decision on a conversion, with what figures need of the order beside it.
CREATE TABLE decisions (
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    conversion INTEGER NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    test INTEGER NOT NULL,
    gross_minor INTEGER NOT NULL,
    -- As it counts: everything when the status says so, never more than gross.
    refunded_minor INTEGER NOT NULL,
    -- Whether the status is revenue under the rules that decided.
    is_revenue INTEGER NOT NULL,
    known_user INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    ruleset_version INTEGER NOT NULL,
    order_minor INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    attributed_minor INTEGER NOT NULL,
    provisional_minor INTEGER NOT NULL,
    lines_minor INTEGER NOT NULL,
    time_to_conversion_ms INTEGER,
    window_missed_by_ms INTEGER,
    lag_direct_ms INTEGER,
    lag_any_ms INTEGER,
    evidence BLOB NOT NULL,
    seal BLOB NOT NULL,
    PRIMARY KEY (store, generation, occurred_at, conversion)
) STRICT, WITHOUT ROWID;

-- A visualization's share of a conversion. The shares of one conversion sum to its decision exactly.
CREATE TABLE credits (
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    conversion INTEGER NOT NULL,
    visualization INTEGER NOT NULL,
    widget BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    gross_minor INTEGER NOT NULL,
    order_minor INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    attributed_minor INTEGER NOT NULL,
    provisional_minor INTEGER NOT NULL,
    PRIMARY KEY (store, generation, conversion, visualization)
) STRICT, WITHOUT ROWID;
CREATE INDEX credits_widget ON credits (store, generation, widget, occurred_at, conversion);

-- Conversions to be decided again because of a fact that touched too many to do at once.
CREATE TABLE redecisions (
    store INTEGER NOT NULL,
    conversion INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    PRIMARY KEY (store, conversion)
) STRICT, WITHOUT ROWID;

-- ---- the ledger: only ever added -------------------------------------------------------------------------------

-- What an order was worth, and how it was decided, after each change. Entries of one conversion are chained: each
-- digest covers the entry and the digest before it.
CREATE TABLE ledger (
    conversion INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    store INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    test INTEGER NOT NULL,
    gross_minor INTEGER NOT NULL,
    refunded_minor INTEGER NOT NULL,
    -- Against the entry before; not 0 where a refund (or its reversal) is dated.
    refunded_delta_minor INTEGER NOT NULL,
    is_revenue INTEGER NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    ruleset_version INTEGER NOT NULL,
    order_minor INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    attributed_minor INTEGER NOT NULL,
    provisional_minor INTEGER NOT NULL,
    lines_minor INTEGER NOT NULL,
    -- JSON: [[widget in hex, visualization number, weight, gross, order, matched, attributed, provisional], …]
    credits TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (conversion, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_time ON ledger (store, occurred_at, conversion, entry);
CREATE INDEX ledger_refunds ON ledger (store, at) WHERE refunded_delta_minor <> 0;

-- ---- erasures --------------------------------------------------------------------------------------------------

-- That somebody was erased, and how much it was; not who.
CREATE TABLE erasures (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL REFERENCES stores (number),
    at INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    visualizations INTEGER NOT NULL
) STRICT;

-- An order's facts, to fold its snapshots again.
CREATE INDEX facts_subject ON facts (subject) WHERE subject IS NOT NULL;
