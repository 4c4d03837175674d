"""Clusters of buyers, their traits and people, the names that people gave them, and moves between segments."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Row, kind


class Cluster(Row):
    """A cluster of the fit in force. `cluster_id` lasts over refits as long as its people do.

    `share` is of all clustered people, `share_then` that at the fit; `spent_minor` is paid within the window.
    `jaccard` is how much of it bootstrap fits find again (0 to 1), `overlap` how much the fit before had (NULL: no
    fit before, 0: new). `shift` is how far its people's mean is from its centre now, in standard deviations; `x` and
    `y` are its centre on the first two principal axes.
    """

    __tablename__ = "cluster"
    __table_args__ = kind("D", rowid=False)
    cluster_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str]
    people: Mapped[int]
    share: Mapped[float]
    share_then: Mapped[float]
    spent_minor: Mapped[int]
    jaccard: Mapped[float]
    overlap: Mapped[float | None]
    shift: Mapped[float]
    x: Mapped[float]
    y: Mapped[float]
    version: Mapped[int]
    as_of: Mapped[str]


class ClusterTrait(Row):
    """A cluster's mean of a measure less everyone's, in standard deviations, and both medians in the measure's unit."""

    __tablename__ = "cluster_trait"
    __table_args__ = kind("D", rowid=False)
    cluster_id: Mapped[int] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    difference: Mapped[float]
    median: Mapped[float]
    median_all: Mapped[float]


class PersonCluster(Row):
    """A person's cluster; `clear` is 1 - distance to its centre over that to the next (0: on the border)."""

    __tablename__ = "person_cluster"
    __table_args__ = kind("D", Index("ix_person_cluster_cluster_id", "cluster_id"), rowid=False, personal=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    cluster_id: Mapped[int]
    clear: Mapped[float]
    x: Mapped[float]
    y: Mapped[float]


class ClusterName(Row):
    """The name that a person gave a cluster; it stays with the cluster's number over refits."""

    __tablename__ = "cluster_name"
    __table_args__ = kind("R")
    cluster_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_zh: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[int]


class ClusterFit(Row):
    """The fit in force, as its model version keeps it, for engines that look at clusters as of earlier days."""

    __tablename__ = "cluster_fit"
    __table_args__ = kind("D", rowid=False)
    version: Mapped[int] = mapped_column(primary_key=True)
    artefact: Mapped[str]


class SegmentTransition(Row):
    """People of state `source` `back` days ago who were in `target` 30 days later.

    `system` is rfm or cluster; `share` is of all in `source`, `low` and `high` its 95 % interval (Wilson 1927).
    """

    __tablename__ = "segment_transition"
    __table_args__ = kind("D", rowid=False)
    system: Mapped[str] = mapped_column(primary_key=True)
    back: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    share: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]


class PersonMove(Row):
    """Where a person will be in 30 days: `p_move` is the chance to leave `state`, `target` the likeliest other with
    `p_target`. Nobody of a system for which staying is not beaten."""

    __tablename__ = "person_move"
    __table_args__ = kind(
        "D", Index("ix_person_move_system_state_p_move", "system", "state", "p_move"), rowid=False, personal=True
    )
    system: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[bytes] = mapped_column(primary_key=True)
    state: Mapped[str]
    p_move: Mapped[float]
    target: Mapped[str]
    p_target: Mapped[float]
    as_of: Mapped[str]


class MoveTrial(Row):
    """How a way of telling the next state did on the last 30 days, learned before them; `state` '' is everyone.

    `model` is model, matrix or stays (everybody stays where they are). `accuracy` is the share told right, `gain` that
    above stays, with its 95 % interval; `log_loss` in nats; `auc` how well it ranks who moves (NULL where it cannot).
    """

    __tablename__ = "move_trial"
    __table_args__ = kind("D", rowid=False)
    system: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    people: Mapped[int]
    accuracy: Mapped[float]
    accuracy_low: Mapped[float]
    accuracy_high: Mapped[float]
    gain: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    log_loss: Mapped[float]
    auc: Mapped[float | None]
    used: Mapped[int]
    first_day: Mapped[str]
    last_day: Mapped[str]
