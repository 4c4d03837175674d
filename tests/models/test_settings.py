"""Settings: what is allowed, which layer wins, who may change, and that a change can be taken back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import audit, keys, settings
from models.errors import Denied, Known
from models.ids import new_id
from models.settings_catalogue import PROFILES, SETTINGS
from models.site import create_site
from models.store import Store, create_store


@pytest.fixture
def mall(tmp_path: Path):
    made = create_store(create_site(tmp_path / "mall", name="Test mall"))
    yield made
    made.close()


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: s.name)
def test_every_default_is_a_value_it_would_accept(setting: settings.Setting) -> None:
    assert settings.check(setting, setting.default) == setting.default
    assert setting.title_zh
    assert setting.help_zh
    assert setting.help.endswith(".")


def test_names_are_unique_and_profiles_name_real_settings() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)
    assert set(PROFILES) == set(settings.setting_named("mall.profile").choices)
    for preset in PROFILES.values():
        for name, value in preset.items():
            settings.check(settings.setting_named(name), value)


def test_what_a_person_set_wins_over_the_profile_and_that_over_the_default(mall: Store) -> None:
    assert settings.read_all(mall)["mall.opens"] == ("10:00", "default")
    settings.change_setting(mall, "anna", "mall.profile", "transit_mall")
    assert settings.read_all(mall)["mall.opens"] == ("07:00", "profile")
    settings.change_setting(mall, "anna", "mall.opens", "08:15")
    assert settings.read_all(mall)["mall.opens"] == ("08:15", "set")
    settings.reset_setting(mall, "anna", "mall.opens")
    assert settings.read(mall, "mall.opens") == "07:00"


def test_a_change_is_audited_and_can_be_taken_back(mall: Store) -> None:
    settings.change_setting(mall, "anna", "keep.logs", 10)
    assert settings.change_setting(mall, "ben", "keep.logs", 20) == settings.Changed("keep.logs", 10, 20)
    assert settings.undo_setting(mall, "anna", "keep.logs").after == 10
    assert settings.undo_setting(mall, "anna", "keep.logs").after == 20
    with mall.read() as connection:
        rows = connection.exec_driver_sql("SELECT actor FROM audit_entry WHERE object = 'setting/keep.logs'").fetchall()
        assert [actor for (actor,) in rows] == ["anna", "ben", "anna", "anna"]
        assert audit.verify(connection, keys.derive(mall.key, "audit")).broken_at is None


def test_the_first_change_taken_back_is_the_default(mall: Store) -> None:
    with pytest.raises(Known, match="never been changed"):
        settings.undo_setting(mall, "anna", "keep.logs")
    settings.change_setting(mall, "anna", "keep.logs", 10)
    settings.undo_setting(mall, "anna", "keep.logs")
    assert settings.read_all(mall)["keep.logs"] == (30, "default")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("keep.logs", 0, "from 1 to 365 days"),
        ("keep.logs", "30", "whole number"),
        ("keep.logs", True, "whole number"),
        ("keep.logs", 1.5, "whole number"),
        ("mall.opens", "25:00", "03:30"),
        ("look.theme", "pink", "light, dark"),
        ("feature.cameras", 1, "on, off"),
        ("goal.conversion", 1.01, "from 0 to 1"),
        ("goal.conversion", float("nan"), "from 0 to 1"),
        ("keep.log", 5, "keep.logs"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_allowed(mall: Store, name: str, value: object, says: str) -> None:
    with pytest.raises(Known, match=says):
        settings.change_setting(mall, "anna", name, value)


def test_the_audit_trail_cannot_be_switched_off(mall: Store) -> None:
    with pytest.raises(Known, match="cannot be switched off"):
        settings.change_setting(mall, "anna", "feature.audit", False)
    with mall.write("anna", "forcing it") as tx:
        tx.connection.exec_driver_sql("INSERT INTO setting VALUES ('feature.audit', 'false', 0, 'anna')")
    assert settings.read(mall, "feature.audit") is True


def test_a_user_without_the_right_is_refused_and_the_refusal_is_kept(mall: Store) -> None:
    role = new_id()
    with mall.write("system", "users") as tx:
        rights = json.dumps(["look"])
        tx.connection.exec_driver_sql(
            "INSERT INTO role (id, code, name, rights) VALUES (?, 'guest', 'Guest', ?)", (role, rights)
        )
        tx.connection.exec_driver_sql(
            "INSERT INTO user (id, code, name, role_id, active) VALUES (?, 'gina', 'Gina', ?, 1)", (new_id(), role)
        )
    settings.change_setting(mall, "gina", "look.theme", "dark")
    with pytest.raises(Denied, match="may not change keep"):
        settings.change_setting(mall, "gina", "keep.logs", 5)
    assert settings.read(mall, "keep.logs") == 30
    with mall.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entry WHERE action = 'refuse'").scalar() == 1


@given(st.sampled_from(SETTINGS), st.text(max_size=12))
def test_whatever_is_typed_is_either_allowed_or_refused_in_words(setting: settings.Setting, text: str) -> None:
    try:
        value = settings.parse(setting.name, text)
    except Known as error:
        assert error.step
    else:
        assert type(value) in (bool, int, float, str)


@pytest.mark.parametrize(("text", "value"), [("on", True), ("False", False), (" YES ", True)])
def test_switches_are_typed_as_words(text: str, value: bool) -> None:
    assert settings.parse("feature.cameras", text) is value


def test_a_number_too_great_for_any_machine_is_refused_in_words() -> None:
    whole = next(setting for setting in settings.SETTINGS if setting.kind == "int")
    with pytest.raises(Known, match="is no value for"):
        settings.parse(whole.name, "9" * 400)
