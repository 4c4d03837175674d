"""The gateway keeps what its own OpenAPI document says: schemathesis asks it, with what fits and with what does not.

A short form of benchmarks/gateway/contract.py. A check is left out: that whatever fits the document is accepted,
because a day may fit and lie after the last one asked for, and a mark of a page may fit and be nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.gateway.application import describe
from tests.gateway.conftest import Mall, make_mall, served

DOCUMENT = schemathesis.openapi.from_dict(describe())
OPERATIONS = {found.ok().label: found.ok() for found in DOCUMENT.get_all_operations()}
FEW = settings(
    max_examples=8, derandomize=True, deadline=None, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mall]:
    """A mall of its own: what is made up goes into it."""
    store = make_mall(tmp_path_factory.mktemp("contract") / "mall")
    with served(store) as mall:
        yield mall
    store.close()


def test_the_document_names_every_address() -> None:
    assert len(OPERATIONS) >= 24


@pytest.mark.parametrize("mode", list(GenerationMode), ids=["what fits", "what does not"])
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_address_keeps_its_contract(label: str, mode: GenerationMode, asked: Mall) -> None:
    @FEW
    @given(OPERATIONS[label].as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        headers = asked.key("all")
        for name in [n for n in case.headers or {} if n.lower() in ("authorization", "x-api-key")]:
            del case.headers[name]  # made up, and so refused: what lies behind would never be asked
        answer = case.call(base_url=asked.url, headers=headers, timeout=20)
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, excluded_checks=[positive_data_acceptance], headers=headers)
        asked.forgive()

    try:
        ask()
    except Exception as error:
        if mode is GenerationMode.NEGATIVE and type(error).__name__ in ("Unsatisfiable", "UnsatisfiableParameter"):
            pytest.skip("it takes nothing that could be wrong")
        raise
