-- ---- reports, counted beforehand ----------------------------------------------------------------------------------

-- Derived from decisions, evidence, product groups and visualizations. What a report counts of a span of time, as the
-- program writes it. `generation` is 0 for visualizations, which no rules decide. A span of which it counts nothing has no
-- row.
CREATE TABLE sheets (
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    report TEXT NOT NULL,
    span_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (store, generation, report, span_ms, at)
) STRICT;

-- Spans whose sheets are to be made, or made anew; `times` is how often that was said. A quarter of an hour in here has no
-- sheet that is up to date. 0 in the place of span and time: every quarter.
CREATE TABLE sheets_wanted (
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    span_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (store, generation, span_ms, at)
) STRICT, WITHOUT ROWID;
INSERT INTO sheets_wanted SELECT number, 0, 0, 0, 1 FROM stores;
INSERT INTO sheets_wanted SELECT store, generation, 0, 0, 1 FROM generations WHERE state <> 'retired';
