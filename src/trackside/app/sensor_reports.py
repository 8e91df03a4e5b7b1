"""What is wrong with which sensor, in plain words, each with what to do."""

from typing import Any

import numpy as np

from trackside.app.solving import Calibrated
from trackside.kinematics.calibration import Calibration, Way
from trackside.kinematics.common_clock import BodyMotion
from trackside.kinematics.functional_movements import functional_movements
from trackside.kinematics.placement_check import Misplacement
from trackside.kinematics.sensor_check import SensorCheck
from trackside.kinematics.slip import Slip
from trackside.kinematics.standing import find_moving
from trackside.recordings.placements import SIDES

LARGE_RESIDUAL = np.deg2rad(20.0)
LARGE_SWAY = np.deg2rad(3.0)
ARM_MOVEMENTS = {"arm swings": "swings", "elbow bends": "bends", "turns of the palm": "turns"}


def calibration_report(found: Calibrated) -> dict[str, Any]:
    """What ``trackside calibrate`` shows: moments, and each sensor's quality."""
    calibration, check = found.calibration, found.check
    return {
        "calibration_s": [round(calibration.start, 2), round(calibration.end, 2)],
        "calibrated_by": calibration.way.value,
        "calibration_pose": pose_name(calibration),
        "moving_s": [[round(a, 1), round(b, 1)] for a, b in find_moving(found.motion)],
        "movements_shown": [] if calibration.way is Way.POSE else movements_shown(found.motion),
        "segments": {
            segment: {
                "residual_deg": _degrees(check.residual[i]),
                "sway_deg": _degrees(check.sway[i]),
                "heading_sd_deg": _degrees(found.facing.sd[i]),
                "mounting_sd_deg": _mounting_sd(calibration, i),
                "place_checked": segment in check.placement.checked,
                "hold_checked": segment not in check.slips.unchecked,
            }
            for i, segment in enumerate(check.segments)
        },
        "warnings": sensor_warnings(check),
    }


def movements_shown(motion: BodyMotion) -> list[str]:
    """What was done for a calibration beside walking or running, in words."""
    shown = functional_movements(motion)
    words = ["squats"] if shown.squats.any() else []
    for name, field in ARM_MOVEMENTS.items():
        sides = [side for side, arm in shown.arms.items() if getattr(arm, field).any()]
        if sides:
            words.append(name if len(sides) == len(SIDES) else f"{name} ({sides[0]})")
    return words


def pose_name(calibration: Calibration) -> str | None:
    """The pose a calibration was held in; None if movement alone calibrated."""
    return None if calibration.way is Way.MOVEMENT else calibration.pose.value


def _mounting_sd(calibration: Calibration, i: int) -> dict[str, float | None] | None:
    """Standard deviations of a mounting by direction, in degrees; None if nobody knows."""
    if calibration.sd is None:
        return None
    names = ("sideways", "turn", "forwards")
    return {name: _degrees(sd) for name, sd in zip(names, calibration.sd[i], strict=True)}


def sensor_warnings(check: SensorCheck) -> list[dict[str, str]]:
    """Each ``segment`` that something is wrong with, what (``found``) and what to ``do``."""
    named = {(sensor.segment, sensor.really) for sensor in check.placement.misplaced}
    warnings = [_misplaced(sensor, named) for sensor in check.placement.misplaced]
    warnings += [_slipped(slip) for slip in check.slips.slips]
    wrong = {warning["segment"] for warning in warnings}
    for segment, residual, sway in zip(check.segments, check.residual, check.sway, strict=True):
        if residual > LARGE_RESIDUAL and segment not in wrong:
            warnings.append(_turned(segment, residual))
        if sway > LARGE_SWAY:
            warnings.append(_swayed(segment, sway))
    return warnings


def _misplaced(sensor: Misplacement, named: set[tuple[str, str]]) -> dict[str, str]:
    own, other = _plain(sensor.segment), _plain(sensor.really)
    mirrored = own.split(" ", 1)[-1] == other.split(" ", 1)[-1] and sensor.segment.startswith(SIDES)
    if (sensor.really, sensor.segment) in named:
        found = (
            f"left and right are swapped: it moves like the {other}"
            if mirrored
            else f"on the wrong segment: it is exchanged with the one of the {other}"
        )
        remedy = f"exchange the sensors of {own} and {other}"
    else:
        found = f"on the wrong segment: it moves like the {other}"
        remedy = f"name the {other} as its segment"
    return {
        "segment": sensor.segment,
        "found": found,
        "do": f"{remedy} in the kit file, or with --place when you import",
    }


def _slipped(slip: Slip) -> dict[str, str]:
    return {
        "segment": slip.segment,
        "found": f"slipped at {slip.time:.0f} s by {np.rad2deg(slip.angle):.0f}°",
        "do": "fasten it tighter and stand still once more after that; "
        f"angles from {slip.time:.0f} s on are wrong by as much",
    }


def _turned(segment: str, residual: float) -> dict[str, str]:
    return {
        "segment": segment,
        "found": f"turns about an axis {np.rad2deg(residual):.0f}° off left-right",
        "do": "stand upright with the feet forward, or name a better moment with --stretch",
    }


def _swayed(segment: str, sway: float) -> dict[str, str]:
    return {
        "segment": segment,
        "found": f"moved by {np.rad2deg(sway):.1f}° during the calibration pose",
        "do": "stand still for two seconds, or name a better moment with --stretch",
    }


def _plain(segment: str) -> str:
    return segment.replace("_", " ")


def _degrees(angle: float) -> float | None:
    """Degrees for JSON, which has no NaN."""
    return round(float(np.rad2deg(angle)), 1) if np.isfinite(angle) else None
