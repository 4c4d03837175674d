"""The golden record: of all that sources said of a person, the value that counts, by a rule for each attribute.

What was said is kept (`person_attr`), hangs on the identifier by which the source knows the person, and so follows
merges; the record itself (`profile_attr`) is derived and can be rebuilt at any time.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from engines.access.guard import guarded
from engines.people.masking import mask_name, mask_value
from models.connection import Connection
from models.errors import Known
from models.ids import new_ids
from models.store import Store, Transaction

Strategy = Literal["most_recent", "trusted_source", "non_empty", "oldest", "most_frequent"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
ATTRS = ("name", "gender", "birth_year", "phone", "email", "language", "home_area", "channel", "tier")
#: The source of what a member record says where no import has said it apart (`person_attr` is empty).
MEMBER = "member"
CHUNK = 5_000


@dataclass(frozen=True)
class Rule:
    """How one of several values is chosen; `sources` are codes, the most trusted first."""

    strategy: Strategy
    sources: tuple[str, ...] = ()


#: What does not change in a life is what most sources say; what changes is what was said last.
DEFAULTS: Mapping[str, Rule] = {
    attr: Rule("most_frequent" if attr in ("name", "gender", "birth_year") else "most_recent") for attr in ATTRS
}

MOST_RECENT = Rule("most_recent")


@dataclass(frozen=True)
class Said:
    """A source said that an attribute has a value, of whoever it knows by an identifier; `observed_at` UTC ms."""

    identifier_id: bytes
    attr: str
    source_id: bytes
    value: str
    observed_at: int
    sign_id: bytes | None = None


@dataclass(frozen=True)
class Word:
    """One source's word on one attribute, as the rules see it."""

    value: str
    source: str
    observed_at: int
    current: bool = True


def note_attributes(tx: Transaction, said: Iterable[Said], batch: bytes) -> int:
    """Keep what an import said of people and choose anew for them; returns how many words were new.

    Where a source says what it said last, nothing is added; an empty value says nothing.
    """
    told = {(s.identifier_id, s.attr, s.source_id): s for s in said if s.value.strip() and s.attr in ATTRS}
    last = _last_words(tx.connection, {key[0] for key in told})
    fresh = [s for key, s in told.items() if last.get(key) != s.value]
    ids = new_ids(len(fresh))
    if fresh:
        with tx.bulk("person_attr", batch=batch, first=ids[0], last=ids[-1]):
            tx.execute_many(
                "INSERT INTO person_attr (id, identifier_id, attr, source_id, value, sign_id, observed_at, batch_id) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (i, s.identifier_id, s.attr, s.source_id, s.value, s.sign_id, s.observed_at, batch)
                    for i, s in zip(ids, fresh, strict=True)
                ],
            )
        rebuild_in(tx, _owners(tx.connection, {s.identifier_id for s in fresh}))
    return len(fresh)


def forget_attributes(tx: Transaction, batch: bytes) -> None:
    """Take back what an import said, and choose anew for whom it spoke of."""
    rows = tx.connection.exec_driver_sql("SELECT DISTINCT identifier_id FROM person_attr WHERE batch_id = ?", (batch,))
    people = _owners(tx.connection, {bytes(i) for (i,) in rows})
    tx.connection.exec_driver_sql("DELETE FROM person_attr WHERE batch_id = ?", (batch,))
    rebuild_in(tx, people)


def rebuild_profiles(store: Store) -> int:
    """Make every golden record anew; returns how many people have one."""
    with store.read() as connection:
        people = [bytes(p) for p in connection.exec_driver_sql("SELECT id FROM person ORDER BY id").scalars()]
    for at in range(0, len(people), CHUNK):
        with store.write("system", "rebuilding golden records") as tx:
            rebuild_in(tx, people[at : at + CHUNK])
    with store.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(DISTINCT person_id) FROM profile_attr").scalar_one())


