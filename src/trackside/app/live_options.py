"""What a person may decide about the live view. The recorder imports this: it must stay light."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from trackside.kinematics.calibration import Calibration


@dataclass(frozen=True)
class LiveOptions:
    """The defaults suit most sessions.

    ``angle``: the joint angle that is plotted; ``zones``: bounds of the heart-rate zones, bpm,
    empty if nobody knows them; ``pose``: the one held, arms hanging (n), out (t), or sitting;
    ``height`` m, None for the athlete's own or 1.75; ``earlier``: a calibration whose mountings
    hold.
    """

    angle: str = "knee_flexion"
    zones: tuple[float, ...] = ()
    pose: Literal["n", "t", "sit"] = "n"
    height: float | None = None
    earlier: "Calibration | None" = None
