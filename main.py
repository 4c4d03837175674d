"""Atrium: the desktop, the background service and the command line behind one entry."""

from __future__ import annotations

import sys

from app.cli.entry import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
