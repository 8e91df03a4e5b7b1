"""The service does what its OpenAPI document says, and nothing else, whatever is sent."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from services import add_people, guarded_app, listening, open_app
from stored_plans import store_plan
from throwaway_postgresql import create_database

from trackside.planner.store.database import Database
from trackside.planner.store.opening import open_store


class Api(NamedTuple):
    """Where a service listens, and a coach's token."""

    address: str
    token: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def api(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A service with people and a plan."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('contract') / 'store.sqlite'}"
    else:
        url = create_database(request.getfixturevalue("cluster"), "contract")
    with open_store(url) as database:
        tokens = add_people(database)
        store_plan(database)
        with listening(guarded_app(database)) as address:
            yield Api(address, tokens["eva"])


document = schemathesis.openapi.from_dict(
    open_app(Database("postgresql://nowhere/nothing")).openapi()
)


@document.parametrize()
@settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_the_service_keeps_to_its_document(case: Case[Any], api: Api) -> None:
    """Of every operation: statuses, bodies, refusals of what is wrong, access without a token."""
    headers = {"Authorization": f"Bearer {api.token}"}
    case.call_and_validate(base_url=api.address, headers=headers)
