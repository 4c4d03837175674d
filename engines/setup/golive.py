"""What a site lacks before people rely on it: each point read from what is really there, never ticked by hand.

Over 300 lines, since each point is a small function of its own and the list is best read in one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from engines.monitor.check import Check, State
from engines.monitor.site import check_backups, check_ledger, check_weights
from models import escrow, lease, settings
from models.settings import Value
from models.store import Store
from models.times import business_day, now_ms

FRESH_MS = 120_000
YEAR_MS = 365 * 86_400_000
MONTH_MS = 31 * 86_400_000
GROUPS = (
    ("site", "The site", "站点"),
    ("data", "Data", "数据"),
    ("cameras", "Cameras", "摄像头"),
    ("safety", "Safety", "安全"),
    ("people", "People and privacy", "人员与隐私"),
    ("links", "Links, where wanted", "连接（按需）"),
)


@dataclass(frozen=True)
class Point:
    """A point of the list: what was found, why it matters, and the page (with its argument) where it is put right.

    A check that is 'off' is optional and not counted.
    """

    group: str
    check: Check
    why: str
    page: str
    argument: object = None


@dataclass(frozen=True)
class GoLive:
    """The whole list. `done` of `needed` points are in order; a site is ready when all of them are."""

    points: tuple[Point, ...]

    @property
    def needed(self) -> int:
        """Points that a site must have."""
        return sum(point.check.state != "off" for point in self.points)

    @property
    def done(self) -> int:
        """Points in order."""
        return sum(point.check.state == "ok" for point in self.points)


def go_live(store: Store, installed: bool | None) -> GoLive:
    """The list for a site; `installed` says whether this machine starts its service by itself (None: unknown)."""
    facts = _Facts(store, settings.read_all(store))
    return GoLive(tuple(_points(facts, installed)))


class _Facts:
    """What the points ask of the store: counts, newest instants, settings."""

    def __init__(self, store: Store, values: Mapping[str, tuple[Value, settings.Source]]) -> None:
        self.store = store
        self.now = now_ms()
        self._values = values
        self.touched = settings.last_changes(store).keys()

    def number(self, sql: str, *given: object) -> int:
        """The one number that a statement gives."""
        with self.store.read() as connection:
            return int(connection.exec_driver_sql(sql, given).scalar() or 0)

    def value(self, name: str) -> Value:
        """A setting's value in force."""
        return self._values[name][0]

    def chosen(self, *names: str) -> bool:
        """Whether a person has decided on each of the settings."""
        return all(self._values[name][1] == "set" or name in self.touched for name in names)


def _points(facts: _Facts, installed: bool | None) -> Iterator[Point]:
    for group, why, page, argument, check in _POINTS:
        yield Point(group, check(facts), why, page, argument)
    service = _service(facts, installed)
    yield Point("safety", service, "Without it nothing is counted, backed up or sent while nobody sits here.", "jobs")


def _hours(facts: _Facts) -> Check:
    title = ("hours", "Opening hours", "营业时间")
    shown: dict[str, object] = {"opens": facts.value("mall.opens"), "closes": facts.value("mall.closes")}
    if facts.chosen("mall.opens", "mall.closes"):
        return Check(*title, "ok", "Open from {opens} to {closes}.", "", shown)
    return Check(
        *title, "warning", "Nobody has said yet whether {opens} to {closes} is right.", "Set the hours.", shown
    )


def _calendar(facts: _Facts) -> Check:
    from engines.calendar.rules import known_place

    site = facts.store.site
    title = ("calendar", "Public holidays", "公共假日")
    shown = {"country": site.country, "subdivision": site.subdivision or "-"}
    if known_place(site.country, site.subdivision):
        return Check(*title, "ok", "Holidays of {country} are known.", "", shown)
    return Check(*title, "warning", "Holidays of {country} ({subdivision}) are not known; days compare less well.",
                 "Correct country or subdivision in a new site.", shown)  # fmt: skip


