-- What the hub keeps about sites, nodes and their changes, owned by atrium_owner. Run by `provision`, as often as one likes.

CREATE TABLE IF NOT EXISTS hub.meta (name text PRIMARY KEY, value text NOT NULL);

-- The tables that nodes may send, for the functions; made anew by each `provision`.
CREATE TABLE IF NOT EXISTS hub.relation (
    name text PRIMARY KEY,
    kind text NOT NULL,
    channel text NOT NULL,
    key text[] NOT NULL,
    naturals jsonb NOT NULL,
    day text,
    columns jsonb NOT NULL,
    refs jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS hub.site (
    site_id uuid PRIMARY KEY,
    code text NOT NULL,
    name text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS hub.node (
    site_id uuid NOT NULL,
    node_id uuid NOT NULL,
    name text NOT NULL,
    login text NOT NULL,
    epoch text,
    program text,
    store_version int,
    clock_ahead_ms bigint NOT NULL DEFAULT 0,
    clamped bigint NOT NULL DEFAULT 0,
    enrolled_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (site_id, node_id)
);

-- A login is a role of the server, so its name is its key; who it is stands here and nowhere a client could write.
CREATE TABLE IF NOT EXISTS hub.login (login text PRIMARY KEY, site_id uuid NOT NULL, node_id uuid NOT NULL);

-- Who may read what with a login for reports; a NULL site is the whole chain.
CREATE TABLE IF NOT EXISTS hub.reader (login text PRIMARY KEY, site_id uuid);

CREATE TABLE IF NOT EXISTS hub.cursor (
    site_id uuid NOT NULL,
    node_id uuid NOT NULL,
    epoch text NOT NULL,
    channel text NOT NULL,
    last text NOT NULL DEFAULT '',
    rows bigint NOT NULL DEFAULT 0,
    moved_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, node_id, epoch, channel)
);

CREATE SEQUENCE IF NOT EXISTS hub.rev CACHE 1;

CREATE TABLE IF NOT EXISTS hub.change (
    site_id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    rev bigint NOT NULL DEFAULT nextval('hub.rev'),
    node_id uuid NOT NULL,
    channel text NOT NULL,
    tbl text NOT NULL,
    op "char" NOT NULL,
    everyone boolean NOT NULL DEFAULT false,
    keys text[] NOT NULL,
    fields text[],
    detail jsonb,
    hlc bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, xid, rev)
);

-- Keys of a batch compress five times as fast by lz4, where the server was built with it.
DO $$ BEGIN
    ALTER TABLE hub.change ALTER COLUMN keys SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
    NULL;
END $$;

CREATE TABLE IF NOT EXISTS hub.alias (
    site_id uuid NOT NULL,
    tbl text NOT NULL,
    id uuid NOT NULL,
    canonical_id uuid NOT NULL,
    node_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, tbl, id)
);

CREATE TABLE IF NOT EXISTS hub.tombstone (
    site_id uuid NOT NULL,
    tbl text NOT NULL,
    pk text NOT NULL,
    hlc bigint NOT NULL,
    node_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, tbl, pk)
);

CREATE TABLE IF NOT EXISTS hub.conflict (
    site_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    tbl text NOT NULL,
    pk text NOT NULL,
    field text NOT NULL,
    kept jsonb,
    lost jsonb,
    kept_node uuid,
    lost_node uuid,
    kept_hlc bigint NOT NULL,
    lost_hlc bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);
CREATE INDEX IF NOT EXISTS ix_conflict_at ON hub.conflict (site_id, at);

CREATE TABLE IF NOT EXISTS hub.quarantine (
    site_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    node_id uuid NOT NULL,
    epoch text NOT NULL,
    channel text NOT NULL,
    cursor text NOT NULL,
    tbl text NOT NULL,
    pk text NOT NULL,
    row text,
    error text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (site_id, id)
);

-- The head of each node's audit chain at its pushes: a chain cut short at the node no longer reaches it.
CREATE TABLE IF NOT EXISTS hub.audit_head (
    site_id uuid NOT NULL,
    node_id uuid NOT NULL,
    seq bigint NOT NULL,
    head text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    alarm text,
    PRIMARY KEY (site_id, node_id, seq, head)
);
