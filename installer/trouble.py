"""What can go wrong on a person's machine: one sentence, the next step and an exit status each."""

from __future__ import annotations

import errno
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit statuses of `installer/bootstrap.py`; 1 is a failed check, other numbers come from the program."""

    DONE = 0
    FAILED_CHECKS = 1
    BAD_USE = 2
    OLD_PYTHON = 10
    NO_VENV_MODULE = 11
    READ_ONLY = 12
    NO_SPACE = 13
    NO_NETWORK = 14
    NO_PACKAGE = 15
    BAD_DOWNLOAD = 16
    NO_COMPILER = 17
    NO_SYSTEM_LIBRARY = 18
    NO_DISPLAY = 19
    FILE_IN_USE = 20
    OTHER_INSTALL = 21
    INTERRUPTED = 130


class Trouble(Exception):
    """A fault of the machine, not of the program: `sentence` says what, `step` what to do about it."""

    def __init__(self, sentence: str, step: str, exit_code: Exit) -> None:
        super().__init__(f"{sentence} Next step: {step}")
        self.sentence = sentence
        self.step = step
        self.exit_code = exit_code


def from_os_error(error: OSError, folder: Path) -> Trouble | None:
    """The sentence for a full or read-only disk; None for an error that a person cannot cure."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(folder)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return read_only(folder)
    return None


def no_space(folder: Path) -> Trouble:
    """The disk filled up while installing into `folder`."""
    return Trouble(
        f"The disk that holds {folder} is full.",
        "free about 3 GB there (the program takes 1.5 GB, its download the rest) and run the command again.",
        Exit.NO_SPACE,
    )


def read_only(folder: Path) -> Trouble:
    """`folder` cannot be written."""
    return Trouble(
        f"The folder {folder} cannot be written.",
        "copy Atrium into a folder of your own, or get the right to write this one, and run the command again.",
        Exit.READ_ONLY,
    )