def rebuild_in(tx: Transaction, people: Collection[bytes]) -> None:
    """Make the golden records of these people anew inside a transaction; who is merged or gone has none."""
    rules, wanted = rules_in(tx.connection), json.dumps(sorted(p.hex() for p in people))
    tx.connection.exec_driver_sql(
        "DELETE FROM profile_attr WHERE person_id IN (SELECT unhex(value) FROM json_each(?))", (wanted,)
    )
    active = tx.connection.exec_driver_sql(
        "SELECT hex(id) FROM person WHERE state = 'active' AND id IN (SELECT unhex(value) FROM json_each(?))", (wanted,)
    ).scalars()
    rows = []
    for (person, attr), words in _words(tx.connection, json.dumps(active)):
        rule = rules.get(attr, MOST_RECENT)
        chosen = choose(rule, words)
        others = {w.value for w in words if w.current} - {chosen.value}
        rows.append((person, attr, chosen.value, chosen.source, rule.strategy, chosen.observed_at, len(others)))
    tx.execute_many(
        "INSERT INTO profile_attr (person_id, attr, value, source, strategy, observed_at, differing) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    tx.touch("profile_attr")


def choose(rule: Rule, words: Sequence[Word]) -> Word:
    """The word that counts. Ties go to the newer, then to the lower text, so that the order of words is no matter."""
    current = [w for w in words if w.current] or list(words)
    if rule.strategy == "oldest":
        return min(words, key=lambda w: (w.observed_at, w.value, w.source))
    if rule.strategy == "most_frequent":
        votes = Counter(w.value for w in current)
        return min(current, key=lambda w: (-votes[w.value], -w.observed_at, w.value, w.source))
    if rule.strategy in ("trusted_source", "non_empty"):
        rank = {source: place for place, source in enumerate(rule.sources)}
        return min(current, key=lambda w: (rank.get(w.source, len(rank)), -w.observed_at, w.value, w.source))
    return min(current, key=lambda w: (-w.observed_at, w.value, w.source))


def rules_in(connection: Connection) -> dict[str, Rule]:
    """The rule in force for each attribute: the mall's own, else the default."""
    rows = connection.exec_driver_sql("SELECT attr, strategy, sources FROM attr_rule")
    own = {attr: Rule(cast(Strategy, strategy), tuple(json.loads(sources))) for attr, strategy, sources in rows}
    return {**DEFAULTS, **own}


@guarded
def set_rule(store: Store, actor: str, attr: str, rule: Rule) -> None:
    """Set how an attribute is chosen and rebuild every record; audited. Raises Known for what there is not."""
    if attr not in ATTRS or rule.strategy not in STRATEGIES:
        raise Known(
            f"There is no attribute '{attr}' or no strategy '{rule.strategy}'.",
            f"Attributes: {', '.join(ATTRS)}; strategies: {', '.join(STRATEGIES)}.",
            code=2,
        )
    with store.write(actor, "changing a rule of the golden record") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO attr_rule (attr, strategy, sources) VALUES (?, ?, ?) ON CONFLICT (attr) DO UPDATE "
            "SET strategy = excluded.strategy, sources = excluded.sources",
            (attr, rule.strategy, json.dumps(rule.sources)),
        )
        tx.audit("change", f"attr_rule/{attr}", strategy=rule.strategy, sources=list(rule.sources))
    rebuild_profiles(store)


def _last_words(connection: Connection, identifiers: set[bytes]) -> dict[tuple[bytes, str, bytes], str]:
    rows = connection.exec_driver_sql(
        "SELECT identifier_id, attr, source_id, value FROM person_attr "
        "WHERE identifier_id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY observed_at, id",
        (json.dumps([i.hex() for i in identifiers]),),
    )
    return {(bytes(i), attr, bytes(source)): value for i, attr, source, value in rows}


def _owners(connection: Connection, identifiers: set[bytes]) -> set[bytes]:
    rows = connection.exec_driver_sql(
        "SELECT DISTINCT person_id FROM identifier_owner WHERE identifier_id IN "
        "(SELECT unhex(value) FROM json_each(?))",
        (json.dumps([i.hex() for i in identifiers]),),
    )
    return {bytes(person) for (person,) in rows}


#: Everything said of these people; a member record speaks for itself where no import has spoken of its person.
_SAID = """
SELECT o.person_id, a.attr, a.value, s.code, a.observed_at, CAST(a.identifier_id || a.source_id AS BLOB), a.id
FROM identifier_owner o JOIN person_attr a ON a.identifier_id = o.identifier_id JOIN source s ON s.id = a.source_id
WHERE o.person_id IN (SELECT unhex(value) FROM json_each(:people))
"""
_MEMBERS = """
SELECT m.person_id, m.name, m.gender, m.birth_year, m.language, m.home_area, m.channel, m.tier,
       unixepoch(m.joined_day) * 1000, m.id
FROM member m JOIN person p ON p.id = m.person_id AND p.state = 'active'
WHERE m.person_id IN (SELECT unhex(value) FROM json_each(:people))
"""
_MEMBER_ATTRS = ("name", "gender", "birth_year", "language", "home_area", "channel", "tier")
#: Phones and e-mails that people gave, whoever owns them: a household's phone is a phone of each of them.
_SIGNS = """
WITH asked AS (SELECT unhex(value) AS id FROM json_each(:people)),
who AS (SELECT id AS person, id AS root FROM asked UNION ALL
        SELECT m.person_id, m.into_id FROM asked JOIN merged_person m ON m.into_id = asked.id)
SELECT who.root, i.kind, i.value, min(l.at) FROM who CROSS JOIN identity_link l ON l.person_id = who.person
JOIN identifier i ON i.id = l.identifier_id
WHERE l.action = 'link' AND i.kind IN ('phone', 'email') AND i.value IS NOT NULL GROUP BY who.root, i.id
"""


