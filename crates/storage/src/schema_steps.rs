//! The schema, step by step.

/// Each step takes the schema from its index to the next `user_version`. Steps that have
/// been released are never edited; a change is a new step at the end.
pub(crate) const STEPS: [&str; 4] = [V1, V2, V3, V4];

const V1: &str = "
-- What this database is: its replica, charter and the like.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The journals known here, and how far: the version vector as rows.
-- Other tables name an author by its number here, which means nothing elsewhere.
CREATE TABLE authors (
    author     INTEGER PRIMARY KEY,
    replica    BLOB NOT NULL UNIQUE,
    credential BLOB NOT NULL,
    head_seq   INTEGER NOT NULL,
    head_hash  BLOB NOT NULL,
    quarantine TEXT
) STRICT;

-- Every entry, byte for byte as its author wrote it.
CREATE TABLE entries (
    author INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (author, seq)
) STRICT, WITHOUT ROWID;

-- Seals known: of our own journal every one, of others the last of each run taken in.
CREATE TABLE seals (
    author    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (author, seq)
) STRICT, WITHOUT ROWID;

-- Proofs that an author has told two stories, as they travel.
CREATE TABLE forks (
    author INTEGER PRIMARY KEY,
    proof  BLOB NOT NULL
) STRICT;

-- Entries that are not folded: of quarantined or fenced authors, for a person to look at.
CREATE TABLE set_aside (
    author INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    bytes  BLOB NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (author, seq, hash)
) STRICT, WITHOUT ROWID;

-- From here on: derived from entries.

