"""The set-up file: what is wrong with one is named, secrets are refused, and what it says is done once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.cli.entry import main
from engines.access.queries import users
from engines.access.sessions import sign_in
from engines.cameras.records import address_to_open, cameras
from engines.setup.actions import Done, carry_out
from engines.setup.many import read_plans
from engines.setup.plan import Plan, read_plan
from engines.setup.secrets import Secrets, read_secrets
from engines.setup.template import template
from models.errors import Known
from models.settings import read_all
from models.site import load_site
from models.store import open_store

GOOD = """
[site]
code = "north"
name = "North Mall"
time_zone = "Asia/Shanghai"
currency = "cny"
country = "CN"
day_starts = "04:30"
[mall]
opens = "09:30"
[look]
language = "zh"
[[cameras]]
code = "door-1"
address = "rtsp://192.0.2.10/stream1"
name = "North door"
[administrator]
user = "anna"
name = "Anna Example"
"""


def _file(folder: Path, text: str, name: str = "site.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _carry_out(folder: Path, plan: Plan, secrets: Secrets | None = None) -> list[Done]:
    return list(carry_out(folder, plan, "cli:it", secrets or Secrets()))


def _faults(folder: Path, text: str) -> str:
    with pytest.raises(Known) as found:
        read_plans(_file(folder, text))
    assert found.value.code == 3
    return found.value.sentence


def test_the_file_makes_a_site_that_works(tmp_path: Path) -> None:
    done = _carry_out(tmp_path / "site", read_plan(_file(tmp_path, GOOD)))
    assert [(step.step, step.state) for step in done] == [
        ("site", "made"), ("mall.opens", "changed"), ("look.language", "changed"), ("camera door-1", "made"),
        ("administrator", "made"),
    ]  # fmt: skip
    site = load_site(tmp_path / "site")
    assert (site.code, site.currency, site.day_starts_minute, site.demo) == ("north", "CNY", 270, False)
    store = open_store(tmp_path / "site")
    try:
        assert read_all(store)["mall.opens"] == ("09:30", "set")
        assert [(c.code, c.active) for c in cameras(store)] == [("door-1", 0)], "without lines it counts nothing"
        code = done[-1].secret
        session = sign_in(store, "anna", code)
        assert session.user == "anna" and users(store)[0].must_change
    finally:
        store.close()


def test_run_again_it_changes_nothing(tmp_path: Path) -> None:
    plan = read_plan(_file(tmp_path, GOOD))
    _carry_out(tmp_path / "site", plan)
    store = open_store(tmp_path / "site")
    with store.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar()
    store.close()
    again = _carry_out(tmp_path / "site", plan)
    assert {step.state for step in again} == {"kept"} and not any(step.secret for step in again)
    store = open_store(tmp_path / "site")
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar() == before
    store.close()


def test_a_run_that_was_cut_off_is_completed(tmp_path: Path) -> None:
    plan = read_plan(_file(tmp_path, GOOD))
    steps = carry_out(tmp_path / "site", plan, "cli:it", Secrets())
    for _ in range(2):
        next(steps)
    steps.close()
    states = [step.state for step in _carry_out(tmp_path / "site", plan)]
    assert states == ["kept", "kept", "changed", "made", "made"]


def test_another_site_in_the_folder_is_refused(tmp_path: Path) -> None:
    _carry_out(tmp_path / "site", read_plan(_file(tmp_path, GOOD)))
    other = read_plan(_file(tmp_path, GOOD.replace("Asia/Shanghai", "Europe/Berlin")))
    with pytest.raises(Known, match="time_zone 'Asia/Shanghai', and the file says 'Europe/Berlin'"):
        _carry_out(tmp_path / "site", other)


def test_headquarters_may_choose_the_id(tmp_path: Path) -> None:
    chosen = "0198c0de-0000-7000-8000-000000000001"
    plan = read_plan(_file(tmp_path, GOOD.replace("[mall]", f'id = "{chosen.upper()}"\n[mall]')))
    _carry_out(tmp_path / "site", plan)
    assert load_site(tmp_path / "site").id == chosen
    assert {step.state for step in _carry_out(tmp_path / "site", plan)} == {"kept"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace('name = "North Mall"', 'nmae = "x"'), "site.nmae: is no key of a set-up file; did you mean 'name'"),
        (GOOD.replace('name = "North Mall"', ""), "site.name: is missing"),
        (GOOD.replace('"Asia/Shanghai"', '"Asia/Nowhere"'), "site.time_zone: 'Asia/Nowhere' is no time zone"),
        (GOOD.replace('"Asia/Shanghai"', '"../../etc/passwd"'), "site.time_zone: "),
        (GOOD.replace('"cny"', "7"), "site.currency: 7 must stand in quotation marks"),
        (GOOD.replace('"04:30"', '"24:30"'), "site.day_starts: \"24:30\" is no time of the day"),
        (GOOD.replace('"09:30"', '"late"'), "mall.opens: \"late\" is not allowed. Allowed: a time of day"),
        (GOOD.replace("opens", "opnes"), "mall.opnes: is no key of a set-up file; did you mean 'opens'"),
        (GOOD.replace("[mall]", "[maal]"), "maal: is no section of a set-up file; did you mean 'mall'"),
        (GOOD.replace("[[cameras]]", "[cameras]"), "cameras: write each as a table of its own: [[cameras]]"),
        (GOOD + '[hub]\njoin_file = "none.toml"\n', "hub.join_file: there is no file"),
        (GOOD + "[goal]\nconversion = 7\n", "goal.conversion: 7 is not allowed"),
        (GOOD + '[service]\ninstall = "yes"\n', "service.install: \"yes\" is neither true nor false"),
        (GOOD + 'look = "x"\n', "is no key"),
        ("site = 3\n", "site: is no table"),
        ("", "[site]: is missing"),
        ("x = [\n", "is no TOML"),
    ],
)  # fmt: skip
def test_each_fault_is_named(text: str, says: str, tmp_path: Path) -> None:
    assert says in _faults(tmp_path, text)
    assert [path.name for path in tmp_path.iterdir()] == ["site.toml"]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    said = _faults(tmp_path, GOOD.replace('"cny"', '"yuan"').replace('"09:30"', '"9"').replace("anna", "Anna B"))
    assert "3 faults" in said and "currency" in said and "opens" in said and "administrator" in said


@pytest.mark.parametrize(
    "secret",
    [
        '[hub]\njoin_file = "a"\npassword = "HUNTER2"', '[service]\napi_key = "HUNTER2"', '[service]\ntoken = "HUNTER2"',
        '[x]\n"密码" = "HUNTER2"', '[[extra]]\nnested = { secret = "HUNTER2" }',
        '[x]\na = "rtsp://bob:HUNTER2@192.0.2.1/s"', '[x]\na = "-----BEGIN PRIVATE KEY-----HUNTER2"',
    ],
)  # fmt: skip
def test_a_secret_is_refused_and_not_repeated(secret: str, tmp_path: Path) -> None:
    said = _faults(tmp_path, GOOD + secret)
    assert "--secrets" in said and "HUNTER2" not in said


def test_secrets_come_from_a_file_of_their_own(tmp_path: Path) -> None:
    path = _file(tmp_path, '[cameras.door-1]\nuser = "viewer"\npassword = "p@ss/word"\n', "secrets.toml")
    path.chmod(0o644)
    with pytest.raises(Known, match="read by others"):
        read_secrets(path)
    path.chmod(0o600)
    plan, secrets = read_plan(_file(tmp_path, GOOD)), read_secrets(path)
    assert "p@ss" not in repr(secrets)
    _carry_out(tmp_path / "site", plan, secrets)
    store = open_store(tmp_path / "site")
    try:
        assert address_to_open(store, "door-1") == "rtsp://viewer:p%40ss%2Fword@192.0.2.10/stream1"
        assert cameras(store)[0].address == "rtsp://192.0.2.10/stream1"
    finally:
        store.close()
    assert {step.state for step in _carry_out(tmp_path / "site", plan, secrets)} == {"kept"}
    assert {step.state for step in _carry_out(tmp_path / "site", plan)} == {"kept"}, "the kept login stays"


@pytest.mark.parametrize("text", ["x = [", "hub = 3", "[cameras.a]\nuser = 'HUNTER2'", "[hub]\ncode = 7"])
def test_a_bad_file_of_secrets_is_not_repeated(text: str, tmp_path: Path) -> None:
    path = _file(tmp_path, text, "secrets.toml")
    path.chmod(0o600)
    with pytest.raises(Known) as found:
        read_secrets(path)
    assert "HUNTER2" not in str(found.value)


def test_the_template_is_a_good_file(tmp_path: Path) -> None:
    text = template()
    assert read_plan(_file(tmp_path, text)).code == "north"
    filled = "\n".join(line.removeprefix("#") if " = " in line and not line.startswith("# ") else line.removeprefix("#")
                       if line.startswith("#[") else line for line in text.splitlines())  # fmt: skip
    _file(tmp_path, "", "north.enrol.toml")
    _file(tmp_path, "", "door-1.toml")
    assert read_plan(_file(tmp_path, filled)).administrator == ("anna", "Anna Example"), "and so is every example in it"


def test_many_sites_from_csv_and_toml(tmp_path: Path) -> None:
    rows = "site.code,site.name,site.time_zone,site.currency,site.country,mall.opens,goal.conversion\n"
    table = _file(tmp_path, rows + "n,North,UTC,EUR,DE,09:30,0.3\ns,南城,UTC,EUR,DE,,\n", "sites.csv")
    plans = read_plans(table)
    assert [(p.code, dict(p.settings)) for p in plans] == [
        ("n", {"mall.opens": "09:30", "goal.conversion": 0.3}),
        ("s", {}),
    ]
    common = '[site]\ntime_zone = "UTC"\ncurrency = "EUR"\ncountry = "DE"\n[mall]\nopens = "08:00"\n'
    each = '[[sites]]\nsite = { code = "n", name = "N" }\n[[sites]]\nsite = { code = "s", name = "S" }\nmall = { opens = "07:00" }\n'
    plans = read_plans(_file(tmp_path, common + each))
    assert [p.settings["mall.opens"] for p in plans] == ["08:00", "07:00"]
    assert "given to two sites" in _faults(tmp_path, common + each.replace('"s"', '"N"'))
    with pytest.raises(Known, match=r"row 3: site\.name: is missing"):
        read_plans(_file(tmp_path, rows + "n,North,UTC,EUR,DE,,\ns,,UTC,EUR,DE,,\n", "bad.csv"))


def test_the_command_sets_up_several_and_says_which_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_KEYS", str(tmp_path / "keys"))
    rows = "site.code,site.name,site.time_zone,site.currency,site.country,administrator.user\n"
    table = _file(tmp_path, rows + "n,North,UTC,EUR,DE,anna\ns,South,UTC,EUR,DE,\n", "sites.csv")
    arguments = ["--site", str(tmp_path / "sites"), "init", "--from", str(table), "--json"]
    assert main([*arguments, "--check"]) == 0 and not (tmp_path / "sites").exists()
    capsys.readouterr()
    assert main(arguments) == 0
    made: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [entry["code"] for entry in made] == ["n", "s"] and made[0]["steps"][-1]["secret"]
    (tmp_path / "sites" / "s" / "site.toml").write_text("[site]\n")
    assert main(arguments) == 3
    told = json.loads(capsys.readouterr().out)
    assert "error" in told[1] and {step["state"] for step in told[0]["steps"]} == {"kept"}


@settings(max_examples=40)
@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        for name in ("site.toml", "sites.csv"):
            path = Path(folder) / name
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            with pytest.raises(Known):
                read_plans(path)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["site", "hub", "cameras", "service", "administrator", "mall", "sites"]), _VALUES)
)
def test_no_tables_break_the_validation(tables: dict[str, Any]) -> None:
    from engines.setup.plan import Faults, plan_of

    faults = Faults(Path("site.toml"))
    assert plan_of(tables, Path("/nowhere"), faults) is None
    assert faults.found
