"""A session's summary on its way to a service, and what the service makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import TypeAdapter

from trackside.app.service_client import ServiceClient
from trackside.errors import ParameterError, ServiceError
from trackside.planner.athlete import Athlete, complete
from trackside.planner.profile_file import profile_of
from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.session_summary import SessionSummary, recording_of

REMARKS, REMARK_LENGTH = 50, 500
"""What the service takes at most, and signs of each."""
LOOKED_AT = "200"
"""Of the recordings that the service has, the latest."""
_SUMMARY = TypeAdapter(RecordingSummary)
_SUMMARIES = TypeAdapter(list[RecordingSummary])


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of it.

    ``is_new``: whether the service had something else of this recording, or nothing. ``proposal``:
    the adjustment that it proposes, as its JSON; without one, ``why_none`` in its own words.
    """

    recording: RecordingSummary
    is_new: bool
    proposal: Mapping[str, Any] | None
    why_none: str = ""


def runner_of(client: ServiceClient, named: str | None) -> str:
    """Whose session it is: the runner who is named, else the only one whom the token may see.

    Raises :class:`ParameterError` if that is not one.
    """
    if named is not None:
        return named
    runners = client.get("runners")["runners"]
    if len(runners) != 1:
        whom = ", ".join(runners) or "nobody: add one with trackside users add"
        raise ParameterError(f"whose session is it? expected --runner, one of {whom}")
    return str(runners[0])


def athlete_of(client: ServiceClient, runner_id: str) -> Athlete:
    """The athlete of the profile that the service has."""
    return complete(profile_of(client.get("runners", runner_id)), date.today())


def recording_to_send(summary: SessionSummary, runner_id: str) -> RecordingSummary:
    """A session's summary as the service takes it; its id is when it began, whatever its file."""
    started = _with_own_day(summary.started_at)
    name = f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    made = recording_of(summary, name, runner_id)
    remarks = (" ".join(one.split())[:REMARK_LENGTH] for one in made.remarks)
    return RecordingSummary(
        name,
        runner_id,
        started,
        made.duration_s,
        made.distance_m,
        made.features,
        tuple(one for one in remarks if one)[:REMARKS],
    )


def send_session(client: ServiceClient, recording: RecordingSummary) -> Sent:
    """Put a summary into the service and ask what it would change.

    What the service has already is left alone, and so are its proposals: sending twice changes
    nothing. Raises :class:`ServiceError`.
    """
    place = ("runners", recording.runner_id)
    had = _SUMMARIES.validate_python(client.get(*place, "recordings", limit=LOOKED_AT))
    if recording in had:
        proposals = client.get(*place, "adjustments", state="proposed")
        open_one = proposals[0] if proposals else None
        return Sent(recording, False, open_one, "no proposal is open")
    document = _SUMMARY.dump_python(
        recording, mode="json", exclude={"recording_id", "runner_id"}, exclude_none=True
    )
    client.put(*place, "recordings", recording.recording_id, document=document)
    occasion = {"kind": "session", "day": recording.started_at.date().isoformat()}
    try:
        return Sent(recording, True, client.post(*place, "adjustments", document=occasion))
    except ServiceError as error:
        if error.status not in (404, 409):
            raise
        return Sent(recording, True, None, error.reason)


def _with_own_day(moment: datetime) -> datetime:
    """The moment with the offset of the place; watches write UTC, whose day may be another."""
    return moment if moment.utcoffset() else moment.astimezone()
