"""A service with all that the page can show: a plan, sessions, an open proposal, cues."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
from services import add_people, guarded_app, listening
from stored_plans import EASY, REST, TODAY, store_plan

from trackside.planner.adjustment import DayChange, Proposal
from trackside.planner.recording_summary import Measured, RecordingSummary
from trackside.planner.store import adjustments
from trackside.planner.store.database import Database
from trackside.planner.store.recordings import save_recording
from trackside.planner.workouts import SessionType


@dataclass(frozen=True)
class Scene:
    """Where the service listens, Eva's token, and how Ada is told a cue."""

    address: str
    token: str
    tell: Callable[[str, str], None]


@contextmanager
def page_scene(database: Database) -> Iterator[Scene]:
    """A service that listens, until the end."""
    tokens = add_people(database)
    _fill(database)
    with listening(guarded_app(database)) as address:

        def tell(text: str, reason: str) -> None:
            cue = {"at": datetime.now(UTC).isoformat(), "text": text, "reason": reason}
            headers = {"Authorization": f"Bearer {tokens['eva']}"}
            httpx.post(f"{address}/runners/ada/cues", json=cue, headers=headers).raise_for_status()

        yield Scene(address, tokens["eva"], tell)


def _fill(database: Database) -> None:
    record = store_plan(database)
    hard = [
        day.date
        for day in record.plan.days
        if day.date > TODAY and day.main.type is SessionType.TEMPO
    ]
    proposal = Proposal(
        "Two easier days: your HRV is below your band.",
        (
            DayChange(hard[0], (EASY,), "HRV 2 days below your band"),
            DayChange(hard[1], (REST,), "Load +12 % over the ramp limit"),
        ),
    )
    with database.writing() as connection:
        for days_ago, trimp in ((1, 52.0), (3, 88.0), (5, 43.0), (8, 79.0)):
            day = TODAY - timedelta(days=days_ago)
            features = {
                "trimp": Measured(trimp, 3.0),
                "heart_rate_mean_bpm": Measured(148.0, 1.0),
                "decoupling_percent": Measured(3.4, 0.8),
                "cadence_spm": Measured(172.0, 0.5),
                "stride_length_m": Measured(2.11, 0.02),
            }
            remarks = ("heart rate lost for 3 min",) if days_ago == 3 else ()
            started = datetime(day.year, day.month, day.day, 6, 30, tzinfo=UTC)
            save_recording(
                connection,
                RecordingSummary(f"run-{day}", "ada", started, 2700.0, 8200.0, features, remarks),
            )
        adjustments.propose(connection, record, proposal, TODAY, "eva")
