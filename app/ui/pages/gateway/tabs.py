"""The tabs of the Gateway page: keys of programs, whom alerts are told, and what was told."""

from __future__ import annotations

from functools import partial

from app.ui.desk import Desk
from app.ui.i18n import mark, tr
from app.ui.pages.gateway.state import State
from app.ui.pages.gateway.tab import NewForm, TableTab
from app.ui.widgets.rows import Column
from app.ui.widgets.save_table import save_table
from app.ui.widgets.table import DataTable
from engines.access import api_keys
from engines.access.rules import API_RIGHTS, RIGHTS
from engines.hooks import actions
from engines.hooks.rules import KINDS

#: What a right lets a program do, where the desktop's words say something else.
TITLES = {"import": ("Send rows", "发送记录"), "alerts": ("Read alerts", "读取警报")}
STATES = {
    "valid": mark("valid"), "expired": mark("time is up"), "revoked": mark("revoked"), "waiting": mark("waiting"),
    "sent": mark("arrived"), "refused": mark("refused"), "given_up": mark("given up"),
}  # fmt: skip


def _words(value: object) -> str:
    return " ".join(value) if isinstance(value, tuple) else str(value)


def _state(value: object) -> str:
    return tr(STATES.get(str(value), str(value)))


def _on(value: object) -> str:
    return tr("on") if value else tr("off")


class KeysTab(TableTab):
    """API keys: never their text; a new one is shown once."""

    def __init__(self, desk: Desk) -> None:
        table = DataTable(
            (
                Column("name", "Name", width=170), Column("prefix", "Begins with", width=100, write="atr_{}".format),
                Column("rights", "May", width=230, write=_words),
                Column("rate_per_minute", "Calls a minute", "count", 110),
                Column("state", "State", width=80, write=_state), Column("used_at", "Last use", "instant", 150),
                Column("created_by", "Made by", width=110),
            ),
            "API keys", export=True,
        )  # fmt: skip
        table.set_empty("No program has a key yet.")
        titles = {right.name: (right.title, right.title_zh) for right in RIGHTS} | TITLES
        form = NewForm(
            "New key",
            (mark("Name"), mark("Calls a minute")),
            [(n, *titles[n]) for n in API_RIGHTS],
            mark("Make the key"),
        )
        super().__init__(desk, table, form, (mark("Revoke"),))
        self.new = form
        form.fields[1].setPlaceholderText("600")
        form.button.clicked.connect(self.make)
        self.buttons["Revoke"].clicked.connect(self.revoke)
        table.export_wanted.connect(self.export)

    def show_state(self, state: State) -> None:
        """The keys as they stand."""
        self.table.set_rows(state.keys)

    def make(self) -> None:
        """A key with the rights that are ticked."""
        rate = self.new.fields[1].text().strip()
        job = partial(
            api_keys.create_key, self.desk.store, self.desk.actor, self.new.fields[0].text().strip().lower(),
            self.new.chosen(), rate_per_minute=int(rate) if rate.isdecimal() else api_keys.DEFAULT_RATE,
        )  # fmt: skip
        self.desk.work.run(job, self._made, self.desk.fault)

    def revoke(self) -> None:
        """Let the chosen key open nothing any more."""
        if (row := self.row()) is not None:
            self.act(partial(api_keys.revoke_key, self.desk.store, self.desk.actor, row.name))

    def export(self) -> None:
        """The keys as CSV or Excel, without their texts."""
        save_table(self.desk, self, tr("API keys"), self.table)

    def _made(self, text: str) -> None:
        self.new.show_secret(text, mark("Hand this over now: it is not shown again."))
        self.done.emit()


