"""The hub: one PostgreSQL to which the nodes of every site send and from which they take. The server's side.

`schema` makes its tables from the store's declared tables, `provision` brings them and the functions to a server and
enrols nodes, the `.sql` files hold the functions. Three schemas:

`atrium`
    Every logged table (classes F, L, E, R) under its own name. Its key begins with `site_id`; ids are uuid, other
    blobs bytea, whole numbers bigint; the `day` of a dated fact is a date and the table is partitioned by it, a month
    a partition. Only the columns of keys are NOT NULL, since a node of an older version does not send newer columns.
    Direct identifiers arrive sealed: bytea where the column is a blob, base64 text where it is text.
    Each row has `hlc` (the clock of its insertion or, of a fact, of its last change) and `node_id` (who sent that).
    Records (E, R) have `clocks` too: {column: [hlc, node_id, xid]} for columns changed since the insertion, and `xid`,
    the transaction of the insertion. The clock of a column is clocks[column], else [hlc, node_id, xid].
`hub`
    `site`, `node`, `login`, `reader`, `cursor`, `change`, `alias`, `conflict`, `quarantine`, `tombstone`, `audit_head`,
    `meta`; `parked` (codes being exchanged, empty after each push), `reference` (what the chain's office set); and
    `relation`: per table its class, channel, key, natural keys, `day` column, columns with types, and references
    {column: table}. `hub.me()` gives (site_id, node_id) of the session's login: never take them from a
    parameter. A revoked or unknown login raises AT403.
`sync`
    The functions that nodes execute, and nothing else: `sync_hello`, `sync_push`, `sync_quarantine` (push.sql), and
    the downward ones (pull.sql). All are SECURITY DEFINER, owned by `atrium_owner`, with
    `SET search_path = pg_catalog, pg_temp`: names of schemas are written out.

**A key as text** (`pk`): the key's columns without `site_id` and without a partition's `day`, in the order of the
store's key, each as PostgreSQL writes it (uuid with dashes, bytea as \\x…), joined by chr(31). `hub.relation.key` names
these columns.

**hub.change** is what nodes take. One row says that some rows of one table may have changed; the rows themselves
are read where they stand, so that whoever takes a change gets the table's present state:

====================  ==============================================================================================
site_id               the site, first in the key (site_id, xid, rev)
xid, rev              transaction and a number growing within it: page by (xid, rev) below pg_snapshot_xmin
node_id               whose push made it; the hub's own (reference data): 00000000-0000-0000-0000-000000000000
channel, tbl          core or telemetry; the table
op                    I many rows inserted (or written whole), U one record changed, D rows deleted,
                      A an alias (`keys` holds the id that gave way, `detail` {"canonical": uuid}),
                      C a conflict (`keys` the record; `detail` has hub.conflict's columns `id`, `field`, `kept`,
                      `lost`, `kept_node`, `lost_node`, `kept_hlc`, `lost_hlc`; field '' is the record's being there)
everyone              true: nodes take it even if `node_id` is their own (A and C)
keys                  text[] of `pk`; a key that is not in the table any more was deleted
fields                text[] of columns of a U, else NULL (all)
hlc                   the greatest clock in it: a taker raises its own to this (models.sync.hlc.receive)
at                    the hub's clock
====================  ==============================================================================================

**hub.alias** (site_id, tbl, id → canonical_id): pushes have their references (`relation.refs`) turned to the canonical
id before they are stored. **hub.tombstone** (site_id, tbl, pk, hlc, node_id): a deletion; an insertion or a change with
an earlier clock does not bring the row back.

**Cursors** are opaque text: `hub.cursor` (site_id, node_id, epoch, channel) → `last`.
"""
