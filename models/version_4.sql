-- Access, sync, privacy and running, as store version 4 brought them. A version once released never changes.
CREATE TABLE api_key (
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hmac BLOB NOT NULL,
    scopes TEXT NOT NULL,
    rate_per_minute INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER,
    CONSTRAINT pk_api_key PRIMARY KEY (id),
    CONSTRAINT uq_api_key_name UNIQUE (name),
    CONSTRAINT uq_api_key_key_hmac UNIQUE (key_hmac)
)
 STRICT;
CREATE TABLE approval (
    id BLOB NOT NULL,
    act TEXT NOT NULL,
    what TEXT NOT NULL,
    reason TEXT,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    note TEXT,
    CONSTRAINT pk_approval PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_approval_state_asked_at ON approval (state, asked_at);
CREATE TABLE backup_run (
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    path TEXT,
    size INTEGER,
    row_total INTEGER,
    seconds REAL,
    copied_to TEXT,
    state TEXT NOT NULL,
    message TEXT,
    CONSTRAINT pk_backup_run PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_backup_run_at ON backup_run (at);
CREATE TABLE consent_notice (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    language TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    text_sha256 TEXT NOT NULL,
    from_day TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_consent_notice PRIMARY KEY (id),
    CONSTRAINT uq_consent_notice_code_language UNIQUE (code, language)
)
 STRICT;
CREATE TABLE entropy_check (
    tbl TEXT NOT NULL,
    day TEXT NOT NULL,
    rows_here INTEGER NOT NULL,
    rows_hub INTEGER NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_entropy_check PRIMARY KEY (tbl, day)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE erasure_tombstone (
    value_hmac BLOB NOT NULL,
    kind TEXT NOT NULL,
    request_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_erasure_tombstone PRIMARY KEY (value_hmac)
)
 STRICT;
CREATE TABLE hook_endpoint (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    CONSTRAINT pk_hook_endpoint PRIMARY KEY (id),
    CONSTRAINT uq_hook_endpoint_code UNIQUE (code)
)
 STRICT;
CREATE TABLE retention_rule (
    code TEXT NOT NULL,
    days INTEGER NOT NULL,
    action TEXT NOT NULL,
    active INTEGER NOT NULL,
    basis TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_retention_rule PRIMARY KEY (code)
)
 STRICT;
CREATE TABLE retention_run (
    id BLOB NOT NULL,
    rule TEXT NOT NULL,
    at INTEGER NOT NULL,
    cutoff_day TEXT NOT NULL,
    dry INTEGER NOT NULL,
    found INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    oldest_left TEXT,
    actor TEXT NOT NULL,
    CONSTRAINT pk_retention_run PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_retention_run_rule_at ON retention_run (rule, at);
CREATE TABLE row_alias (
    tbl TEXT NOT NULL,
    id BLOB NOT NULL,
    canonical_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_row_alias PRIMARY KEY (tbl, id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE sync_conflict (
    id BLOB NOT NULL,
    tbl TEXT NOT NULL,
    pk TEXT NOT NULL,
    field TEXT NOT NULL,
    kept TEXT,
    lost TEXT,
    kept_node TEXT,
    lost_node TEXT,
    kept_hlc INTEGER NOT NULL,
    lost_hlc INTEGER NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT pk_sync_conflict PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_sync_conflict_at ON sync_conflict (at);
CREATE TABLE sync_node (
    node_id TEXT NOT NULL,
    name TEXT NOT NULL,
    mine INTEGER NOT NULL,
    program TEXT,
    store_version INTEGER,
    seen_at INTEGER,
    told_at INTEGER NOT NULL,
    CONSTRAINT pk_sync_node PRIMARY KEY (node_id)
)
 STRICT;
CREATE TABLE sync_quarantine (
    id BLOB NOT NULL,
    channel TEXT NOT NULL,
    seq INTEGER NOT NULL,
    tbl TEXT NOT NULL,
    pk TEXT NOT NULL,
    "row" TEXT,
    error TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    CONSTRAINT pk_sync_quarantine PRIMARY KEY (id)
)
 STRICT;
CREATE INDEX ix_sync_quarantine_state_first_seen ON sync_quarantine (state, first_seen);
CREATE TABLE sync_state (
    channel TEXT NOT NULL,
    epoch TEXT NOT NULL,
    acked_seq INTEGER NOT NULL,
    acked_part TEXT,
    hlc INTEGER NOT NULL,
    pulled_xid INTEGER NOT NULL,
    pulled_rev INTEGER NOT NULL,
    pushed_rows INTEGER NOT NULL,
    pulled_rows INTEGER NOT NULL,
    pushed_at INTEGER,
    pulled_at INTEGER,
    last_error TEXT,
    failures INTEGER NOT NULL,
    next_try_at INTEGER,
    stopped TEXT,
    CONSTRAINT pk_sync_state PRIMARY KEY (channel)
)
 STRICT;
CREATE TABLE timing (
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    n INTEGER NOT NULL,
    total_ms REAL NOT NULL,
    longest_ms REAL NOT NULL,
    over INTEGER NOT NULL,
    budget_ms REAL,
    CONSTRAINT pk_timing PRIMARY KEY (day, name)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE up_time (
    started_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    clean INTEGER NOT NULL,
    CONSTRAINT pk_up_time PRIMARY KEY (started_at)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE data_request (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    law TEXT NOT NULL,
    person_id BLOB,
    received_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    extended_at INTEGER,
    verified_by TEXT,
    verified_at INTEGER,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    note TEXT,
    evidence TEXT,
    CONSTRAINT pk_data_request PRIMARY KEY (id),
    CONSTRAINT uq_data_request_code UNIQUE (code),
    CONSTRAINT fk_data_request_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
 STRICT;
CREATE INDEX ix_data_request_person_id ON data_request (person_id);
CREATE INDEX ix_data_request_state_due_at ON data_request (state, due_at);
CREATE TABLE hook_delivery (
    id BLOB NOT NULL,
    endpoint_id BLOB NOT NULL,
    "key" TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    next_try_at INTEGER,
    answer TEXT,
    CONSTRAINT pk_hook_delivery PRIMARY KEY (id),
    CONSTRAINT uq_hook_delivery_endpoint_id_key UNIQUE (endpoint_id, "key"),
    CONSTRAINT fk_hook_delivery_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES hook_endpoint (id)
)
 STRICT;
CREATE INDEX ix_hook_delivery_state_next_try_at ON hook_delivery (state, next_try_at);
CREATE TABLE hook_secret (
    endpoint_id BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    secret BLOB NOT NULL,
    until INTEGER,
    CONSTRAINT pk_hook_secret PRIMARY KEY (endpoint_id, made_at),
    CONSTRAINT fk_hook_secret_endpoint_id FOREIGN KEY(endpoint_id) REFERENCES hook_endpoint (id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE restriction (
    person_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    request_id BLOB,
    since INTEGER NOT NULL,
    until INTEGER,
    CONSTRAINT pk_restriction PRIMARY KEY (person_id),
    CONSTRAINT fk_restriction_person_id FOREIGN KEY(person_id) REFERENCES person (id)
)
 STRICT;
CREATE TABLE user_scope (
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_user_scope PRIMARY KEY (user_id, kind, value),
    CONSTRAINT fk_user_scope_user_id FOREIGN KEY(user_id) REFERENCES user (id)
)
 WITHOUT ROWID,
 STRICT;
CREATE TABLE user_secret (
    user_id BLOB NOT NULL,
    password_hash TEXT,
    pin_hash TEXT,
    must_change INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    failed_at INTEGER,
    locked_until INTEGER,
    issuer TEXT,
    subject TEXT,
    CONSTRAINT pk_user_secret PRIMARY KEY (user_id),
    CONSTRAINT uq_user_secret_issuer_subject UNIQUE (issuer, subject),
    CONSTRAINT fk_user_secret_user_id FOREIGN KEY(user_id) REFERENCES user (id)
)
 STRICT;
CREATE TABLE user_session (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    face TEXT NOT NULL,
    host TEXT,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended TEXT,
    token_hmac BLOB,
    CONSTRAINT pk_user_session PRIMARY KEY (id),
    CONSTRAINT fk_user_session_user_id FOREIGN KEY(user_id) REFERENCES user (id)
)
 STRICT;
CREATE INDEX ix_user_session_user_id_started_at ON user_session (user_id, started_at);