def _floors(facts: _Facts) -> Check:
    title = ("floors", "Floors and zones", "楼层与区域")
    shown = {"floors": facts.number("SELECT count(*) FROM floor"), "zones": facts.number("SELECT count(*) FROM zone")}
    if shown["floors"]:
        return Check(*title, "ok", "{floors} floors with {zones} zones.", "", shown)
    return Check(*title, "warning", "No floor yet.", "Import floors and zones, or draw zones.", shown)


def _gates(facts: _Facts) -> Check:
    title = ("gates", "Entrances", "出入口")
    shown = {"gates": facts.number("SELECT count(*) FROM gate")}
    if shown["gates"]:
        return Check(*title, "ok", "{gates} entrances.", "", shown)
    return Check(*title, "warning", "No entrance yet.", "Draw a camera's line, or import counts.", shown)


def _tenants(facts: _Facts) -> Check:
    title = ("tenants", "Shops", "店铺")
    shown = {"shops": facts.number("SELECT count(*) FROM tenant")}
    if shown["shops"]:
        return Check(*title, "ok", "{shops} shops.", "", shown)
    return Check(*title, "warning", "No shop yet.", "Import the list of shops.", shown)


def _goals(facts: _Facts) -> Check:
    title = ("goals", "Goals", "目标")
    if facts.chosen("goal.conversion", "goal.capture", "goal.visits_growth"):
        return Check(*title, "ok", "Goals are set.")
    return Check(*title, "warning", "Goals are still those that Atrium came with.", "Set the mall's own goals.")


def _sales(facts: _Facts) -> Check:
    title = ("sales", "Sales", "销售")
    with facts.store.read() as connection:
        newest: str | None = connection.exec_driver_sql("SELECT max(day) FROM sale").scalar()
    if newest is None:
        return Check(*title, "warning", "No receipt yet.", "Import the tills' export.")
    site, shown = facts.store.site, {"day": newest}
    if newest < business_day(facts.now - MONTH_MS, site.zone, site.day_starts_minute)[0]:
        return Check(*title, "warning", "The newest receipt is of {day}.", "Import what came since.", shown)
    return Check(*title, "ok", "Receipts up to {day}.", "", shown)


def _members(facts: _Facts) -> Check:
    title = ("members", "Members", "会员")
    shown = {"members": facts.number("SELECT count(*) FROM member")}
    if shown["members"]:
        return Check(*title, "ok", "{members} members.", "", shown)
    return Check(*title, "warning", "No member yet.", "Import the programme's members.", shown)


def _cameras(facts: _Facts) -> Check:
    title = ("cameras_live", "Cameras give pictures", "摄像头画面")
    active = facts.number("SELECT count(*) FROM camera WHERE active = 1")
    if not active:
        return Check(*title, "off", "No camera counts here.", "Add one, where people are to be counted by camera.")
    seen = "SELECT count(*) FROM camera c JOIN camera_state s ON s.camera_id = c.id WHERE c.active = 1 AND "
    live = facts.number(seen + "s.last_frame_at > ?", facts.now - FRESH_MS)
    shown = {"live": live, "cameras": active}
    if live == active:
        return Check(*title, "ok", "All {cameras} cameras give pictures.", "", shown)
    return Check(*title, "warning", "{live} of {cameras} cameras give pictures.", "Look at the silent ones.", shown)


def _checked(facts: _Facts) -> Check:
    from engines.cameras.accuracy import checks
    from engines.cameras.records import cameras

    title = ("cameras_checked", "Counts checked by hand", "人工核对计数")
    active = {camera.code for camera in cameras(facts.store) if camera.active}
    if not active:
        return Check(*title, "off", "No camera counts here.")
    checked = {check.camera for check in checks(facts.store) if facts.now - check.at < YEAR_MS}
    left = sorted(active - checked)
    shown = {"checked": len(active) - len(left), "cameras": len(active), "names": ", ".join(left[:6])}
    if not left:
        return Check(*title, "ok", "All {cameras} cameras were checked within a year.", "", shown)
    return Check(*title, "warning", "{checked} of {cameras} cameras were checked within a year.",
                 "Count by hand at: {names}.", shown)  # fmt: skip


