"""Reads kept in memory: never older than the store, however reads and writes are mixed; bounded; safe among threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines.kpi import queries
from models.cache import ReadCache, cache_of, kept, size_of
from models.ids import new_id
from models.site import create_site
from models.store import Store, create_store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = create_store(create_site(tmp_path / "site", name="Mall", time_zone="Asia/Shanghai"))
    yield made
    made.close()


def tenants(store: Store, least: str = "") -> list[tuple[str, str]]:
    with store.read() as connection:
        return [
            tuple(row)
            for row in connection.exec_driver_sql(
                "SELECT code, name FROM tenant WHERE code >= ? ORDER BY code", (least,)
            )
        ]


def figures(store: Store) -> list[tuple[str, float]]:
    with store.read() as connection:
        return [tuple(r) for r in connection.exec_driver_sql("SELECT period, value FROM kpi_fact ORDER BY period")]


def put_tenant(store: Store, code: str, name: str) -> None:
    with store.write("t", "a tenant") as tx:
        tx.connection.exec_driver_sql(
            "INSERT INTO tenant (id, code, name, state) VALUES (?, ?, ?, 'trading') "
            "ON CONFLICT (code) DO UPDATE SET name = excluded.name",
            (new_id(), code, name),
        )


def put_figure(store: Store, period: str, value: float) -> None:
    with store.write("t", "a figure") as tx:
        tx.connection.exec_driver_sql(
            "INSERT OR REPLACE INTO kpi_fact (kpi, grain, period, dims, value, numerator, denominator, rows, version) "
            "VALUES ('gross_sales', 'day', ?, '{}', ?, ?, NULL, 1, 1)",
            (period, value, value),
        )
        tx.touch("kpi_fact")


def drop_tenants(store: Store) -> None:
    with store.write("t", "no tenants") as tx:
        tx.connection.exec_driver_sql("DELETE FROM tenant")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from(["", "b"])), st.just(("figures",)),
        st.tuples(st.just("tenant"), st.sampled_from("abc"), st.sampled_from("xy")), st.just(("drop",)),
        st.tuples(st.just("figure"), st.sampled_from(["2026-01-01", "2026-01-02"]), st.floats(0, 9)),
        st.just(("roll back",)),
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_mixture_of_writes_and_reads_equals_reading_the_store(store: Store, steps) -> None:
    other = open_store(store.site.folder)  # as the service is, which writes from elsewhere
    some, figure = kept(tenants), kept(figures)
    try:
        for n, step in enumerate(steps):
            writer = (store, other)[n % 2]
            if step[0] == "read":
                assert some(store, step[1]) == tenants(store, step[1])
            elif step[0] == "figures":
                assert figure(store) == figures(store)
            elif step[0] == "tenant":
                put_tenant(writer, step[1], step[2])
            elif step[0] == "figure":
                put_figure(writer, step[1], step[2])
            elif step[0] == "drop":
                drop_tenants(writer)
            else:
                with pytest.raises(ZeroDivisionError), writer.write("t", "nothing") as tx:
                    tx.connection.exec_driver_sql("DELETE FROM tenant")
                    raise ZeroDivisionError
        assert some(store) == tenants(store) and figure(store) == figures(store)
    finally:
        other.close()


def test_a_read_is_given_again_until_its_own_tables_move(store: Store) -> None:
    some = kept(tenants)
    put_tenant(store, "a", "A")
    first = some(store)
    first.append(("mine", "own"))  # a list is the caller's own
    assert some(store) == [("a", "A")]
    put_figure(store, "2026-01-01", 1.0)
    some(store)
    use = cache_of(store).use()
    assert (use.hits, use.misses, use.reads) == (2, 1, 1) and 0 < use.size < 10_000
    put_tenant(store, "b", "B")
    assert some(store) == [("a", "A"), ("b", "B")]
    assert cache_of(store).use().misses == 2


def test_what_no_version_tells_is_never_kept(store: Store) -> None:
    def runs(store: Store) -> object:
        with store.read() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM meta").scalar()

    asked = kept(runs)
    assert [asked(store), asked(store)] == [runs(store)] * 2
    assert cache_of(store).use().hits == 0


def test_a_write_while_a_read_runs_is_not_lost(store: Store) -> None:
    meddle = True

    def slow(store: Store) -> int:
        nonlocal meddle
        with store.read() as connection:
            found = int(connection.exec_driver_sql("SELECT count(*) FROM tenant").scalar())
        if meddle:
            meddle = False
            put_tenant(store, "late", "L")
        return found

    asked = kept(slow)
    assert (asked(store), asked(store), asked(store)) == (0, 1, 1)


def test_it_is_bounded_and_the_least_used_go_first(store: Store) -> None:
    cache = ReadCache(most_reads=3, most_bytes=100_000)
    for key in ("a", "b", "c", "a", "d"):
        cache.read(store, key, tenants)
    assert cache.use().reads == 3 and cache.use().hits == 1
    cache.read(store, "a", tenants)
    cache.read(store, "b", tenants)
    assert cache.use().hits == 2  # a was used again, b had gone
    big = ["x" * 60_000 for _ in range(3)]
    assert cache.read(store, "big", lambda _: big) == big and size_of(big) > 100_000
    assert cache.use().size <= 100_000


def test_threads_read_what_is_true_while_others_write(store: Store) -> None:
    some, wrong = kept(tenants), []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            before = len(tenants(store))
            seen = len(some(store))
            after = len(tenants(store))
            if not before <= seen <= after:
                wrong.append((before, seen, after))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(30):
        put_tenant(store, f"t{n:02d}", "x")
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == [] and len(some(store)) == 30


def test_the_key_figures_are_kept(store: Store) -> None:
    put_figure(store, "2026-01-01", 5.0)
    asked = [queries.series(store, "gross_sales", "day", "2026-01-01", "2026-01-31") for _ in range(3)]
    assert asked[0] == asked[1] == asked[2] and cache_of(store).use().hits == 2
    put_figure(store, "2026-01-02", 6.0)
    assert len(queries.series(store, "gross_sales", "day", "2026-01-01", "2026-01-31")) == len(asked[0]) + 1
