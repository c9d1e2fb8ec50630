-- ---- what browsers reported, by month -----------------------------------------------------------------------------

-- For how many days raw events are kept; NULL: until they are erased.
ALTER TABLE stores ADD COLUMN keep_events_days INTEGER;

-- Events that only prove that a visitor was there, by the month of UTC in which they reached us, such as 202611. A month of
-- a store is one range, and goes as one.
CREATE TABLE seen_facts (
    store INTEGER NOT NULL REFERENCES stores (number),
    month INTEGER NOT NULL,
    -- The event's id.
    key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (store, month, key)
) STRICT, WITHOUT ROWID;

-- Of all events only these have a name; inside of a text no quotation mark follows a comma without a backslash.
INSERT INTO seen_facts (store, month, key, received_at, body, digest)
    SELECT store, CAST(strftime('%Y%m', received_at / 1000, 'unixepoch') AS INTEGER), key, received_at, body, digest
    FROM facts WHERE kind = 'event' AND body LIKE '%,"name":"%' ORDER BY 1, 2, 3;
-- Without it every row that goes is looked for in all deliveries, which may name facts.
CREATE INDEX deliveries_fact ON deliveries (fact) WHERE fact IS NOT NULL;
DELETE FROM facts WHERE kind = 'event' AND body LIKE '%,"name":"%';
DROP INDEX deliveries_fact;

-- Months before `before` are gone, says a fact. Derived.
CREATE TABLE roll_offs (
    store INTEGER NOT NULL,
    fact INTEGER NOT NULL,
    before INTEGER NOT NULL,
    PRIMARY KEY (store, fact)
) STRICT, WITHOUT ROWID;

-- A roll-off that goes on. `stage`: `keep` writes down of whom it has to be kept that they were seen, `late` does so for
-- orders that came since `facts_to`, `sweep` removes visitors. `after`: the visitors up to this one are done.
CREATE TABLE roll_off_runs (
    store INTEGER NOT NULL PRIMARY KEY,
    before INTEGER NOT NULL,
    stage TEXT NOT NULL,
    facts_to INTEGER NOT NULL,
    after TEXT NOT NULL
) STRICT;

-- Who was there. `stays`: a fact says so that is never rolled off. `seen_month`: the latest month with an event of theirs;
-- 0: none, and a month that is rolled off counts as none.
CREATE TABLE visitors_by_month (
    store INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    stays INTEGER NOT NULL,
    seen_month INTEGER NOT NULL,
    PRIMARY KEY (store, visitor)
) STRICT, WITHOUT ROWID;
INSERT INTO visitors_by_month (store, visitor, stays, seen_month)
    SELECT store, visitor, max(stays), max(seen_month) FROM (
        SELECT store, visitor, 1 AS stays, 0 AS seen_month FROM visualizations WHERE visitor IS NOT NULL
        UNION ALL
        SELECT store, json_extract(body, '$.visitorId'), 1, 0 FROM facts WHERE kind = 'event' AND json_valid(body)
        UNION ALL
        SELECT store, json_extract(body, '$.visitorId'), 0, month FROM seen_facts WHERE json_valid(body)
    ) WHERE visitor IS NOT NULL GROUP BY store, visitor;
DROP TABLE visitors;
ALTER TABLE visitors_by_month RENAME TO visitors;