-- Rights: one row for each lot and replica. `expires` is a day since 1970, or 2147483647.
CREATE TABLE shares (
    member    INTEGER NOT NULL,
    asset     INTEGER NOT NULL,
    which     INTEGER NOT NULL,
    expires   INTEGER NOT NULL,
    author    INTEGER NOT NULL,
    available INTEGER NOT NULL,
    held      INTEGER NOT NULL,
    PRIMARY KEY (member, asset, which, expires, author)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
    hold        INTEGER NOT NULL,
    member      INTEGER NOT NULL,
    asset       INTEGER NOT NULL,
    which       INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    author      INTEGER NOT NULL,
    amount      INTEGER NOT NULL,
    deadline_ms INTEGER NOT NULL,
    captured    INTEGER,
    PRIMARY KEY (hold, member, asset, which, expires)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_open ON holds (author, deadline_ms) WHERE captured IS NULL;

CREATE TABLE offers (
    offer    INTEGER NOT NULL,
    member   INTEGER NOT NULL,
    asset    INTEGER NOT NULL,
    which    INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    receiver BLOB NOT NULL,
    giver    INTEGER,
    offered  INTEGER,
    accepted INTEGER,
    PRIMARY KEY (offer, member, asset, which, expires, receiver)
) STRICT, WITHOUT ROWID;
CREATE INDEX offers_open ON offers (receiver) WHERE accepted IS NULL;
CREATE INDEX offers_unsettled ON offers (member) WHERE offered IS NOT accepted;

CREATE TABLE totals (
    author      INTEGER NOT NULL,
    asset       INTEGER NOT NULL,
    credited    INTEGER NOT NULL,
    debited     INTEGER NOT NULL,
    clawed_back INTEGER NOT NULL,
    offered     INTEGER NOT NULL,
    accepted    INTEGER NOT NULL,
    held        INTEGER NOT NULL,
    PRIMARY KEY (author, asset)
) STRICT, WITHOUT ROWID;

-- Running sums over the sales of each author. The sales themselves are read from their entries.
CREATE TABLE sale_sums (
    author          INTEGER PRIMARY KEY,
    sales           INTEGER NOT NULL,
    gross_fen       INTEGER NOT NULL,
    discount_fen    INTEGER NOT NULL,
    points_earned   INTEGER NOT NULL,
    points_redeemed INTEGER NOT NULL
) STRICT;

-- Receipt numbers used at this store: the business key of sales and returns.
CREATE TABLE checks (
    till         TEXT NOT NULL,
    check_number TEXT NOT NULL,
    author       INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    PRIMARY KEY (till, check_number, author, seq)
) STRICT, WITHOUT ROWID;

-- Requests answered by this replica: at most one store's worth, so the random key is bearable.
CREATE TABLE requests (
    id   BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Entries that touch a member, by time: history and habit.
CREATE TABLE movements (
    member  INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    author  INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    is_sale INTEGER NOT NULL,
    PRIMARY KEY (member, wall_ms, author, seq)
) STRICT, WITHOUT ROWID;

-- Entries that change a member's profile.
CREATE TABLE profile_changes (
    member INTEGER NOT NULL,
    author INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (member, author, seq)
) STRICT, WITHOUT ROWID;

-- What profiles say now, for finding members. Refreshed whole with every change.
CREATE TABLE members (
    member    INTEGER PRIMARY KEY,
    name      TEXT NOT NULL,
    phone     TEXT NOT NULL,
    phone_end TEXT NOT NULL,
    conflicts INTEGER NOT NULL
) STRICT;
CREATE INDEX members_by_phone ON members (phone) WHERE phone <> '';
CREATE INDEX members_by_phone_end ON members (phone_end) WHERE phone_end <> '';
CREATE INDEX members_by_name ON members (name) WHERE name <> '';

CREATE TABLE cards (
    card   INTEGER NOT NULL,
    member INTEGER NOT NULL,
    state  TEXT NOT NULL,
    issued INTEGER NOT NULL,
    PRIMARY KEY (card, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX cards_by_member ON cards (member);

-- Replicas as hubs enrolled them: one row for each entry that did.
CREATE TABLE enrolments (
    replica    BLOB NOT NULL,
    author     INTEGER NOT NULL,
    seq        INTEGER NOT NULL,
    credential BLOB NOT NULL,
    invitation BLOB NOT NULL,
    PRIMARY KEY (replica, author, seq, invitation)
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolments_by_invitation ON enrolments (invitation);

-- Where replicas listen, by their own word.
CREATE TABLE addresses (
    replica BLOB PRIMARY KEY,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What hubs decided on entries that fenced replicas wrote too late, with those that count after all.
CREATE TABLE late_settlements (
    replica  BLOB NOT NULL,
    seq      INTEGER NOT NULL,
    hash     BLOB NOT NULL,
    author   INTEGER NOT NULL,
    place    INTEGER NOT NULL,
    accepted BLOB,
    PRIMARY KEY (replica, seq, hash, author, place)
) STRICT, WITHOUT ROWID;

-- Where the journals of fenced replicas end.
CREATE TABLE fences (
    replica   BLOB NOT NULL,
    author    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    after_seq INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    -- The hash of the last entry that counts.
    after_hash BLOB,
    -- When the fence was written.
    wall_ms   INTEGER NOT NULL,
    counter   INTEGER NOT NULL,
    -- Whether it counts: one that was written after its own author was put out does not.
    counts    INTEGER NOT NULL,
    PRIMARY KEY (replica, author, seq)
) STRICT, WITHOUT ROWID;
";

/// What is advanced on a lot. A database whose journals hold advances already is folded anew.
const V2: &str = "
ALTER TABLE shares ADD COLUMN advanced INTEGER NOT NULL DEFAULT 0;
CREATE INDEX shares_advanced ON shares (member) WHERE advanced > 0;
INSERT INTO meta SELECT 'refold', x'01' WHERE EXISTS (SELECT 1 FROM shares WHERE asset = 6 AND held > 0);
";

/// Programmes; details of sales, of which a row without bytes is one that a hub still wants; which entries a
/// programme asks about.
const V3: &str = "
-- Versions of the programme: one row for each entry that published one.
CREATE TABLE programmes (
    version       INTEGER NOT NULL,
    author        INTEGER NOT NULL,
    seq           INTEGER NOT NULL,
    in_force_from INTEGER NOT NULL,
    hash          BLOB NOT NULL,
    document      TEXT NOT NULL,
    PRIMARY KEY (version, author, seq)
) STRICT, WITHOUT ROWID;

-- What entries of sales leave out. Primary: of other stores only hubs have it.
CREATE TABLE details (
    author INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    bytes  BLOB,
    PRIMARY KEY (author, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX details_wanted ON details (author, seq) WHERE bytes IS NULL;

-- Stored value that was paid in, by the entry that did; given back, below zero.
CREATE TABLE top_ups (
    top_up    INTEGER NOT NULL,
    author    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    place     INTEGER NOT NULL,
    date      INTEGER NOT NULL,
    wall_ms   INTEGER NOT NULL,
    counter   INTEGER NOT NULL,
    member    INTEGER NOT NULL,
    seller    TEXT NOT NULL,
    principal INTEGER NOT NULL,
    PRIMARY KEY (top_up, author, seq, place)
) STRICT, WITHOUT ROWID;

-- Accounts as their latest entries left them; store 4294967295 stands for the whole city.
CREATE TABLE accounts (
    store    INTEGER NOT NULL,
    name     TEXT NOT NULL,
    person   TEXT NOT NULL,
    role     TEXT NOT NULL,
    verifier TEXT,
    wall_ms  INTEGER NOT NULL,
    counter  INTEGER NOT NULL,
    replica  BLOB NOT NULL,
    seq      INTEGER NOT NULL,
    PRIMARY KEY (name, store)
) STRICT, WITHOUT ROWID;

-- Who did what.
CREATE TABLE acts (
    wall_ms INTEGER NOT NULL,
    author  INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    place   INTEGER NOT NULL,
    by_whom TEXT NOT NULL,
    act     TEXT NOT NULL,
    about   TEXT NOT NULL,
    PRIMARY KEY (wall_ms, author, seq, place)
) STRICT, WITHOUT ROWID;

-- Members are also found by the initials of their names in pinyin.
ALTER TABLE members ADD COLUMN initials TEXT NOT NULL DEFAULT '';
CREATE INDEX members_by_initials ON members (initials) WHERE initials <> '';

-- 0: rights and the like, 1: a sale, 2: whatever else a programme asks about.
ALTER TABLE movements RENAME COLUMN is_sale TO kind;
INSERT OR REPLACE INTO meta SELECT 'refold', x'01' WHERE EXISTS (SELECT 1 FROM entries);
";

/// Figures by day, replica and person, in the place of sums over all time.
const V4: &str = "
DROP TABLE sale_sums;
CREATE TABLE figures (
    date             INTEGER NOT NULL,
    author           INTEGER NOT NULL,
    by_whom          TEXT NOT NULL,
    sales            INTEGER NOT NULL,
    gross_fen        INTEGER NOT NULL,
    off_fen          INTEGER NOT NULL,
    discount_fen     INTEGER NOT NULL,
    stored_value_fen INTEGER NOT NULL,
    taken_fen        INTEGER NOT NULL,
    points_earned    INTEGER NOT NULL,
    points_redeemed  INTEGER NOT NULL,
    returns          INTEGER NOT NULL,
    returned_fen     INTEGER NOT NULL,
    topped_up_fen    INTEGER NOT NULL,
    passes_fen       INTEGER NOT NULL,
    rewards          INTEGER NOT NULL,
    members          INTEGER NOT NULL,
    PRIMARY KEY (date, author, by_whom)
) STRICT, WITHOUT ROWID;
-- Who was registered once too often, as the last word about them says; 0 stands for nobody.
CREATE TABLE merges (
    member    INTEGER PRIMARY KEY,
    into_whom INTEGER NOT NULL,
    turn      INTEGER NOT NULL,
    by_hub    INTEGER NOT NULL,
    wall_ms   INTEGER NOT NULL,
    counter   INTEGER NOT NULL,
    replica   BLOB NOT NULL,
    seq       INTEGER NOT NULL
) STRICT;
CREATE INDEX merges_into ON merges (into_whom) WHERE into_whom <> 0;
CREATE INDEX members_conflicted ON members (member) WHERE conflicts > 0;
-- What machines note of themselves, among the acts of people: outages, versions, alarms.
CREATE INDEX acts_of_machines ON acts (author, act, wall_ms) WHERE act = 'line_back' OR act = 'started' OR act = 'alarm';
-- Points spent and taken back since: hardly ever any.
CREATE INDEX shares_owed ON shares (author, asset) WHERE available < 0;
INSERT OR REPLACE INTO meta SELECT 'refold', x'01' WHERE EXISTS (SELECT 1 FROM entries);
";
