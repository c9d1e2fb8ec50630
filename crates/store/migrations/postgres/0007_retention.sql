-- ---- what browsers reported, by month -----------------------------------------------------------------------------

-- For how many days raw events are kept; NULL: until they are erased.
ALTER TABLE stores ADD COLUMN keep_events_days BIGINT;

-- Events that only prove that a visitor was there, by the month of UTC in which they reached us, such as 202611. Each month
-- is a partition of its own, `seen_facts_202611`, which goes as one.
CREATE TABLE seen_facts (
    store BIGINT NOT NULL,
    month BIGINT NOT NULL,
    -- The event's id.
    key TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (store, month, key)
) PARTITION BY LIST (month);

-- Of all events only these have a name; inside of a text no quotation mark follows a comma without a backslash.
CREATE TEMP TABLE moving ON COMMIT DROP AS
    SELECT store, to_char(to_timestamp(received_at / 1000) AT TIME ZONE 'UTC', 'YYYYMM')::BIGINT AS month,
        key, received_at, body, digest
    FROM facts WHERE kind = 'event' AND body LIKE '%,"name":"%';
DO $$
DECLARE
    wanted BIGINT;
BEGIN
    FOR wanted IN SELECT DISTINCT month FROM moving LOOP
        EXECUTE format('CREATE TABLE seen_facts_%s PARTITION OF seen_facts FOR VALUES IN (%s)', wanted, wanted);
    END LOOP;
END
$$;
INSERT INTO seen_facts (store, month, key, received_at, body, digest)
    SELECT store, month, key, received_at, body, digest FROM moving;
DELETE FROM facts WHERE kind = 'event' AND body LIKE '%,"name":"%';

-- Months before `before` are gone, says a fact. Derived.
CREATE TABLE roll_offs (
    store BIGINT NOT NULL,
    fact BIGINT NOT NULL,
    before BIGINT NOT NULL,
    PRIMARY KEY (store, fact)
);

-- A roll-off that goes on. `stage`: `keep` writes down of whom it has to be kept that they were seen, `late` does so for
-- orders that came since `facts_to`, `sweep` removes visitors. `after`: the visitors up to this one are done.
CREATE TABLE roll_off_runs (
    store BIGINT NOT NULL PRIMARY KEY,
    before BIGINT NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    facts_to BIGINT NOT NULL,
    after TEXT COLLATE "C" NOT NULL
);

-- Who was there. `stays`: a fact says so that is never rolled off. `seen_month`: the latest month with an event of theirs;
-- 0: none, and a month that is rolled off counts as none.
CREATE TABLE visitors_by_month (
    store BIGINT NOT NULL,
    visitor TEXT COLLATE "C" NOT NULL,
    stays BIGINT NOT NULL,
    seen_month BIGINT NOT NULL
);
INSERT INTO visitors_by_month (store, visitor, stays, seen_month)
    SELECT store, visitor, max(stays), max(seen_month) FROM (
        SELECT store, visitor, 1 AS stays, 0 AS seen_month FROM visualizations WHERE visitor IS NOT NULL
        UNION ALL
        SELECT store, (body::json ->> 'visitorId') COLLATE "C", 1, 0 FROM facts WHERE kind = 'event'
        UNION ALL
        SELECT store, (body::json ->> 'visitorId') COLLATE "C", 0, month FROM moving
    ) AS told WHERE visitor IS NOT NULL GROUP BY store, visitor;
DROP TABLE visitors;
ALTER TABLE visitors_by_month RENAME TO visitors;
ALTER TABLE visitors ADD PRIMARY KEY (store, visitor);
