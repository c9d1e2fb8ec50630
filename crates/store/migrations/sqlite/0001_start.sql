-- Times are milliseconds since 1970, amounts minor units, ids of ours the 16 bytes of a UUID, ids of others text.
-- `number` is a row's short name inside this file.

-- One row: what all processes on this file share.
CREATE TABLE installation (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    -- Moves on with every change of keys, stores or widgets; caches compare it.
    settings_version INTEGER NOT NULL,
    -- Moves on with every readiness probe.
    heartbeat INTEGER NOT NULL
) STRICT;
INSERT INTO installation VALUES (1, 0, 0);

-- ---- tenants, members, keys ------------------------------------------------------------------------------------

CREATE TABLE organizations (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE members (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    email TEXT NOT NULL,
    email_folded TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL
) STRICT;

CREATE TABLE memberships (
    member INTEGER NOT NULL REFERENCES members (number),
    organization INTEGER NOT NULL REFERENCES organizations (number),
    PRIMARY KEY (member, organization)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token BLOB NOT NULL PRIMARY KEY,
    member INTEGER NOT NULL REFERENCES members (number),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_member ON sessions (member);

CREATE TABLE api_keys (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    organization INTEGER NOT NULL REFERENCES organizations (number),
    name TEXT NOT NULL,
    secret BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER,
    last_used_at INTEGER,
    seen_in_browser_at INTEGER
) STRICT;
CREATE INDEX api_keys_organization ON api_keys (organization);

-- ---- stores and widgets ----------------------------------------------------------------------------------------

CREATE TABLE stores (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    organization INTEGER NOT NULL REFERENCES organizations (number),
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    zone TEXT NOT NULL,
    keep_traits INTEGER NOT NULL,
    webhook_secret TEXT,
    created_at INTEGER NOT NULL,
    -- While conversions are decided again under new rules: the last order id that was; '' at the start.
    redecide_after TEXT
) STRICT;
CREATE INDEX stores_organization ON stores (organization);

CREATE TABLE store_origins (
    store INTEGER NOT NULL REFERENCES stores (number),
    place INTEGER NOT NULL,
    origin TEXT NOT NULL,
    PRIMARY KEY (store, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE rulesets (
    store INTEGER NOT NULL REFERENCES stores (number),
    version INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    model TEXT NOT NULL,
    basis TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (store, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE widgets (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    store INTEGER NOT NULL REFERENCES stores (number),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    accent TEXT,
    retention_hours INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX widgets_store ON widgets (store);

-- ---- facts: only ever added ------------------------------------------------------------------------------------

CREATE TABLE facts (
    seq INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL REFERENCES stores (number),
    kind TEXT NOT NULL,
    -- What makes it unique in its store and kind: an event's or a visualization's id. Orders have many snapshots.
    key TEXT,
    -- The conversion an order's snapshot belongs to.
    subject BLOB,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX facts_key ON facts (store, kind, key) WHERE key IS NOT NULL;

-- How requests ended. Accepted ones point at their conversion; refused ones hold no content.
CREATE TABLE deliveries (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    store INTEGER REFERENCES stores (number),
    -- Only of refused ones, which are kept up to a number per organization.
    organization INTEGER REFERENCES organizations (number),
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    request_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    conversion INTEGER,
    fact INTEGER REFERENCES facts (seq),
    order_id TEXT,
    status INTEGER,
    code TEXT,
    faults TEXT
) STRICT;
CREATE INDEX deliveries_time ON deliveries (store, received_at);
CREATE INDEX deliveries_conversion ON deliveries (conversion) WHERE conversion IS NOT NULL;
CREATE INDEX deliveries_refused ON deliveries (organization, received_at) WHERE organization IS NOT NULL;
CREATE INDEX deliveries_order ON deliveries (organization, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE pictures (
    token TEXT NOT NULL PRIMARY KEY,
    -- The number of its visualization.
    visualization INTEGER NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pictures_end ON pictures (expires_at);

-- ---- derived: everything below can be made again from the facts and the rulesets -------------------------------
-- No foreign keys here: `recompute` builds these tables a second time in another schema. `verify` checks instead.

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

-- `number` is the number of its fact.
CREATE TABLE visualizations (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL,
    id TEXT NOT NULL,
    widget BLOB NOT NULL,
    visitor TEXT,
    session TEXT,
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

-- Ids of products and variants that any visualization of the store showed.
CREATE TABLE products_seen (
    store INTEGER NOT NULL,
    product TEXT NOT NULL,
    PRIMARY KEY (store, product)
) STRICT, WITHOUT ROWID;

-- One row an order: the snapshot that counts, then the decision. `number` is the number of its first fact.
CREATE TABLE conversions (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL,
    id BLOB NOT NULL,
    order_id TEXT NOT NULL,
    source TEXT NOT NULL,
    visitor TEXT,
    session TEXT,
    user TEXT,
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
    rivals TEXT,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    ruleset_version INTEGER NOT NULL,
    order_minor INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    attributed_minor INTEGER NOT NULL,
    provisional_minor INTEGER NOT NULL,
    time_to_conversion_ms INTEGER,
    window_missed_by_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX conversions_order ON conversions (store, order_id);
CREATE INDEX conversions_time ON conversions (store, occurred_at);
CREATE INDEX conversions_visitor ON conversions (store, visitor, occurred_at) WHERE visitor IS NOT NULL;
CREATE INDEX conversions_session ON conversions (store, session, occurred_at) WHERE session IS NOT NULL;

-- A visualization's share of a conversion. The shares of one conversion sum to its row exactly.
CREATE TABLE credits (
    conversion INTEGER NOT NULL,
    visualization INTEGER NOT NULL,
    store INTEGER NOT NULL,
    widget BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    gross_minor INTEGER NOT NULL,
    order_minor INTEGER NOT NULL,
    matched_minor INTEGER NOT NULL,
    attributed_minor INTEGER NOT NULL,
    provisional_minor INTEGER NOT NULL,
    PRIMARY KEY (conversion, visualization)
) STRICT, WITHOUT ROWID;
CREATE INDEX credits_widget ON credits (store, widget, occurred_at);
