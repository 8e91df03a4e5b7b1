"""How a sensor is, in words: for the live window's strip and the recorder's table."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """How a sensor is, at a glance."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"


@dataclass(frozen=True)
class SensorState:
    """A sensor in words; what nobody knows is "–".

    ``link``, such as "lost 4 s"; ``rate`` in Hz; ``missing`` samples and gaps; ``clock``: its drift
    and how well it is known.
    """

    label: str
    health: Health
    link: str = "–"
    rate: str = "–"
    missing: str = "0"
    battery: str = "–"
    clock: str = "–"
