"""Charts of the Network page from its state."""

from __future__ import annotations

import math

from app.ui.charts.data import Series
from app.ui.charts.line import Band, Line
from app.ui.charts.matrix import Matrix
from app.ui.charts.network import Link, Network, Node
from app.ui.i18n import tr
from app.ui.pages.network.state import MATRIX_TENANTS, State
from app.ui.pages.network.words import named

DRAWN_TENANTS, DRAWN_LINKS = 120, 150


def tree_graph(state: State) -> Network | None:
    """People of the chosen tree or community, larger the more rank they have, coloured by whether they bought."""
    drawing = state.drawing
    if not drawing.knots:
        return None
    bought, never = tr("Bought"), tr("Never bought")
    nodes = tuple(Node(k.key, k.label, k.rank, bought if k.bought else never) for k in drawing.knots)
    return Network(nodes, tuple(Link(a, b) for a, b in drawing.links), tr("Influence"), "decimal")


def tenant_graph(state: State) -> Network | None:
    """The most visited tenants and the pairs that share more shoppers than chance gives, the surest."""
    shown = {t.tenant_id: t for t in state.tenants[:DRAWN_TENANTS]}
    close = [p for p in state.close if p.tenant_id in shown and p.other_id in shown][:DRAWN_LINKS]
    if not close:
        return None
    tied = {end for pair in close for end in (pair.tenant_id, pair.other_id)}
    nodes = tuple(
        Node(t.tenant_id.hex(), named(t.name, t.name_zh), float(t.shoppers), tr("Group {n}", n=t.community))
        for t in sorted((shown[i] for i in tied), key=lambda t: (t.community, -t.shoppers, t.code))
    )
    links = tuple(Link(p.tenant_id.hex(), p.other_id.hex(), p.lift) for p in close)
    return Network(nodes, links, tr("Shoppers"), "count")


def share_matrix(state: State) -> Matrix | None:
    """Directed shares among the most visited tenants: of the row's shoppers, those who also bought at the column's."""
    top = state.tenants[:MATRIX_TENANTS]
    if len(top) < 2 or not state.shares:
        return None
    values = tuple(
        tuple(state.shares.get((a.tenant_id, b.tenant_id), 0.0) if a is not b else math.nan for b in top) for a in top
    )
    keys = tuple(tuple(a.tenant_id.hex() for _ in top) for a in top)
    return Matrix(tuple(named(t.name, t.name_zh) for t in top), values, keys=keys)


def spread_line(state: State) -> Line | None:
    """K by month of joining with its 80 % interval."""
    rows = [row for row in state.spreads if row.ripe]
    if not rows:
        return None
    band = Band(tr("80 % interval"), tuple(r.low for r in rows), tuple(r.high for r in rows))
    return Line(
        tuple(r.month for r in rows), (Series(tr("Referrals a new member"), tuple(r.k for r in rows)),), "decimal", band
    )