def _weights(facts: _Facts) -> Check:
    if not facts.number("SELECT count(*) FROM camera WHERE active = 1"):
        return Check("weights", "Detector weights", "检测模型", "off", "No camera counts here.")
    found = check_weights(facts.store.site)
    return replace(found, state="warning") if found.state == "off" else found


def _recovery(facts: _Facts) -> Check:
    title = ("recovery", "Recovery code", "恢复码")
    if escrow.made_at(facts.store.site):
        return Check(*title, "ok", "A recovery code was made; keep its sheet away from this machine.")
    return Check(*title, "bad", "No recovery code: without this machine's key nobody can open a backup.",
                 "Make one and keep its sheet in a safe.")  # fmt: skip


def _second(facts: _Facts) -> Check:
    title = ("second", "Backups elsewhere", "异地备份")
    if facts.value("backup.second"):
        return Check(*title, "ok", "Backups are copied to a second folder.")
    return Check(*title, "warning", "Backups lie on this machine only.", "Name a second folder on another disk.")


def _drill(facts: _Facts) -> Check:
    title = ("drill", "Restore tried", "恢复演练")
    newest = facts.number("SELECT max(ended_at) FROM job_run WHERE job = 'restore_drill' AND state = 'done'")
    if newest and facts.now - newest < MONTH_MS:
        return Check(*title, "ok", "A backup was restored and compared within a month.")
    return Check(*title, "warning", "No backup was restored and compared within a month.", "Run the restore drill.")


def _service(facts: _Facts, installed: bool | None) -> Check:
    title = ("service", "Background service", "后台服务")
    running = lease.holder(facts.store) is not None
    if running and installed is not False:
        return Check(*title, "ok", "It runs.")
    if running:
        return Check(*title, "warning", "It runs, but this machine does not start it by itself.",
                     "Run as administrator: python main.py service --install")  # fmt: skip
    return Check(*title, "bad", "It does not run.", "Run as administrator: python main.py service --install")


def _administrators(facts: _Facts) -> Check:
    title = ("administrators", "Administrators", "管理员")
    count = facts.number(
        "SELECT count(*) FROM user u JOIN role r ON r.id = u.role_id JOIN user_secret s ON s.user_id = u.id "
        "WHERE u.active = 1 AND r.code = 'administrator' AND (s.password_hash IS NOT NULL OR s.subject IS NOT NULL)"
    )
    shown = {"count": count}
    if count >= 2:
        return Check(*title, "ok", "{count} administrators can sign in.", "", shown)
    if count:
        return Check(*title, "warning", "One administrator only: who helps when that person is away?",
                     "Add a second one.", shown)  # fmt: skip
    return Check(*title, "bad", "Nobody signs in: whoever sits here may do everything.", "Add an administrator.", shown)


def _accounts(facts: _Facts) -> Check:
    title = ("accounts", "Accounts of their own", "个人账户")
    count = facts.number(
        "SELECT count(*) FROM user u JOIN role r ON r.id = u.role_id JOIN user_secret s ON s.user_id = u.id "
        "WHERE u.active = 1 AND r.code <> 'administrator' AND (s.password_hash IS NOT NULL OR s.subject IS NOT NULL)"
    )
    if count:
        return Check(*title, "ok", "{count} people besides the administrators.", "", {"count": count})
    return Check(
        *title, "warning", "Nobody but administrators has an account.", "Add those who work here, each by role."
    )


def _notice(facts: _Facts) -> Check:
    title = ("notice", "Privacy notice", "隐私声明")
    count = facts.number("SELECT count(DISTINCT language) FROM consent_notice")
    if count:
        return Check(*title, "ok", "The notice is recorded in {count} languages.", "", {"count": count})
    return Check(*title, "warning", "No notice is recorded, so a consent cannot say what it was given to.",
                 "Record the notice that members are shown.")  # fmt: skip