def _words(connection: Connection, people: str) -> Iterator[tuple[tuple[bytes, str], list[Word]]]:
    """For each person and attribute every word on it."""
    ask = connection.exec_driver_sql
    rows = ask(_SAID, {"people": people}).fetchall()
    newest: dict[tuple[bytes, str], tuple[int, bytes]] = {}
    for _, attr, _, _, at, speaker, row in rows:
        key = (bytes(speaker), attr)
        newest[key] = max(newest.get(key, (0, b"")), (at, bytes(row)))
    words: dict[tuple[bytes, str], list[Word]] = defaultdict(list)
    for person, attr, value, source, at, speaker, row in rows:
        current = newest[bytes(speaker), attr] == (at, bytes(row))
        words[bytes(person), attr].append(Word(value, source, at, current))
    spoken = set(words)
    for person, *values, at, _ in ask(_MEMBERS, {"people": people}):
        for attr, value in zip(_MEMBER_ATTRS, values, strict=True):
            if value is not None and (bytes(person), attr) not in spoken:
                words[bytes(person), attr].append(Word(str(value), MEMBER, at))
    for person, kind, value, at in ask(_SIGNS, {"people": people}):
        if (bytes(person), kind) not in spoken:
            words[bytes(person), kind].append(Word(value, MEMBER, at))
    yield from sorted(words.items())


@dataclass(frozen=True)
class Golden:
    """One attribute of a golden record, masked: whose word it is, since when, by which rule, and what others say."""

    attr: str
    shown: str
    source: str
    strategy: str
    observed_at: int
    others: tuple[tuple[str, str], ...]


def golden_of(store: Store, person: bytes) -> tuple[Golden, ...]:
    """A person's golden record in the order of ATTRS; empty where nothing was told. `others` are (value, source)."""
    with store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT attr, value, source, strategy, observed_at FROM profile_attr WHERE person_id = ?", (person,)
        ).fetchall()
        words = {attr: found for (_, attr), found in _words(connection, json.dumps([person.hex()]))}
        active = "SELECT count(*) FROM person WHERE state = 'active' AND id = ?"
        if not rows and connection.exec_driver_sql(active, (person,)).scalar_one():
            # No import has spoken of the person yet, so the record is what the member's own row says.
            rules = rules_in(connection)
            rows = [_chosen(attr, rules.get(attr, MOST_RECENT), found) for attr, found in words.items()]
    found = [
        Golden(attr, _masked(attr, value), source, strategy, at, _others(attr, value, words.get(attr, [])))
        for attr, value, source, strategy, at in rows
    ]
    return tuple(sorted(found, key=lambda g: ATTRS.index(g.attr)))


def told_of(connection: Connection, people: Collection[bytes]) -> dict[bytes, dict[str, str]]:
    """What is told of people, attribute by attribute, masked: their golden record, or what their own rows say."""
    wanted = json.dumps(sorted(p.hex() for p in people))
    rows = connection.exec_driver_sql(
        "SELECT person_id, attr, value FROM profile_attr WHERE person_id IN (SELECT unhex(value) FROM json_each(?))",
        (wanted,),
    ).fetchall()
    told: dict[bytes, dict[str, str]] = defaultdict(dict)
    for person, attr, value in rows:
        told[bytes(person)][attr] = _masked(attr, value)
    rules, bare = rules_in(connection), json.dumps(sorted(p.hex() for p in people if p not in told))
    for (person, attr), words in _words(connection, bare):
        told[person][attr] = _masked(attr, choose(rules.get(attr, MOST_RECENT), words).value)
    return dict(told)


def _chosen(attr: str, rule: Rule, words: Sequence[Word]) -> tuple[str, str, str, str, int]:
    word = choose(rule, words)
    return attr, word.value, word.source, rule.strategy, word.observed_at


def _others(attr: str, value: str, words: Iterable[Word]) -> tuple[tuple[str, str], ...]:
    said = {(w.value, w.source) for w in words if w.current and w.value != value}
    return tuple((_masked(attr, other), source) for other, source in sorted(said))


def _masked(attr: str, value: str) -> str:
    if attr == "name":
        return mask_name(value)
    return mask_value(attr, value) if attr in ("phone", "email") else value
