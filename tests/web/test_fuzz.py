"""The API is asked what its own description allows, and what it does not, by schemathesis."""

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")
schemathesis = pytest.importorskip(
    "schemathesis", reason="fuzzing is for developers: pip install 'earmark[dev,serve]'"
)

from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from earmark.web.api.table import ENDPOINTS
from earmark.web.openapi import BASE
from web.shelf import desk_of, running

pytestmark = pytest.mark.filterwarnings("default")  # those of the fuzzer are its own

load_all_checks()
# A query that fits its schema may still be no query: "rain - " is refused with a reason.
LEFT_OUT = [CHECKS.get_one("positive_data_acceptance")]
REJECTED = [CHECKS.get_one("negative_data_rejection")]  # knows no 413 for what is too large as well
ASKED = [(one, GenerationMode.POSITIVE) for one in ENDPOINTS]
ASKED += [(one, GenerationMode.NEGATIVE) for one in ENDPOINTS if one.params or one.body]
BRIEFLY = settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def api(place, tmp_path_factory):
    labels = tmp_path_factory.mktemp("fuzz") / "labels.jsonl"
    with desk_of(place, labels=labels) as desk, running(desk) as (_, port):
        yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}{BASE}/openapi.json")


@pytest.mark.parametrize(("endpoint", "mode"), ASKED, ids=lambda one: getattr(one, "name", one))
def test_the_api_keeps_to_its_description(api, ids, endpoint, mode):
    there = sorted(ids.values())

    @BRIEFLY
    @given(case=api[endpoint.path][endpoint.method].as_strategy(generation_mode=mode))
    def ask(case):
        if endpoint.path.startswith("/recordings/") and mode is GenerationMode.POSITIVE:
            case.path_parameters["id"] = there[len(repr(case.query)) % len(there)]
        if endpoint.body == "Verdict" and mode is GenerationMode.POSITIVE:
            case.body["id"] = there[len(repr(case.body)) % len(there)]
        answer = case.call()
        too_large = REJECTED if answer.status_code == 413 else []
        case.validate_response(answer, excluded_checks=LEFT_OUT + too_large)

    ask()
