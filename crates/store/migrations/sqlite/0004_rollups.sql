-- ---- figures, summed up beforehand -----------------------------------------------------------------------------

-- Derived from decisions, credits and visualizations. What happened in spans of a quarter of an hour, of an hour and of
-- a day (UTC), of all of the store (`widget` empty) and of each widget. `generation` is 0 for visualizations, which no
-- rules decide. `sums` is a sum as the program writes it. A span in which nothing happened has no row.
CREATE TABLE rollups (
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    widget BLOB NOT NULL,
    span_ms INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sums BLOB NOT NULL,
    PRIMARY KEY (store, generation, widget, span_ms, at)
) STRICT, WITHOUT ROWID;

-- What writes changed in a quarter of an hour and is not in `rollups` yet. Only added, so that writers don't wait for
-- each other; taken out again by whoever adds it to `rollups`.
CREATE TABLE rollup_changes (
    number INTEGER NOT NULL PRIMARY KEY,
    store INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    widget BLOB NOT NULL,
    at INTEGER NOT NULL,
    sums BLOB NOT NULL
) STRICT;
CREATE INDEX rollup_changes_time ON rollup_changes (store, at);

-- On which days of the store's zone a visitor made visualizations with a widget; `day` is the instant at which the day
-- begins.
CREATE TABLE visitor_days (
    store INTEGER NOT NULL,
    visitor TEXT NOT NULL,
    widget BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (store, visitor, widget, day)
) STRICT, WITHOUT ROWID;

-- How many of a day's visitors, with any widget (`widget` empty) or with one, were there on `previous` and on no day
-- between; under the smallest number how many the day has at all.
CREATE TABLE visitor_returns (
    store INTEGER NOT NULL,
    widget BLOB NOT NULL,
    previous INTEGER NOT NULL,
    day INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    PRIMARY KEY (store, widget, previous, day)
) STRICT, WITHOUT ROWID;

-- Visualizations whose visitors are not in the two tables above yet.
CREATE TABLE unnoted_visits (
    store INTEGER NOT NULL,
    visualization INTEGER NOT NULL,
    PRIMARY KEY (store, visualization)
) STRICT, WITHOUT ROWID;

-- Stores whose sums are being made anew: of everything before `figures_from`, and of visitors up to `visitors_after`,
-- they are right. NULL: of all.
CREATE TABLE rollup_builds (
    store INTEGER NOT NULL PRIMARY KEY,
    figures_from INTEGER,
    visitors_after TEXT
) STRICT;
INSERT INTO rollup_builds SELECT number, -9223372036854775807, '' FROM stores;
