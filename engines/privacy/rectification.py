# ruff: noqa: S608 - names of tables and columns are the program's own
"""Putting right what the store says of a person, wherever it says it (GDPR art. 16, CCPA 1798.106, PIPL art. 46).

A sender that goes on saying the wrong thing brings it back with its next file: the sender has to be told as well.
"""

from __future__ import annotations

import json

from engines.people.identifiers import clean_identifier, digest, digest_key
from engines.people.survivorship import rebuild_in
from engines.privacy.erasure import erase_signs
from engines.privacy.subject import Sign, Subject, subject_of
from models.errors import Known
from models.ids import new_id
from models.store import Store, Transaction
from models.times import now_ms

#: Attributes of a member that are put right in place, and signs that are exchanged.
ATTRS = ("name", "gender", "birth_year", "language", "home_area")
SIGNS = ("phone", "email")
_AMONG = "IN (SELECT unhex(value) FROM json_each(?))"


def rectify_in(tx: Transaction, store: Store, person: bytes, attr: str, value: str) -> int:
    """Set an attribute everywhere it stands; returns the rows changed. Raises Known for what cannot be so."""
    subject, told = subject_of(tx.connection, person), " ".join(value.split())
    if attr not in ATTRS + SIGNS or not told:
        raise Known(
            f"'{attr}' cannot be put right here.", f"Attributes: {', '.join(ATTRS + SIGNS)}, with a value.", code=2,
            sentence_zh=f"此处无法更正“{attr}”。",
        )  # fmt: skip
    if attr == "birth_year" and not (told.isdecimal() and 1900 <= int(told) <= 2100):
        raise Known("A year of birth has four digits.", code=2, sentence_zh="出生年份须为四位数字。")
    changed = _exchange(tx, store, subject, attr, told) if attr in SIGNS else _set(tx, subject, attr, told)
    rebuild_in(tx, subject.persons)
    tx.audit("rectify", f"person/{subject.person.hex()}", attribute=attr, rows=changed)
    return changed


def _set(tx: Transaction, subject: Subject, attr: str, value: str) -> int:
    """The members' rows and every source's word: else a vote of sources would bring the wrong one back."""
    signs = json.dumps([sign.id.hex() for sign in subject.signs if not sign.lent])
    plain: str | int = int(value) if attr == "birth_year" else value
    changed = tx.connection.exec_driver_sql(
        f"UPDATE member SET {attr} = ? WHERE id {_AMONG}",
        (plain, json.dumps([m.hex() for m in subject.members])),
    ).rowcount
    changed += tx.connection.exec_driver_sql(
        f"UPDATE person_attr SET value = ? WHERE attr = ? AND identifier_id {_AMONG}",
        (value, attr, signs),
    ).rowcount
    return changed


def _exchange(tx: Transaction, store: Store, subject: Subject, kind: str, value: str) -> int:
    """A new sign takes the old one's place: what was known by the old one is known by the new one."""
    clean = clean_identifier(kind, value, store.site.country)
    mark = digest(digest_key(store.key), clean)
    if tx.connection.exec_driver_sql(
        "SELECT 1 FROM identifier WHERE kind = ? AND value_hmac = ?", (kind, mark)
    ).scalar():  # fmt: skip
        raise Known(
            "This phone or e-mail is in the store already.", "If both are one person, merge them.", code=2,
            sentence_zh="库中已有该电话或邮箱。", step_zh="若为同一人，请合并。",
        )  # fmt: skip
    made, link, at = new_id(), new_id(), now_ms()
    ask = tx.connection.exec_driver_sql
    ask("INSERT INTO identifier (id, kind, value_hmac, value) VALUES (?, ?, ?, ?)", (made, kind, mark, clean))
    ask(
        "INSERT INTO identity_link (id, identifier_id, person_id, action, confidence, actor, reason, at) "
        "VALUES (?, ?, ?, 'link', 1.0, ?, 'put right on request', ?)",
        (link, made, subject.person, tx.actor, at),
    )
    ask("INSERT INTO identifier_owner (identifier_id, person_id) VALUES (?, ?)", (made, subject.person))
    old = [sign for sign in subject.signs if sign.kind == kind and not sign.lent]
    return 1 + _move(tx, store, old, made, clean)


def _move(tx: Transaction, store: Store, old: list[Sign], made: bytes, clean: str) -> int:
    marks, ask = json.dumps([sign.id.hex() for sign in old]), tx.connection.exec_driver_sql
    moved = 0
    for table, column in (
        ("sale", "identifier_id"), ("activity", "identifier_id"), ("activity", "related_id"),
        ("consent_decision", "identifier_id"), ("person_attr", "identifier_id"),
    ):  # fmt: skip
        moved += ask(f"UPDATE {table} SET {column} = ? WHERE {column} {_AMONG}", (made, marks)).rowcount
    moved += ask(
        f"UPDATE person_attr SET value = ?, sign_id = ? WHERE sign_id {_AMONG}", (clean, made, marks)
    ).rowcount  # fmt: skip
    tx.touch("identifier_owner")
    return moved + (erase_signs(tx, store, old) if old else 0)
