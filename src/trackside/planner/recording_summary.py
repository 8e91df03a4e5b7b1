"""What the planner needs to know of a recorded session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with its standard deviation, None where it is not known."""

    value: float
    sd: float | None = None


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """A session: when it started, how long it took (s), how far it went (m; None: not known).

    ``features``: what was measured, by names with their units, such as ``trimp``,
    ``cadence_spm``, ``decoupling_percent``. ``remarks``: what is doubtful, in plain words.
    """

    recording_id: str
    runner_id: str
    started_at: datetime
    duration_s: float
    distance_m: float | None = None
    features: Mapping[str, Measured] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
