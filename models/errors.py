"""The three kinds of error that a person can meet, decided once at the border where they arise."""

from __future__ import annotations


class Known(Exception):
    """The world's fault (a full disk, a bad file, a camera gone): one sentence and the next step.

    `sentence` says what happened in plain words, `step` what to do about it, `code` is the command
    line's exit status: 2 bad use, 3 bad input, 4 not enough data, 5 not installed, 6 offline or denied.
    `sentence_zh` and `step_zh` say the same in Chinese, where the desktop shows them.
    """

    def __init__(
        self, sentence: str, step: str = "", *, code: int = 3, sentence_zh: str = "", step_zh: str = ""
    ) -> None:
        super().__init__(f"{sentence} {step}".strip())
        self.sentence = sentence
        self.step = step
        self.code = code
        self.sentence_zh = sentence_zh or sentence
        self.step_zh = step_zh or step


class NotEnoughData(Known):
    """An engine refuses below its minimum; `missing` says in plain words what it needs, `missing_zh` says it with the
    step."""

    def __init__(self, missing: str, step: str = "", *, missing_zh: str = "") -> None:
        super().__init__(missing, step, code=4, sentence_zh=missing_zh)
        self.missing = missing
        self.missing_zh = missing_zh or missing
        self.step_zh = "" if missing_zh else step


class NotInstalled(Known):
    """Weights, a model or an optional part is not here."""

    def __init__(self, sentence: str, step: str = "") -> None:
        super().__init__(sentence, step, code=5)


class Busy(Known):
    """Another program writes the store, and has for as long as one waits: the same again in a moment may do."""


class Denied(Known):
    """Rights or consent say no; the refusal itself is audited by whoever raises it."""

    def __init__(self, sentence: str, step: str = "", *, sentence_zh: str = "", step_zh: str = "") -> None:
        super().__init__(sentence, step, code=6, sentence_zh=sentence_zh, step_zh=step_zh)


class Cancelled(Exception):
    """A person stopped the work; everything half-done has been put back."""
