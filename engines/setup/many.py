"""Several sites from one file (AB09): TOML with a `[[sites]]` table each, or CSV with a row each.

What stands outside `[[sites]]` holds for all of them. A CSV file's columns are `section.key`; an empty cell is not
set. Every site is validated before the first is made.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.setup.fields import section_named
from engines.setup.plan import LARGEST_BYTES, Faults, Plan, plan_of, read_toml
from models.errors import Known
from models.settings import SETTINGS

MOST_SITES = 2000


def read_plans(path: Path) -> list[Plan]:
    """The sites that a file describes, one or several. Raises Known with every fault of any of them."""
    faults = Faults(path)
    described = _rows(path, faults) if path.suffix.lower() == ".csv" else _tables(read_toml(path), path, faults)
    faults.raise_any()
    plans = [plan for where, tables in described if (plan := plan_of(tables, path.parent, faults, where))]
    codes: set[str] = set()
    for plan in plans:
        if plan.code.lower() in codes:
            faults.add("site.code", f"'{plan.code}' is given to two sites")
        codes.add(plan.code.lower())
    faults.raise_any()
    return plans


def _tables(document: dict[str, Any], path: Path, faults: Faults) -> list[tuple[str, Mapping[str, Any]]]:
    if "sites" not in document:
        return [("", document)]
    sites = document.pop("sites")
    if not isinstance(sites, list) or not sites or not all(isinstance(site, dict) for site in sites):
        faults.add("sites", "write each site as a table of its own: [[sites]]")
        return []
    _check_number(len(sites), path)
    return [(f"sites[{n}].", _merged(document, site)) for n, site in enumerate(sites, 1)]


def _merged(common: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    whole = dict(common)
    for name, value in own.items():
        both = isinstance(value, dict) and isinstance(whole.get(name), dict)
        whole[name] = {**whole[name], **value} if both else value
    return whole


def _rows(path: Path, faults: Faults) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise Known(f"{path} is too large for a set-up file.", "Give the file that describes the sites.")
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except OSError as error:
        raise Known(f"{path} cannot be read: {error.strerror}.", "Check the file's name.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise Known(f"{path} is no CSV in UTF-8: {error}.", "Save it as CSV UTF-8.") from error
    if not rows:
        raise Known(f"{path} has no row below its head.", "Write one row for each site.")
    _check_number(len(rows), path)
    found: list[tuple[str, Mapping[str, Any]]] = []
    for n, row in enumerate(rows, 2):
        tables: dict[str, dict[str, Any]] = {}
        for column, cell in row.items():
            if column is None or cell is None:
                faults.add(f"row {n}", "has not as many cells as the head")
                break
            if cell.strip():
                section, dot, key = column.strip().partition(".")
                if not dot:
                    faults.add(f"column '{column}'", "is not written as section.key, as in site.code")
                    break
                tables.setdefault(section, {})[key] = _typed(section, key, cell.strip())
        found.append((f"row {n}: ", tables))
    return found


def _typed(section: str, key: str, cell: str) -> Any:
    """The cell as the key wants it; as text where the key is unknown, which validation then names."""
    declared = section_named(section)
    kinds = {field.name: field.kind for field in declared.fields} if declared else {}
    setting = next((s for s in SETTINGS if s.name == f"{section}.{key}"), None)
    wanted = setting.kind if setting else kinds.get(key, "text")
    if wanted in ("yes", "bool"):
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(cell.lower(), cell)
    if wanted in ("int", "number"):
        try:
            value = json.loads(cell)
        except ValueError:
            return cell
        return value if isinstance(value, int | float) else cell
    return cell


def _check_number(count: int, path: Path) -> None:
    if count > MOST_SITES:
        raise Known(f"{path} describes {count} sites.", f"Give at most {MOST_SITES} in one file.")
