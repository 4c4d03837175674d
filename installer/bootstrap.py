#!/usr/bin/env python3
"""Installs and opens Atrium: `python3 installer/bootstrap.py app`, `... test` or `... setup`.

Standard library only. This file alone must be readable by any Python, however old, so that an old one
gets a sentence and not a syntax error: no annotations, no f-strings, nothing imported before the check.
"""

import os
import sys

OLDEST = (3, 11)
TOO_OLD = 10  # installer.trouble.Exit.OLD_PYTHON, which an old Python cannot import

if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.stderr.write(
            "Atrium needs Python 3.11 or newer, and this is Python "
            + ".".join(str(part) for part in sys.version_info[:2])
            + ". Next step: install a newer Python and run this command with it (python3.11, for example).\n"
        )
        sys.exit(TOO_OLD)
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    from installer.commands import main

    sys.exit(main(sys.argv[1:]))
