"""The document that describes the gateway, and a page that shows it; the page loads nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Response

FOLDER = Path(__file__).resolve().parents[3] / "resources" / "gateway"
TYPES = {"page.js": "text/javascript; charset=utf-8", "page.css": "text/css; charset=utf-8"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'"
router = APIRouter(include_in_schema=False)


@router.get("/v1/docs")
def page() -> Response:
    """Every address with what it takes and gives."""
    return Response(
        (FOLDER / "page.html").read_bytes(), media_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": POLICY},
    )  # fmt: skip


@router.get("/v1/docs/{name}")
def part(name: Literal["page.js", "page.css"]) -> Response:
    """The page's own script and look."""
    return Response((FOLDER / name).read_bytes(), media_type=TYPES[name])
