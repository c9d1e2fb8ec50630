-- ---- orders of platforms ---------------------------------------------------------------------------------------

-- What only a platform says of an order, as JSON; how its visitor came to be known; why figures leave it out.
ALTER TABLE conversions ADD COLUMN platform TEXT;
ALTER TABLE conversions ADD COLUMN carrier TEXT;
ALTER TABLE conversions ADD COLUMN left_out TEXT;
UPDATE conversions SET left_out = 'test' WHERE test = 1;
ALTER TABLE decisions RENAME COLUMN test TO left_out;
ALTER TABLE ledger RENAME COLUMN test TO left_out;

-- Orders of which a note came before the order did, and the id of the conversion they will be.
CREATE TABLE awaited_orders (
    store INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    conversion BLOB NOT NULL,
    PRIMARY KEY (store, order_id)
) STRICT, WITHOUT ROWID;

-- Browsers' words that a cart or a checkout is theirs; `fact` is the event's.
CREATE TABLE claims (
    store INTEGER NOT NULL,
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    fact INTEGER NOT NULL,
    at INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    session TEXT NOT NULL,
    PRIMARY KEY (store, kind, token, fact)
) STRICT, WITHOUT ROWID;
CREATE INDEX claims_fact ON claims (fact);

-- The tokens by which orders can be claimed.
CREATE TABLE order_tokens (
    store INTEGER NOT NULL,
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    conversion INTEGER NOT NULL,
    PRIMARY KEY (store, kind, token, conversion)
) STRICT, WITHOUT ROWID;

CREATE INDEX facts_notes ON facts (store, subject) WHERE kind = 'note';

-- ---- stores on platforms ---------------------------------------------------------------------------------------

ALTER TABLE stores ADD COLUMN shop_host TEXT;

-- Host names by which a store is found: its own name on the platform and those of its pages.
CREATE TABLE store_hosts (
    host TEXT NOT NULL,
    store INTEGER NOT NULL REFERENCES stores (number),
    PRIMARY KEY (host, store)
) STRICT, WITHOUT ROWID;
CREATE INDEX store_hosts_store ON store_hosts (store);

CREATE TABLE webhook_secrets (
    store INTEGER NOT NULL REFERENCES stores (number),
    number INTEGER NOT NULL,
    secret TEXT NOT NULL CHECK (secret <> ''),
    made_by_us INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    PRIMARY KEY (store, number)
) STRICT, WITHOUT ROWID;
INSERT INTO webhook_secrets (store, number, secret, made_by_us, created_at)
SELECT number, 1, trim(webhook_secret), 0, created_at FROM stores WHERE trim(coalesce(webhook_secret, '')) <> '';
ALTER TABLE stores DROP COLUMN webhook_secret;

-- `access` is JSON.
CREATE TABLE platform_links (
    store INTEGER NOT NULL PRIMARY KEY REFERENCES stores (number),
    access TEXT,
    uninstalled_at INTEGER,
    owner_lost_access_at INTEGER
) STRICT;

ALTER TABLE deliveries ADD COLUMN topic TEXT;
-- Those that a platform sent, among any number that were looked up.
CREATE INDEX deliveries_topic ON deliveries (store, received_at) WHERE topic IS NOT NULL;
CREATE TABLE topics (
    store INTEGER NOT NULL REFERENCES stores (number),
    topic TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    deliveries INTEGER NOT NULL,
    PRIMARY KEY (store, topic)
) STRICT, WITHOUT ROWID;

-- `state` is running, done or failed; `lines` is JSON.
CREATE TABLE pulls (
    store INTEGER NOT NULL REFERENCES stores (number),
    started_at INTEGER NOT NULL,
    mode TEXT NOT NULL,
    since INTEGER NOT NULL,
    cursor TEXT,
    state TEXT NOT NULL,
    fault TEXT,
    updated_at INTEGER NOT NULL,
    orders INTEGER NOT NULL,
    missing INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    same INTEGER NOT NULL,
    passed_over INTEGER NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (store, started_at)
) STRICT, WITHOUT ROWID;

-- `orders` is JSON.
CREATE TABLE privacy_requests (
    store INTEGER NOT NULL REFERENCES stores (number),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    customer TEXT,
    orders TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    done_at INTEGER,
    PRIMARY KEY (store, number)
) STRICT, WITHOUT ROWID;
