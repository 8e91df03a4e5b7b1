"""What a recording holds and how it was solved, as plain values for print and JSON."""

from typing import Any

import numpy as np

from trackside.app.sensor_reports import pose_name, sensor_warnings
from trackside.app.solving import Solution
from trackside.kinematics.pose import Pose
from trackside.kinematics.root_path import distance
from trackside.kinematics.skeleton import INDEX
from trackside.kinematics.treadmill import running_speed
from trackside.recordings.reader import Recording


def recording_report(recording: Recording) -> dict[str, Any]:
    """What ``trackside info`` shows of a recording."""
    return {
        "file": str(recording.path),
        "started": recording.start_time.isoformat(),
        "duration_s": round(recording.duration, 3),
        "complete": recording.complete,
        "recovered_from": recording.recovered_from,
        "athlete": recording.athlete.name,
        "height_m": recording.athlete.height,
        "solved": recording.has_processed("Pose"),
        "streams": [_stream_report(recording, name) for name in recording.streams],
        "annotations": [
            {"time_s": note.time, "kind": note.kind, "text": note.text}
            for note in recording.annotations
        ],
    }


def _stream_report(recording: Recording, name: str) -> dict[str, Any]:
    stream, gaps = recording.streams[name], recording.gaps(name)
    return {
        "name": name,
        "kind": stream.kind.value,
        "placement": stream.placement,
        "channels": {channel.name: channel.unit for channel in stream.channels},
        "rate_hz": stream.rate,
        "samples": recording.rows(name),
        "gaps": len(gaps),
        "missing_samples": sum(gap.missing for gap in gaps),
        "device": stream.device.model,
        "serial": stream.device.serial,
    }


def solution_report(solution: Solution) -> dict[str, Any]:
    """What ``trackside solve`` says of its result: what to trust, and how far."""
    calibration, pose = solution.calibration, solution.pose
    minutes = (pose.time[-1] - pose.time[0]) / 60.0
    return {
        "frames": len(pose.time),
        "rate_hz": round(pose.rate, 3),
        "height_m": pose.skeleton.height,
        "calibration_s": [round(calibration.start, 2), round(calibration.end, 2)],
        "calibrated_by": calibration.way.value,
        "calibration_pose": pose_name(calibration),
        "headings_from": _headings_from(solution),
        "makers_orientations": list(solution.makers),
        "way": _way_report(solution),
        "segments": {
            segment: {
                "measured_share": round(float(pose.measured[INDEX[segment]].mean()), 4),
                "joint_sd_deg": _joint_sd(pose, segment),
                "heading_sd_deg": round(float(np.rad2deg(solution.facing.sd[i])), 1),
                "heading_drift_deg_per_min": round(
                    float(np.rad2deg(np.ptp(solution.facing.drifts[i])) / minutes), 2
                ),
            }
            for i, segment in enumerate(calibration.segments)
        },
        "warnings": sensor_warnings(solution.check),
    }


def _joint_sd(pose: Pose, segment: str) -> float | None:
    """Root mean square over time of a joint's standard deviation, in degrees."""
    if pose.joint_sd is None:
        return None
    return _rounded(np.rad2deg(np.sqrt(np.mean(pose.joint_sd[INDEX[segment]] ** 2))), 1)


def _way_report(solution: Solution) -> dict[str, Any]:
    """The way of the pelvis; the skate is None where no sensor tells of a foot."""
    way, belt = solution.way, solution.belt
    skates = np.concatenate(way.skates)
    median, most = np.percentile(skates, [50, 95]) if len(skates) else (np.nan, np.nan)
    return {
        "ground": "level" if belt is None else "treadmill",
        "known_share": round(float(way.known.mean()), 3),
        "distance_m": _rounded(distance(solution.pose.time, way.path), 1),
        "belt_speed_m_per_s": None if belt is None else _rounded(running_speed(belt), 2),
        "stances": len(skates),
        "foot_skate_median_cm": _rounded(100 * median, 1),
        "foot_skate_95_percent_cm": _rounded(100 * most, 1),
    }


def _headings_from(solution: Solution) -> str:
    if len(solution.makers) == len(solution.tracks):
        return "the maker's filter"
    return "magnetometers" if solution.north else "joints"


def _rounded(value: float, digits: int) -> float | None:
    """A number for JSON, which has no NaN."""
    return round(float(value), digits) if np.isfinite(value) else None
