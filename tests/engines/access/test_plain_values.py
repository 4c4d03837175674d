"""Where the source reads what identifies someone: it masks it, counts it, or books the look."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READS = re.compile(r"SELECT[^;]*?(\bcard_no\b|\bi\.value\b)", re.S)
#: What reads plain values without showing them as they are, or books it; everything under these folders has its own rule.
KNOWN = {
    "engines/people/actions.py": "reveal, booked with who, whose, which fields and why",
    "engines/people/quality.py": "counts of plausible values",
    "engines/people/survivorship.py": "golden records, shown masked",
    "engines/people/identity/records.py": "compared, never shown",
}
APART = ("engines/demo/", "engines/intake/", "engines/privacy/")  # made up; written, not shown; requests under guard


def reading() -> dict[str, str]:
    """Files whose SQL selects a card number or an identifier's value."""
    found = {}
    for room in ("engines", "app"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            text = path.read_text("utf-8")
            if READS.search(text) and not name.startswith(APART):
                found[name] = text
    return found


def test_whoever_reads_plain_values_masks_them_or_books_the_look() -> None:
    found = reading()
    assert "engines/people/actions.py" in found  # the search sees what there is
    loose = [name for name, text in found.items() if name not in KNOWN and "masking import" not in text]
    assert loose == []
    assert 'tx.audit("reveal"' in found["engines/people/actions.py"]
