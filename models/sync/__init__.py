"""Sync: the node's side. `cycle.sync_once` does one round: hello, changes up (`push`), changes down (`pull`).

The two halves meet in `push.Session`: the round's store, its connection to the hub (one statement a transaction; call
functions with `asking.call`, which turns the driver's errors into Offline, TooNew or Known), the epoch and the hub's
answer to hello. `pull.pull_changes(session) -> int` takes what others have sent and gives the number of rows; in a
new epoch (until `epoch.has_taken_back`) it is called before anything is sent too, and brings back this node's own
rows. What it applies it logs under the channel `applied`, which is never sent; it moves a channel's
`sync_state.pulled_xid` and `pulled_rev` in the transaction that applies a page, and raises `sync_state.hlc`.
Sealed columns are opened by `sealing.Sealer.open`, whose `rows` are the row's key
(`sealing.row_key`) and every alias of it.
"""
