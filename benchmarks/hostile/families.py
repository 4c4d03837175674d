"""All families of hostile inputs."""

from __future__ import annotations

from benchmarks.hostile.door import GUESSES, REQUESTS
from benchmarks.hostile.import_files import IMPORTS
from benchmarks.hostile.pages import LYING_HUB, LYING_NODE
from benchmarks.hostile.site_files import SITE_FILES
from benchmarks.hostile.words import COMMAND_LINES, RULES, VALUES_OF_SETTINGS

FAMILIES = (
    IMPORTS, SITE_FILES, REQUESTS, GUESSES, COMMAND_LINES, VALUES_OF_SETTINGS, RULES, LYING_HUB, LYING_NODE,
)  # fmt: skip
