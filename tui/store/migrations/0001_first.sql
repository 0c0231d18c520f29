-- The event log. Ordered by seq, never by a clock. salt and body go NULL together on redaction.
CREATE TABLE event (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,  -- microseconds since the epoch, UTC: when it happened
    recorded_at INTEGER NOT NULL,  -- … and when it was committed
    actor       TEXT    NOT NULL,
    uid         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,
    incident    INTEGER,
    alert       INTEGER,
    idem        TEXT UNIQUE,       -- a command's own key: the same command twice is one event
    salt        BLOB,
    body        BLOB,
    body_hash   BLOB    NOT NULL,  -- SHA-256(salt ‖ body)
    hash        BLOB    NOT NULL   -- SHA-256(previous hash ‖ fixed columns ‖ body_hash)
) STRICT;
CREATE INDEX event_incident ON event (incident, seq) WHERE incident IS NOT NULL;
CREATE INDEX event_actor ON event (actor, seq);

-- Beside the chain: what bodies refer to by digest.
CREATE TABLE payload (
    digest      TEXT PRIMARY KEY,  -- SHA-256 of the raw bytes, hex
    received_at INTEGER NOT NULL,
    size        INTEGER NOT NULL,  -- bytes as received; the kept head may be shorter
    body        BLOB    NOT NULL   -- zlib
) STRICT, WITHOUT ROWID;
CREATE INDEX payload_age ON payload (received_at);
CREATE TABLE dropped (             -- what was let go for its age, so that whoever asks for it is told so
    what     TEXT PRIMARY KEY,
    until    INTEGER NOT NULL,     -- received before then
    kept_for INTEGER NOT NULL      -- microseconds
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (            -- what the events up to `last` had made of the projections; they are gone
    last  INTEGER PRIMARY KEY,
    event INTEGER NOT NULL,        -- the event that vouches for it
    body  BLOB    NOT NULL         -- zlib
) STRICT;
CREATE TABLE label_set (
    digest TEXT PRIMARY KEY,
    labels TEXT NOT NULL           -- JSON object of clean text
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (            -- what was delivered before, so that a repeat is known as one
    source      TEXT    NOT NULL,
    token       TEXT    NOT NULL,  -- a delivery id, or 'body:' and the body's digest
    received_at INTEGER NOT NULL,
    PRIMARY KEY (source, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_age ON delivery (received_at);

-- Projections: rebuildable from the log alone.
CREATE TABLE counter (             -- the last number given out; a number is never used twice
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
    id              INTEGER PRIMARY KEY,
    seq             INTEGER NOT NULL,
    key             TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    format          TEXT    NOT NULL,
    status          TEXT    NOT NULL,
    verdict         TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    severity        INTEGER,
    kind            TEXT    NOT NULL,
    subject         TEXT    NOT NULL,
    title           TEXT    NOT NULL,
    run             TEXT,
    attempt         INTEGER,
    max_attempts    INTEGER,
    severity_word   TEXT,
    count           INTEGER NOT NULL,
    episode         INTEGER NOT NULL,
    first_seen      INTEGER NOT NULL,
    last_seen       INTEGER NOT NULL,
    started_at      INTEGER NOT NULL,
    trouble_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    snoozed_until   INTEGER,
    candidate       INTEGER,
    incident        INTEGER,
    payload         TEXT    NOT NULL,
    label_set       TEXT    NOT NULL,
    links           TEXT    NOT NULL,
    live            INTEGER NOT NULL DEFAULT 1,  -- 0: its story is over; the key's next signal opens another alert
    rank            INTEGER NOT NULL DEFAULT 0,  -- place in the feed, see projections/rank.py
    weight          INTEGER NOT NULL DEFAULT 2,  -- severity in the feed: its incident's, else its own, else 2
    judged_by       TEXT,                        -- the person whose verdict it is; NULL: triage's
    placed_by       TEXT,                        -- the person who put it where it is; NULL: triage did
    under           INTEGER,                     -- the root under which the feed folds it; NULL: a row of its own
    excused         TEXT                         -- muted or planned: why nobody is needed for now; NULL: no such reason
) STRICT;
CREATE INDEX alert_key ON alert (key, id);
CREATE INDEX alert_feed ON alert (rank, weight, trouble_at DESC, id DESC, under) WHERE rank < 9;
CREATE INDEX alert_time ON alert (trouble_at DESC, id DESC, under) WHERE rank < 9;
CREATE INDEX alert_under ON alert (under, rank, weight, trouble_at DESC, id DESC) WHERE under IS NOT NULL;
CREATE INDEX alert_incident ON alert (incident) WHERE incident IS NOT NULL;
CREATE INDEX alert_candidate ON alert (candidate) WHERE candidate IS NOT NULL;
CREATE INDEX alert_snoozed ON alert (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX alert_received ON alert (id) WHERE verdict = 'received';
CREATE INDEX alert_heard ON alert (last_seen) WHERE live = 1 AND status IN ('firing', 'retrying');

CREATE TABLE candidate (
    id              INTEGER PRIMARY KEY,
    seq             INTEGER NOT NULL,
    title           TEXT    NOT NULL,
    severity        INTEGER NOT NULL,
    reasons         TEXT    NOT NULL,  -- JSON array
    root            INTEGER NOT NULL,
    first_signal_at INTEGER NOT NULL,
    detected_at     INTEGER NOT NULL,
    proposed_at     INTEGER NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    incident        INTEGER,
    root_name       TEXT    NOT NULL DEFAULT '',
    consumers       TEXT    NOT NULL DEFAULT '[]',  -- JSON: what is hit or at risk
    live            INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX candidate_root ON candidate (root);
CREATE INDEX candidate_open ON candidate (severity, proposed_at) WHERE incident IS NULL AND live = 1;

CREATE TABLE incident (
    id              INTEGER PRIMARY KEY,
    seq             INTEGER NOT NULL,
    title           TEXT    NOT NULL,
    severity        INTEGER NOT NULL,
    phase           TEXT    NOT NULL,
    first_signal_at INTEGER,
    detected_at     INTEGER NOT NULL,
    acknowledged_at INTEGER,
    acknowledged_by TEXT,
    declared_at     INTEGER NOT NULL,
    declared_by     TEXT    NOT NULL,
    mitigated_at    INTEGER,
    resolved_at     INTEGER,
    closed_at       INTEGER,
    updated_at      INTEGER,           -- the last status update
    root            INTEGER,
    reopened        INTEGER NOT NULL DEFAULT 0,
    merged_into     INTEGER,
    candidate       INTEGER,
    categories      TEXT    NOT NULL DEFAULT '[]',
    root_now        INTEGER,           -- what triage found since it was declared: the alert of the likely root,
    root_name       TEXT,              -- its name,
    consumers       TEXT,              -- JSON: what is hit or at risk,
    proposed        INTEGER            -- the graver severity that it would call it; NULL each: as declared
) STRICT;
CREATE INDEX incident_phase ON incident (phase, severity, id);

-- The words of each incident, by its number: what the search for earlier ones alike reads.
CREATE VIRTUAL TABLE incident_words USING fts5 (title, subjects, root, reasons, causes, tokenize = 'porter unicode61');

CREATE TABLE role (
    id       INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL,
    role     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER
) STRICT;
CREATE INDEX role_incident ON role (incident);

CREATE TABLE entry (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    place       INTEGER NOT NULL,  -- where it stands among others: `at`, moved on by as much as the clock was set back
    recorded_at INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    uid         INTEGER NOT NULL,
    kind        TEXT    NOT NULL,  -- its sentence is told from the event's body when it is read
    incident    INTEGER,
    alert       INTEGER,
    backdated   INTEGER NOT NULL DEFAULT 0,
    corrects    INTEGER,
    pinned      INTEGER NOT NULL DEFAULT 0,
    taken_back  INTEGER NOT NULL DEFAULT 0,
    redacted_by TEXT                        -- who had the words erased; NULL: they stand
) STRICT;
CREATE INDEX entry_incident ON entry (incident, place, id) WHERE incident IS NOT NULL;
CREATE INDEX entry_alert ON entry (alert, place, id) WHERE alert IS NOT NULL;
CREATE INDEX entry_seq ON entry (seq);

CREATE TABLE told (                    -- what entries tell whose events are gone
    seq  INTEGER PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE rca_item (
    id       INTEGER PRIMARY KEY,      -- incident * 16 + n
    incident INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    evidence TEXT    NOT NULL,         -- JSON array of entry numbers
    state    TEXT    NOT NULL
) STRICT;
CREATE INDEX rca_incident ON rca_item (incident, n);

CREATE TABLE action (
    id       INTEGER PRIMARY KEY,
    seq      INTEGER NOT NULL,
    incident INTEGER NOT NULL,
    text     TEXT    NOT NULL,
    type     TEXT    NOT NULL,
    owner    TEXT,
    due      TEXT,
    state    TEXT    NOT NULL,
    reason   TEXT,
    link     TEXT
) STRICT;
CREATE INDEX action_incident ON action (incident);

CREATE TABLE rejected (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    source      TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    payload     TEXT    NOT NULL
) STRICT;

CREATE TABLE heard (                   -- when each source last said something readable
    source TEXT PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE change_image (            -- what a person's act changed: undo restores `before` if `after` still holds
    seq    INTEGER NOT NULL,
    place  TEXT    NOT NULL,           -- table
    row    INTEGER NOT NULL,
    before TEXT,                       -- JSON of the changed columns; NULL: the act made the row
    after  TEXT    NOT NULL,
    PRIMARY KEY (seq, place, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE undone (                  -- acts that were taken back
    seq INTEGER PRIMARY KEY,
    by  INTEGER NOT NULL
) STRICT;

CREATE TABLE change (                  -- deploys, new schemas and settings: no alerts
    id      INTEGER PRIMARY KEY,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    actor   TEXT    NOT NULL,
    what    TEXT    NOT NULL,
    links   TEXT    NOT NULL,
    payload TEXT    NOT NULL,
    dated   INTEGER NOT NULL           -- 1: its tool said when; 0: `at` is the receipt
) STRICT;
CREATE INDEX change_key ON change (key, id);
CREATE INDEX change_time ON change (at DESC, id DESC);

CREATE TABLE change_touch (            -- what a change touches, the likeliest first
    change INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    normal TEXT    NOT NULL,           -- the name in the form in which names are compared
    PRIMARY KEY (change, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_touch_normal ON change_touch (normal, change);

CREATE TABLE node (                    -- the catalog: what each source says of a thing; NULL: it says nothing
    key           TEXT    NOT NULL,    -- the name in the form in which names are compared
    source        TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    kind          TEXT,
    owner         TEXT,
    tier          INTEGER,
    deadline      TEXT,                -- JSON
    usual_minutes INTEGER,
    runbook       TEXT,
    PRIMARY KEY (key, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE node_alias (
    node   TEXT NOT NULL,              -- a key of node
    alias  TEXT NOT NULL,              -- the alias in the same form
    source TEXT NOT NULL,
    name   TEXT NOT NULL,              -- … and as it was told
    PRIMARY KEY (node, source, alias)
) STRICT, WITHOUT ROWID;

CREATE TABLE edge (                    -- keys of node: down is made from up
    up     TEXT NOT NULL,
    down   TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (up, down, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE judged (                  -- beside the chain: how far in the log triage has come
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
) STRICT;

-- How each pulled source does. Beside the chain: a rebuild leaves it as it is.
CREATE TABLE source (
    name        TEXT PRIMARY KEY,
    kind        TEXT    NOT NULL,
    every       INTEGER NOT NULL,      -- microseconds between two polls
    since       INTEGER NOT NULL,      -- when the collector that runs now began to pull it
    ok_at       INTEGER,               -- when it last could be read
    failures    INTEGER NOT NULL DEFAULT 0,  -- in a row, since then
    next_try_at INTEGER,
    last_error  TEXT    NOT NULL DEFAULT '',
    cursor      TEXT    NOT NULL DEFAULT '{}',  -- JSON object: how far it was read
    live        INTEGER NOT NULL DEFAULT 1   -- 0: no longer in the settings
) STRICT, WITHOUT ROWID;
CREATE INDEX alert_unresolved ON alert (source) WHERE live = 1 AND status <> 'resolved';

-- Runs of jobs. Beside the chain: of each key the newest 30, of earlier days one each for two weeks.
CREATE TABLE run (
    key      TEXT    NOT NULL,
    name     TEXT    NOT NULL,         -- its tool's own, else '@' and a moment
    source   TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    node     TEXT,                     -- where the catalog had it when it was heard
    at       INTEGER NOT NULL,         -- the first moment known of it
    tried_at INTEGER NOT NULL,         -- when its newest try began
    heard_at INTEGER NOT NULL,
    timed    INTEGER NOT NULL,         -- 1: its tool said when that try began
    ended_at INTEGER,
    well     INTEGER NOT NULL,
    tries    INTEGER NOT NULL,
    since    INTEGER NOT NULL,         -- the first moment known of its key, carried on from run to run
    hours    INTEGER NOT NULL,         -- and the hours in which the key has run
    changed  INTEGER NOT NULL,         -- grows with every change in the table
    PRIMARY KEY (key, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_changed ON run (changed);

-- Alerts that fire as long as all is well, likewise.
CREATE TABLE heartbeat (
    key      TEXT PRIMARY KEY,
    source   TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    first_at INTEGER NOT NULL,         -- since it has been heard without a break
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    gone_at  INTEGER                   -- when its tool cleared it
) STRICT, WITHOUT ROWID;
