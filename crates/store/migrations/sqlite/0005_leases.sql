-- ---- what processes agree on ------------------------------------------------------------------------------------

-- Work that one process does at a time: whoever holds it, until when, by this machine's clock.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How often somebody tried to log in, by a digest of who. A bucket that leaks: it is empty at `spent_until`.
CREATE TABLE tries (
    name BLOB NOT NULL PRIMARY KEY,
    spent_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Dry runs of rules, by what was asked. One that goes on has neither result nor failure, and is over at `until` unless
-- its process says that it still goes on; what one ended with is kept until then.
CREATE TABLE dry_runs (
    store INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    version INTEGER NOT NULL,
    range_from INTEGER NOT NULL,
    range_to INTEGER NOT NULL,
    holder TEXT NOT NULL,
    done INTEGER NOT NULL,
    about INTEGER NOT NULL,
    result TEXT,
    failure TEXT,
    until INTEGER NOT NULL,
    PRIMARY KEY (store, revision, version, range_from, range_to)
) STRICT;
