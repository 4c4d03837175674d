"""The text of a choice of dimensions: JSON with sorted keys and no spaces, '{}' for the whole mall."""

from __future__ import annotations

import json
from collections.abc import Mapping

WHOLE = "{}"


def dims_text(dims: Mapping[str, str | int]) -> str:
    """The key under which kpi_fact keeps a choice of dimensions."""
    return json.dumps(dict(dims), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def one_dim(dim: str, code: str) -> str:
    """The text of one dimension, '' for the whole mall; an hour is a number."""
    if not dim:
        return WHOLE
    return dims_text({dim: int(code) if dim == "hour" else code})
