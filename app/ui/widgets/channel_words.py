"""What channels of outreach are called, on every page that names them."""

from __future__ import annotations

from collections.abc import Mapping

from app.ui.catalogue import mark, tr

CHANNELS: Mapping[str, str] = {
    "wechat": mark("WeChat"), "sms": mark("Text message"), "email": mark("E-mail message"), "app": mark("App message"),
    "push": mark("Push message"), "web": mark("Web page"), "app_visit": mark("App opened"),
    "referral": mark("Friend's referral"), "coupon_issued": mark("Coupon"), "call": mark("Phone call"),
    "social": mark("Social media"), "post": mark("Letter"), "phone": mark("Phone call"),
}  # fmt: skip


def channel(code: str) -> str:
    """A channel's name in the language in force; an unknown one says itself."""
    return tr(CHANNELS[code]) if code in CHANNELS else code
