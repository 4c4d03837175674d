"""One form for every refusal: a code for programs, a sentence and the next step for people, and the request's id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.access.refusals import SignInRefused
from models.errors import Busy, Denied, Known, NotEnoughData, NotInstalled

RETRY_SECONDS = 2
#: Status to the code that programs read and the sentence where nothing more is known.
WORDS: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be read."),
    401: ("not_signed_in", "The request has no valid key or token."),
    403: ("denied", "This key may not do this."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method."),
    408: ("too_slow", "The request took too long to arrive."),
    409: ("not_enough_data", "There is not enough data for this."),
    413: ("too_large", "The request is too large."),
    414: ("too_large", "The address is too long."),
    415: ("unsupported_media", "Send JSON, with the type application/json and no compression."),
    421: ("wrong_host", "The gateway does not answer to this host name."),
    422: ("invalid", "The request is not as this address wants it."),
    429: ("too_many", "Too many requests."),
    431: ("too_large", "The request's headers are too large."),
    500: ("fault", "A fault of Atrium itself."),
    501: ("not_installed", "This part is not installed."),
    503: ("busy", "The site is busy."),
}


class Problem(Exception):
    """A refusal: `details` say what is wrong where, `retry_after` is in seconds."""

    def __init__(
        self, status: int, sentence: str = "", step: str = "", *, retry_after: int | None = None,
        details: Sequence[Mapping[str, Any]] = (), headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(sentence)
        self.status, self.details = status, list(details)
        self.code, default = WORDS.get(status, ("refused", "The request was refused."))
        self.sentence, self.step = sentence or default, step
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(max(1, retry_after))

    def document(self, request_id: str) -> dict[str, Any]:
        """As JSON."""
        told = {"code": self.code, "sentence": self.sentence, "step": self.step, "request_id": request_id}
        return {**told, "details": self.details} if self.details else told


def of_known(error: Known) -> Problem:
    """The world's fault as a refusal."""
    if isinstance(error, SignInRefused):
        return Problem(401, error.sentence, error.step, headers={"WWW-Authenticate": "Bearer"})
    if isinstance(error, Busy):
        return Problem(503, "Another program writes the store.", "Send the same again.", retry_after=RETRY_SECONDS)
    if isinstance(error, Denied):
        return Problem(403, error.sentence, error.step)
    if isinstance(error, NotEnoughData):
        return Problem(409, error.sentence, error.step)
    if isinstance(error, NotInstalled):
        return Problem(501, error.sentence, error.step)
    return Problem(422, error.sentence, error.step)


def of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """What is wrong with a request, at most twenty places; the values themselves are not repeated."""
    details = [
        {"where": ".".join(str(part) for part in error.get("loc", ())), "reason": str(error.get("msg", ""))}
        for error in errors[:20]
    ]
    unread = any(error.get("type") == "json_invalid" for error in errors)
    if unread:
        return Problem(400, "The body is no JSON.", "Send one JSON object in UTF-8.", details=details)
    return Problem(422, step="See /v1/docs for what it takes.", details=details)
