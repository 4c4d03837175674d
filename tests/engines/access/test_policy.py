"""No act without a policy, and every role against every right."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.access import guard
from engines.access.rules import GROUPS, INNER, NAMES, PAGE_RIGHTS, POLICY, RIGHTS, ROLES
from models.errors import Denied
from models.rights import ALL, EVERYTHING, require, standing
from models.store import Store
from tests.engines.access.people_in import entries, make_site

ENGINES = Path(__file__).resolve().parents[3] / "engines"
#: Who writes in its own name: no person can trigger it by choosing an actor.
OWN = {"service", "system", "watch", "demo", "sign-in", "gateway"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = make_site(tmp_path_factory.mktemp("policy") / "site")
    yield store
    store.close()


def acts() -> list[str]:
    """Every public function under engines that takes a store and an actor, by module and name."""
    found = []
    for path in sorted(ENGINES.rglob("*.py")):
        module = ".".join(path.relative_to(ENGINES).with_suffix("").parts)
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                names = [a.arg for a in (*node.args.args, *node.args.kwonlyargs)]
                if names[:1] == ["store"] and "actor" in names:
                    found.append(f"{module}.{node.name}")
    return found


def test_no_act_is_without_a_policy() -> None:
    found = acts()
    assert len(found) > 60
    helpers = {"access.guard.check", "access.approvals.ensure", "access.queries.may_see_people",
               "access.queries.standing_of", "access.shop.my_shops"}  # fmt: skip
    assert [name for name in found if name not in POLICY and name not in INNER and name not in helpers] == []


def test_every_act_with_a_policy_is_guarded_by_it() -> None:
    for name, right in POLICY.items():
        module, _, function = name.rpartition(".")
        act = getattr(importlib.import_module(f"engines.{module}"), function)
        assert getattr(act, guard.GUARDED, None) == right, name


def test_an_act_without_a_line_in_the_policy_cannot_be_declared() -> None:
    def overlooked(store: Store, actor: str) -> None:
        """Not in the policy."""

    with pytest.raises(KeyError):
        guard.guarded(overlooked)


def test_whoever_writes_in_an_engine_is_guarded_or_a_program() -> None:
    """A `store.write(actor, ...)` with someone else's name stands in a guarded act or one that only they call."""
    loose = []
    for path in sorted(ENGINES.rglob("*.py")):
        module = ".".join(path.relative_to(ENGINES).with_suffix("").parts)
        for function in [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)]:
            for call in [n for n in ast.walk(function) if isinstance(n, ast.Call)]:
                if not (isinstance(call.func, ast.Attribute) and call.func.attr == "write" and len(call.args) == 2):
                    continue
                if "store" not in ast.unparse(call.func.value):
                    continue
                actor = call.args[0]
                fixed = isinstance(actor, ast.Constant) and actor.value in OWN
                named = isinstance(actor, ast.Name) and actor.id == "ACTOR"
                known = f"{module}.{function.name}" in {*POLICY, *INNER} or function.name.startswith("_")
                within_class = isinstance(actor, ast.Attribute)  # a batch or a session that a guarded act opened
                if not (fixed or named or known or within_class):
                    loose.append(f"{module}.{function.name}:{call.lineno}")
    assert not [name for name in loose if not name.startswith(("access.approvals.", "access.sessions."))]


@pytest.mark.parametrize("role", [card.code for card in ROLES])
def test_every_right_is_given_or_refused_as_the_matrix_says(site: Store, role: str) -> None:
    rights = set(next(card.rights for card in ROLES if card.code == role))
    with site.read() as connection:
        found = standing(connection, role)
    for right in NAMES:
        assert found.has(right) is (ALL in rights or right in rights), f"{role}: {right}"
    assert found.has("a right that nobody knows") is (ALL in rights)


def test_each_act_is_refused_to_each_role_that_lacks_its_right(site: Store) -> None:
    tried = 0
    for role in (card for card in ROLES if ALL not in card.rights):
        for name, right in POLICY.items():
            if right not in role.rights:
                module, _, function = name.rpartition(".")
                act = getattr(importlib.import_module(f"engines.{module}"), function)
                with pytest.raises(Denied):
                    act(site, role.code)
                tried += 1
    assert tried > 300
    assert len(entries(site, "refuse")) >= tried


def test_who_is_unknown_may_do_nothing_once_people_sign_in(site: Store) -> None:
    for actor in ("", "somebody", "root", "administrator ", "API:x", "api:none", "Service"):
        with pytest.raises(Denied):
            require(site, actor, "see", "test")
    assert require(site, "cli:ops", "users", "test").rights == EVERYTHING


def test_a_site_without_a_password_is_open(tmp_path: Path) -> None:
    store = make_site(tmp_path / "open", closed=False)
    try:
        assert require(store, "whoever", "users", "test").rights == EVERYTHING
        with pytest.raises(Denied):  # a user whom the site knows has its role's rights from the first
            require(store, "viewer", "users", "test")
    finally:
        store.close()


def test_rights_and_groups_have_words_and_roles_name_only_what_there_is() -> None:
    assert len(set(NAMES)) == len(RIGHTS)
    assert all(right.title and right.title_zh and right.group in GROUPS for right in RIGHTS)
    for role in ROLES:
        assert set(role.rights) <= {*NAMES, ALL}
    pages = {one for right in PAGE_RIGHTS.values() for one in right.split("|")}
    assert {*POLICY.values(), *pages} <= set(NAMES)