def _retention(facts: _Facts) -> Check:
    title = ("retention", "Retention", "保留期限")
    count = facts.number("SELECT count(*) FROM retention_rule WHERE active = 1")
    if count:
        return Check(*title, "ok", "{count} rules remove what is too old.", "", {"count": count})
    return Check(*title, "warning", "No rule says how long members' data are kept.", "Choose the periods.")


def _hub(facts: _Facts) -> Check:
    from models.sync.state import freshness

    title = ("hub", "Hub of the chain", "集团中心")
    now = freshness(facts.store)
    if not now.joined:
        return Check(*title, "off", "This site has joined no hub.", "Join it, where there is one.")
    shown: dict[str, object] = {"waiting": now.waiting, "quarantined": now.quarantined}
    if now.stopped or now.quarantined:
        return Check(*title, "bad", "Sending stands still; {quarantined} rows wait for a decision.", "Decide.", shown)
    if now.ok_at is None:
        return Check(*title, "warning", "Nothing was sent yet; {waiting} changes wait.", "Start the service.", shown)
    return Check(*title, "ok", "In touch; {waiting} changes wait.", "", shown)


def _gateway(facts: _Facts) -> Check:
    title = ("gateway", "Gateway", "网关")
    if not facts.value("gateway.on"):
        return Check(*title, "off", "Off: other programs reach nothing here.")
    return Check(*title, "ok", "On, at {address}.", "", {"address": facts.value("gateway.address")})


def _updates(facts: _Facts) -> Check:
    title = ("updates", "Updates", "更新")
    if facts.value("update.source"):
        return Check(*title, "ok", "Updates come from a signed source.")
    return Check(*title, "off", "Updates are brought by hand or by package.")


def _backup(facts: _Facts) -> Check:
    return check_backups(facts.store.site)


def _jobs(facts: _Facts) -> Check:
    return check_ledger(facts.store)


_POINTS: tuple[tuple[str, str, str, object, Callable[[_Facts], Check]], ...] = (
    ("site", "Rates by open hour, gaps of cameras and forecasts follow them.", "settings", None, _hours),
    ("site", "A holiday is compared with a holiday.", "settings", None, _calendar),
    ("site", "Figures are shown by floor, and people's rights may end at one.", "zones", None, _floors),
    ("site", "Footfall is counted at entrances.", "live", None, _gates),
    ("site", "Every page judges the mall by them.", "settings", None, _goals),
    ("data", "Sales, baskets and members' visits are told by shop.", "intake", {"kind": "tenants"}, _tenants),
    ("data", "Most analyses begin with receipts.", "intake", {"kind": "sales"}, _sales),
    ("data", "Names, consents and tiers come with them.", "intake", {"kind": "members"}, _members),
    ("data", "Stored results are as fresh as their last run.", "jobs", None, _jobs),
    ("cameras", "A silent camera is a gap in every figure of its door.", "live", None, _cameras),
    ("cameras", "A count that nobody checked is a guess.", "live", None, _checked),
    ("cameras", "Without weights cameras count moving shapes.", "live", None, _weights),
    ("safety", "Backups open with the key alone, and the key is on this machine alone.", "backup", None, _recovery),
    ("safety", "A broken disk costs a day at most.", "backup", None, _backup),
    ("safety", "Fire, theft and ransomware take the machine and its disk together.", "backup", None, _second),
    ("safety", "A backup that nobody has restored is a hope.", "backup", None, _drill),
    ("people", "The trail names who did what only where people sign in.", "users", None, _administrators),
    ("people", "Each person sees what the work needs, and no more.", "users", None, _accounts),
    ("people", "The law asks what a person agreed to.", "governance", None, _notice),
    ("people", "The law asks that data go when their purpose has.", "governance", None, _retention),
    ("links", "Headquarters sees the chain through it.", "health", None, _hub),
    ("links", "Screens and programs of the mall read figures through it.", "settings", None, _gateway),
    ("links", "A known fault is mended by the next version.", "backup", None, _updates),
)

STATES: tuple[State, ...] = ("bad", "warning", "ok", "off")