class HooksTab(TableTab):
    """Webhooks: other systems that are told of alerts and changes."""

    def __init__(self, desk: Desk) -> None:
        table = DataTable(
            (
                Column("code", "Name", width=120), Column("url", "Address", width=240),
                Column("kinds", "Told of", width=180, write=_words), Column("active", "State", width=60, write=_on),
                Column("waiting", "Waiting", "count", 80), Column("failed", "Given up", "count", 80),
                Column("last_sent", "Last arrived", "instant", 150), Column("last_answer", "Last answer", width=160),
            ),
            "Alerts out", export=True,
        )  # fmt: skip
        table.set_empty("Nobody is told of alerts yet.")
        form = NewForm(
            "New webhook", (mark("Name"), mark("Address")), [(k, *words) for k, words in KINDS.items()], mark("Add it")
        )
        verbs = (mark("Send a test"), mark("New secret"), mark("On or off"), mark("Remove"))
        super().__init__(desk, table, form, verbs)
        self.new = form
        form.fields[1].setPlaceholderText("https://pager.example/atrium")
        form.button.clicked.connect(self.add)
        for verb, act in zip(verbs, (self.test, self.rotate, self.switch, self.remove), strict=True):
            self.buttons[verb].clicked.connect(act)
        table.export_wanted.connect(self.export)

    def show_state(self, state: State) -> None:
        """The webhooks as they stand."""
        self.table.set_rows(state.endpoints)

    def add(self) -> None:
        """A webhook for what is ticked; its secret is shown once."""
        name, url = (field.text().strip() for field in self.new.fields)
        job = partial(actions.add_endpoint, self.desk.store, self.desk.actor, name.lower(), url, self.new.chosen())
        self.desk.work.run(job, self._added, self.desk.fault)

    def test(self) -> None:
        """Have a test message sent."""
        if (row := self.row()) is not None:
            self.act(partial(actions.send_test, self.desk.store, self.desk.actor, row.code))
            self.desk.say("The service sends it within ten seconds; its answer stands under Messages.", "good")

    def rotate(self) -> None:
        """A new secret; the old one is good for a day more."""
        if (row := self.row()) is not None:
            job = partial(actions.rotate_secret, self.desk.store, self.desk.actor, row.code)
            self.desk.work.run(job, self._added, self.desk.fault)

    def switch(self) -> None:
        """Off, or on again."""
        if (row := self.row()) is not None:
            self.act(partial(actions.switch_endpoint, self.desk.store, self.desk.actor, row.code, on=not row.active))

    def remove(self) -> None:
        """Take the chosen one away."""
        if (row := self.row()) is not None:
            self.act(partial(actions.remove_endpoint, self.desk.store, self.desk.actor, row.code))

    def export(self) -> None:
        """The webhooks as CSV or Excel."""
        save_table(self.desk, self, tr("Alerts out"), self.table)

    def _added(self, secret: str) -> None:
        self.new.show_secret(secret, mark("Give this secret to the receiver now: it is not shown again."))
        self.done.emit()


class MessagesTab(TableTab):
    """What was told, with the answers."""

    def __init__(self, desk: Desk) -> None:
        table = DataTable(
            (
                Column("at", "When", "instant", 160), Column("endpoint", "Name", width=120),
                Column("kind", "What", width=140), Column("state", "State", width=90, write=_state),
                Column("attempts", "Tries", "count", 70), Column("next_try_at", "Next try", "instant", 160),
                Column("answer", "Answer", width=300),
            ),
            "Messages", export=True,
        )  # fmt: skip
        table.set_empty("Nothing was told yet.")
        super().__init__(desk, table, None, (mark("Try again now"),))
        self.buttons["Try again now"].clicked.connect(self.again)
        table.export_wanted.connect(self.export)

    def show_state(self, state: State) -> None:
        """The newest messages."""
        self.table.set_rows(state.deliveries)

    def again(self) -> None:
        """Try the chosen message once more."""
        if (row := self.row()) is not None:
            self.act(partial(actions.send_again, self.desk.store, self.desk.actor, row.id))

    def export(self) -> None:
        """The messages as CSV or Excel."""
        save_table(self.desk, self, tr("Messages"), self.table)
