"""Who acts at this terminal, for rights and the audit log."""

from __future__ import annotations

import getpass
import os

from engines.access.sessions import current
from models.errors import Denied
from models.rights import CLI
from models.store import Store

SESSION = "ATRIUM_SESSION"


def actor(store: Store | None = None) -> str:
    """`cli:` and the system's user: whoever reads the site's key is its IT, and may do everything, audited.

    The desktop hands its user's session to the commands that it runs: they act in that user's name and with that
    user's rights. Raises Denied where the session has ended.
    """
    token = os.environ.get(SESSION)
    if token and store is not None:
        session = current(store, token)
        if session is None:
            raise Denied("The session that started this has ended.", "Sign in again.")
        return session.user
    try:
        return f"{CLI}{getpass.getuser()}"
    except (KeyError, OSError):
        return f"{CLI}unknown"
