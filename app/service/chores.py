"""What the service does besides engines: the mart, checks, backups, and taking out what is no longer needed."""

from __future__ import annotations

from dataclasses import dataclass

from app.service.progress import Progress
from models import changes
from models.errors import Known
from models.mart_state import mart_state
from models.store import Store


@dataclass(frozen=True)
class Outcome:
    """What a chore did: rows (or files) it dealt with, and a sentence."""

    rows: int
    says: str


def mart_is_behind(store: Store) -> bool:
    """Whether there is anything for `refresh_mart` to do."""
    return mart_state(store).behind != 0


def refresh_mart(store: Store, progress: Progress) -> Outcome:
    """Bring the mart up to the store."""
    from models import mart

    progress(0.0, "reading the change log")
    done = mart.refresh(store)
    return Outcome(done.rows, f"{done.files} files written")


def verify_capture(store: Store, progress: Progress) -> Outcome:
    """Check the triggers that log changes; mend what is missing and write the mart anew, as changes may be unlogged."""
    progress(0.0, "checking the triggers")
    with store.read() as connection:
        wrong = changes.verify_triggers(connection)
    if not wrong:
        return Outcome(0, "change capture is whole")
    with store.write("service", "restoring change capture") as tx:
        changes.install_triggers(tx.connection)
        tx.audit("mend", "triggers", wrong=wrong)
    from models import mart

    progress(0.5, "writing the mart anew")
    done = mart.rebuild(store)
    return Outcome(done.rows, f"{len(wrong)} triggers were missing or changed; capture restored, mart written anew")


def back_up(store: Store, progress: Progress) -> Outcome:
    """Make a verified backup and let go of those that are no longer kept."""
    from app.service.recovery import back_up_site

    progress(0.0, "copying the store")
    saved = back_up_site(store, "service", report=progress, tidy=True)
    made = saved.made
    told = [f"{made.path.name}, {made.size // 1024} KB; {saved.removed} old ones removed"]
    told += [f"copied to {folder}" for folder in saved.copies] + [trouble.sentence for trouble in saved.troubles]
    return Outcome(sum(made.rows.values()), "; ".join(told))


def prove_backup(store: Store, progress: Progress) -> Outcome:
    """Restore the newest backup into a scratch folder and compare it. Raises Known naming what does not hold."""
    from app.service.recovery import prove_restore

    proof = prove_restore(store, report=progress)
    if proof.wrong:
        raise Known(
            f"{proof.copy.name} does not restore: {'; '.join(proof.wrong)}.", "Make another backup and prove it.",
            sentence_zh=f"{proof.copy.name} 无法正确恢复：{'; '.join(proof.wrong)}。", step_zh="请重新备份并再次验证。",
        )  # fmt: skip
    return Outcome(
        proof.rows, f"{proof.copy.name} restored: {proof.rows} rows and {proof.figures} figures are the same"
    )


def watch_backups(store: Store, progress: Progress) -> Outcome:
    """Raise or close the alerts about backups."""
    from app.service.recovery_alerts import say_findings

    progress(0.0, "looking after backups")
    return Outcome(say_findings(store), "alerts about backups are up to date")


def watch_is_needed(store: Store) -> bool:
    """Whether there is anything for `watch_backups` to do."""
    from app.service.recovery_alerts import has_something_to_say

    return has_something_to_say(store)


def proof_is_due(store: Store) -> bool:
    """Whether no backup was proved for a week."""
    from app.service.recovery_alerts import drill_is_due

    return drill_is_due(store)


def verify_audit(store: Store, progress: Progress) -> Outcome:
    """Walk the audit chain and compare it with the heads kept elsewhere. Raises Known naming what does not hold."""
    from engines.access.trail import check_trail

    progress(0.0, "reading the audit trail")
    found = check_trail(store)
    if found.wrong:
        raise Known(
            f"The audit trail does not hold: {found.wrong}.",
            "Keep the site's folder as it is and compare it with a backup.",
            sentence_zh=f"审计记录不完整：{found.wrong_zh}。", step_zh="请保持站点文件夹现状并与备份比对。",
        )  # fmt: skip
    return Outcome(found.entries, f"{found.entries} entries hold")


def tidy(store: Store, progress: Progress) -> Outcome:
    """Carry out the rules of retention that are on: nothing stays longer than decided. Each leaves its proof."""
    from engines.privacy.retention import run_due

    done = run_due(store, progress)
    gone = ", ".join(f"{ran.removed} of {ran.rule}" for ran in done if ran.removed)
    return Outcome(sum(ran.removed for ran in done), f"removed: {gone}" if gone else "nothing was older than decided")


def erasures_are_due(store: Store) -> bool:
    """Whether somebody erased elsewhere, or before a restore, is still here."""
    from engines.privacy.arrival import due

    return due(store)


def carry_out_erasures(store: Store, progress: Progress) -> Outcome:
    """Erase here whoever was erased at another node, or after the backup this store was put back from."""
    from engines.privacy.arrival import apply_tombstones

    progress(0.0, "looking for erased people")
    done = apply_tombstones(store)
    return Outcome(done.people + done.signs, f"{done.people} people and {done.signs} signs erased")
