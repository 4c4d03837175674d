"""How two records of people are compared: features, the levels of agreement of each, and the keys that bring pairs up.

The levels follow the practice of record linkage (Fellegi and Sunter 1969; Winkler 1990): exact agreement weighted by
how common the value is, then likeness by Jaro-Winkler or edit distance, then the parts that agree. They are chosen
by what the values are, never by a result on data whose answers are known.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

#: Jaro-Winkler likeness of two spellings of one name, and of two names that may be: the thresholds that Winkler's
#: census work and Splink's library use.
ALIKE, NEAR = 0.92, 0.88


@dataclass(frozen=True)
class Level:
    """One level of agreement: its code, the condition in SQL, and the column whose rare values weigh more."""

    code: str
    sql: str
    rare: str = ""


@dataclass(frozen=True)
class Comparison:
    """A feature, the condition under which nothing can be said, and its levels from the strongest; the rest differs."""

    feature: str
    unknown: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Session:
    """A block in which the weights are learned: records that agree in these columns."""

    columns: tuple[str, ...]


def _alike(column: str, least: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


def _unknown(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _part(side: str, first: int, length: int) -> str:
    return f"substr(birth_{side}, {first}, {length})"


def _same_part(first: int, length: int) -> str:
    return f"{_part('l', first, length)} = {_part('r', first, length)}"


_YEARS = f"abs(TRY_CAST({_part('l', 1, 4)} AS INTEGER) - TRY_CAST({_part('r', 1, 4)} AS INTEGER))"

NAME = Comparison(
    "name",
    "(given_l IS NULL OR given_r IS NULL) AND (family_l IS NULL OR family_r IS NULL)",
    (
        Level("same", "full_name_l = full_name_r", "full_name"),
        Level("same_latin", "latin_l = latin_r", "latin"),
        Level("reversed", "given_l = family_r AND family_l = given_r"),
        Level("alike", f"{_alike('given', ALIKE)} AND {_alike('family', ALIKE)}"),
        Level("near", f"{_alike('given', NEAR)} AND {_alike('family', NEAR)}"),
        Level("family_initial", "family_l = family_r AND given_l[1] = given_r[1]", "family"),
        Level("family_known", "family_l = family_r AND (given_l IS NULL OR given_r IS NULL)", "family"),
        Level("given_known", "given_l = given_r AND (family_l IS NULL OR family_r IS NULL)", "given"),
        Level("family", "family_l = family_r", "family"),
        Level("given", "given_l = given_r", "given"),
        Level("family_near", _alike("family", NEAR)),
        Level("given_near", _alike("given", NEAR)),
    ),
)
BIRTH_DATE = Comparison(
    "birth",
    _unknown("birth"),
    (
        Level("same", "birth_l = birth_r", "birth"),
        Level("one_edit", "damerau_levenshtein(birth_l, birth_r) <= 1"),
        Level("month_day", _same_part(6, 5)),
        Level("year_part", f"{_same_part(1, 4)} AND ({_same_part(6, 2)} OR {_same_part(9, 2)})"),
        Level("year", _same_part(1, 4)),
        Level("year_1", f"{_YEARS} <= 1"),
        Level("year_10", f"{_YEARS} <= 10"),
    ),
)
BIRTH_YEAR = Comparison(
    "birth",
    _unknown("birth"),
    (
        Level("same", "birth_l = birth_r", "birth"),
        Level("year_1", f"{_YEARS} <= 1"),
        Level("year_10", f"{_YEARS} <= 10"),
    ),
)
PLACE = Comparison(
    "place",
    _unknown("place"),
    (Level("same", "place_l = place_r", "place"), Level("alike", _alike("place", 0.9))),
)
POSTCODE = Comparison(
    "postcode",
    _unknown("postcode"),
    (
        Level("same", "postcode_l = postcode_r", "postcode"),
        Level("one_edit", "damerau_levenshtein(postcode_l, postcode_r) <= 1"),
        Level(
            "sector",
            "regexp_extract(postcode_l, '^[^ ]+ [0-9]') = nullif(regexp_extract(postcode_r, '^[^ ]+ [0-9]'), '')",
        ),
        Level("district", "split_part(postcode_l, ' ', 1) = split_part(postcode_r, ' ', 1)"),
        Level("area", "regexp_extract(postcode_l, '^[a-z]+') = nullif(regexp_extract(postcode_r, '^[a-z]+'), '')"),
    ),
)
OCCUPATION = Comparison(
    "occupation", _unknown("occupation"), (Level("same", "occupation_l = occupation_r", "occupation"),)
)
GENDER = Comparison("gender", _unknown("gender"), (Level("same", "gender_l = gender_r"),))
PHONE = Comparison(
    "phone",
    _unknown("phone"),
    (Level("same", "phone_l = phone_r"), Level("one_edit", "damerau_levenshtein(phone_l, phone_r) <= 1")),
)
EMAIL = Comparison(
    "email",
    _unknown("email"),
    (
        Level("same", "email_l = email_r", "email"),
        Level("local_part", "split_part(email_l, '@', 1) = split_part(email_r, '@', 1)"),
        Level("alike", _alike("email", ALIKE)),
    ),
)

#: The largest block in which every pair is looked at: a key that more records share (a shop's phone, a default
#: birthday) brings up nothing. Where a key would bring up more than KEY_PAIRS, a smaller size is taken, so that the
#: work grows with the people and not with their square. A name or birthday alone counts only where it is rare.
BLOCKS, RARE_BLOCKS, KEY_PAIRS = (500, 200, 80, 40, 20, 10), (40, 20, 10), 1_500_000
#: A pair is looked at where one of these keys agrees: the columns it is made of, and the expression.
KEYS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("given",), "given"),
    (("family",), "family"),
    (("birth",), "birth"),
    (("given", "family"), "substr(given, 1, 3) || '|' || substr(family, 1, 4)"),
    (("family", "birth"), "family || '|' || birth"),
    (("given", "birth"), "given || '|' || birth"),
    (("latin", "birth"), "latin || '|' || birth"),
    (("given", "family", "birth"), "substr(given, 1, 2) || '|' || substr(family, 1, 2) || '|' || substr(birth, 1, 4)"),
    (("given", "postcode"), "given || '|' || substr(postcode, 1, 3)"),
    (("family", "postcode"), "family || '|' || substr(postcode, 1, 3)"),
    (("birth", "postcode"), "birth || '|' || substr(postcode, 1, 3)"),
    (("birth", "place"), "birth || '|' || place"),
    (("phone",), "phone"),
    (("email",), "email"),
)
RARE_KEYS = frozenset({"given", "family", "birth"})
#: Pairs that agree so are nearly always one person: what the learning starts from.
SEEDS: tuple[tuple[str, ...], ...] = (
    ("phone", "full_name"), ("phone", "latin"), ("email", "full_name"), ("email", "latin"),
    ("phone", "birth"), ("email", "birth"),
)  # fmt: skip
#: The same where a whole date of birth is known.
DATE_SEEDS: tuple[tuple[str, ...], ...] = (
    ("full_name", "birth"), ("birth", "postcode"), ("family", "given_2", "postcode_2"),
)  # fmt: skip
SESSIONS = (Session(("phone",)), Session(("email",)), Session(("full_name",)), Session(("birth",)))


def comparisons_for(columns: Collection[str], *, whole_dates: bool) -> tuple[Comparison, ...]:
    """The features that records with these columns can be compared in."""
    have = set(columns)
    found = [NAME if "latin" in have else _without_latin()] if {"given", "family"} <= have else []
    if "birth" in have:
        found.append(BIRTH_DATE if whole_dates else BIRTH_YEAR)
    found += [c for c in (PLACE, POSTCODE, OCCUPATION, GENDER, PHONE, EMAIL) if c.feature in have]
    return tuple(found)


def _without_latin() -> Comparison:
    return Comparison(NAME.feature, NAME.unknown, tuple(x for x in NAME.levels if x.code != "same_latin"))
