"""`picks PERSON|CARD`: shops to show somebody and what to do next; `picks report`: how well the lists do."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from app.cli.entry import site_folder
from models.errors import Known, NotEnoughData
from models.store import Store, open_store
from models.times import now_ms

Result = tuple[Any, str]


def register(commands: Any) -> None:
    """Add the command."""
    command = commands.add_parser("picks", help="shops to show a person and what to do next; 'report' for the test")
    command.add_argument("who", metavar="PERSON|CARD|report", help="a person's id, card, phone or e-mail; or: report")
    command.set_defaults(run=run_picks)


def run_picks(options: argparse.Namespace) -> Result:
    """One person's shops and next action, or the report."""
    store = open_store(site_folder(options))
    try:
        return _report(store) if options.who == "report" else _person(store, options.who)
    finally:
        store.close()


def _person(store: Store, who: str) -> Result:
    from engines.picks.queries import action_of, picks_of
    from engines.picks.words import ACTIONS, BECAUSE, BLOCKED, EVIDENCE

    person = _found(store, who)
    listed, action = picks_of(store, person), action_of(store, person, now_ms())
    if action is None and not listed:
        raise NotEnoughData("Nothing has been worked out for this person yet.", "Run: python main.py run next_action")
    lines = [f"{p.name:<28}{p.chance:7.2%}  {BECAUSE[p.because][0].format(shop=p.other)}" for p in listed]
    document: dict[str, Any] = {"person": person.hex(), "picks": [asdict(p) for p in listed], "next": None}
    if action is not None:
        document["next"] = {**asdict(action), "person_id": action.person_id.hex()}
        told = ACTIONS[action.action][0]
        if action.blocked:
            lines.append(f"{told}: {BLOCKED[action.blocked][0]}.")
        else:
            when = f" from {action.minute // 60:02d}:00" if action.minute is not None else ""
            lines.append(f"{told} {action.subject_name} by {action.channel}{when}. {EVIDENCE[action.evidence][0]}.")
    return document, "\n".join(lines)


def _found(store: Store, who: str) -> bytes:
    from engines.people.queries import customers_of, search

    try:
        person = bytes.fromhex(who.replace("-", ""))
    except ValueError:
        person = b""
    if person and customers_of(store, [person]):
        return person
    found = search(store, who, limit=2)
    if len(found) != 1:
        step = "Give the whole card, phone or e-mail." if found else "Look the person up on the page Customers."
        raise Known(f"'{who}' names {'more than one person' if found else 'nobody'}.", step, code=2)
    return found[0].person_id


def _report(store: Store) -> Result:
    from engines.picks.queries import evidence, mix, model, shops, tests

    known = model(store)
    if known is None:
        raise NotEnoughData("No recommendations have been worked out yet.", "Run: python main.py run picks")
    tested, kinds, proofs = tests(store), mix(store, now_ms()), evidence(store)
    document = {
        "model": asdict(known), "tests": [asdict(t) for t in tested], "shops": [asdict(s) for s in shops(store)],
        "mix": [asdict(m) for m in kinds], "evidence": [asdict(p) for p in proofs],
    }  # fmt: skip
    lines = [
        f"As of {known.as_of}, version {known.version}: {known.blended:,} people by the blend, {known.by_rules:,} by "
        f"rules, {known.popular:,} by what is popular; {known.covered:.0%} of {known.items} shops stand in a list.",
        *([] if known.personal else ["Too little for personal lists: everyone gets what is popular."]),
        *(
            f"  {t.among:<5}{t.method:<9}{t.metric:<7}{t.value:.3f} [{t.low:.3f}, {t.high:.3f}]  {t.people:,} people"
            for t in tested
        ),
        *(f"  {m.action:<12}{m.blocked:<13}{m.people:>8,}" for m in kinds),
        *(f"  {p.action:<12}{p.state}" for p in proofs),
    ]
    return document, "\n".join(lines)
