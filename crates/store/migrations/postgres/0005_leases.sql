-- ---- what processes agree on ------------------------------------------------------------------------------------

-- Work that one process does at a time: whoever holds it, until when, by this server's clock.
CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL
);

-- How often somebody tried to log in, by a digest of who. A bucket that leaks: it is empty at `spent_until`.
CREATE TABLE tries (
    name BYTEA NOT NULL PRIMARY KEY,
    spent_until BIGINT NOT NULL
);

-- Dry runs of rules, by what was asked. One that goes on has neither result nor failure, and is over at `until` unless
-- its process says that it still goes on; what one ended with is kept until then.
CREATE TABLE dry_runs (
    store BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    version BIGINT NOT NULL,
    range_from BIGINT NOT NULL,
    range_to BIGINT NOT NULL,
    holder TEXT COLLATE "C" NOT NULL,
    done BIGINT NOT NULL,
    about BIGINT NOT NULL,
    result TEXT COLLATE "C",
    failure TEXT COLLATE "C",
    until BIGINT NOT NULL,
    PRIMARY KEY (store, revision, version, range_from, range_to)
);
