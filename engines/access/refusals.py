"""Why a sign-in was refused, in words that help the person and tell a stranger nothing."""

from __future__ import annotations

from typing import Literal

from models.errors import Denied
from models.times import now_ms

Reason = Literal["wrong", "locked", "busy", "inactive", "ended", "no_account", "provider", "offline"]

_SAYS: dict[str, tuple[str, str, str, str]] = {
    "wrong": (
        "The name or the password is not right.", "Check both; capital letters count in the password.",
        "用户名或密码不正确。", "请检查两者，密码区分大小写。",
    ),
    "locked": (
        "Too many wrong tries: this account is locked.",
        "Wait, or ask an administrator to unlock it on the page Users and roles.",
        "错误次数过多，此账户已锁定。", "请稍候，或请管理员在“用户与角色”页面解锁。",
    ),
    "busy": (
        "Too many failed sign-ins at this site.", "Wait a minute, then try again.",
        "本站点登录失败次数过多。", "请等待一分钟后重试。",
    ),
    "inactive": (
        "This account is switched off.", "An administrator can switch it on again.",
        "此账户已停用。", "管理员可以重新启用。",
    ),
    "ended": ("This session has ended.", "Sign in again.", "本次会话已结束。", "请重新登录。"),
    "no_account": (
        "The sign-in provider knows you, but this site does not.",
        "An administrator can connect your account on the page Users and roles.",
        "登录服务认识您，但本站点没有您的账户。", "管理员可以在“用户与角色”页面关联您的账户。",
    ),
    "provider": (
        "What the sign-in provider answered cannot be trusted.", "Try again; tell IT when it goes on.",
        "登录服务的答复无法验证。", "请重试；如仍失败，请联系 IT。",
    ),
    "offline": (
        "The sign-in provider cannot be reached.",
        "Check the network. Local accounts always work; so does your PIN for some days.",
        "无法连接登录服务。", "请检查网络。本地账户始终可用；PIN 在数天内也可使用。",
    ),
}  # fmt: skip


class SignInRefused(Denied):
    """A sign-in or an unlocking that was refused; `until` (UTC milliseconds) says how long, where it is for a time."""

    def __init__(self, reason: Reason, until: int | None = None) -> None:
        sentence, step, sentence_zh, step_zh = _SAYS[reason]
        super().__init__(sentence, step, sentence_zh=sentence_zh, step_zh=step_zh)
        self.reason = reason
        self.until = until

    @property
    def minutes(self) -> int:
        """Whole minutes still to wait, rounded up; 0 where there is nothing to wait for."""
        return 0 if self.until is None else max(0, -(-(self.until - now_ms()) // 60_000))


def refused(reason: Reason, until: int | None = None) -> SignInRefused:
    """The refusal; a wrong password that locked the account says that it did."""
    return SignInRefused("locked" if reason == "wrong" and until is not None else reason, until)
