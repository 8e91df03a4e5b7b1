"""What the HTML replay shows of a recording, or of a pose from elsewhere."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from trackside.app.session_features import measured_session
from trackside.app.stretches import POSE_FILES, lap_stretch, part_of, pose_of
from trackside.filters.heart_rate_session import HeartSession, HeartSignals, Series
from trackside.kinematics.frame_rate import at_rate
from trackside.kinematics.pose import Pose
from trackside.kinematics.pose_file import GROUP
from trackside.recordings.reader import Recording, open_recording
from trackside.viewer.html_page import PageContent
from trackside.viewer.tracks import Track

FAULTS_TOLD = 5
Stretch = tuple[float, float]


def replay_of(
    source: Path,
    stretch: Stretch | None = None,
    lap: int | None = None,
    rate: float | None = None,
) -> PageContent:
    """The replay of a recording (.h5), with or without a pose in it, an .mvnx or a .bvh.

    Only a ``stretch`` (s) or a ``lap`` of it, at ``rate`` frames per second, where that is wanted.
    Raises ParameterError if there is no such part.
    """
    title = source.name if lap is None else f"{source.name}, lap {lap}"
    if source.suffix.lower() in POSE_FILES:
        pose = at_wanted_rate(part_of(source, stretch, lap), rate)
        return PageContent(title, _length(pose), pose)
    if lap is not None:
        stretch = lap_stretch(source, lap)
    with open_recording(source) as recording:
        has_pose = recording.has_processed(GROUP)
        told = _session(recording)
        subtitle = _subtitle(recording)
        moving = bool(recording.imus())
    if not has_pose:
        solve = f"run trackside solve {source.name}" if moving else "it holds no motion sensor"
        remarks = (f"No skeleton in this recording: {solve}.", *told.remarks)
        return _cut(replace(told, title=title, subtitle=subtitle, remarks=remarks), stretch)
    pose = at_wanted_rate(part_of(source, stretch, None), rate)
    subtitle = f"{subtitle} · {_length(pose)}"
    return _cut(replace(told, title=title, subtitle=subtitle, pose=pose), stretch)


def ghost_of(source: Path, lap: int | None, rate: float | None) -> Pose:
    """The pose of a second motion; errors as those of :func:`trackside.app.stretches.part_of`."""
    return at_wanted_rate(part_of(source, None, lap) if lap else pose_of(source), rate)


def at_wanted_rate(pose: Pose, rate: float | None) -> Pose:
    """The pose at a rate that was asked for, or as it is."""
    return pose if rate is None else at_rate(pose, rate)


def _session(recording: Recording) -> PageContent:
    """Tracks, laps and remarks of a recording."""
    session = measured_session(recording)
    tracks, remarks = [], list(session.faults)
    if session.heart is not None:
        rate = session.heart.rate
        tracks.append(Track("Heart rate", "bpm", rate.time, rate.bpm))
        remarks += _faults(session.heart)
    else:
        remarks.append(session.no_heart)
    tracks += _running(session.signals)
    if not len(session.signals.cadence):
        remarks.append(f"no steps: {session.no_rows}")
    remarks = [_sentence(remark) for remark in remarks]
    laps = [note.time for note in recording.annotations if note.kind == "lap"]
    return PageContent("", tracks=tracks, laps=laps, remarks=tuple(remarks))


def _running(signals: HeartSignals) -> Iterable[Track]:
    """Cadence and speed where they are known; standing is no cadence."""
    for name, unit, series in (
        ("Cadence", "steps/min", signals.cadence),
        ("Speed", "m/s", signals.speed),
    ):
        moving: Series = series.increasing()
        if len(moving):
            values = np.where(moving.values > 0.0, moving.values, np.nan)
            yield Track(name, unit, moving.time, values)


def _faults(heart: HeartSession) -> list[str]:
    told = [
        f"heart rate from {fault.start:.0f} to {fault.end:.0f} s: {fault.reason}"
        for fault in heart.faults
    ]
    if len(told) > FAULTS_TOLD:
        left = len(told) - FAULTS_TOLD
        told[FAULTS_TOLD:] = [f"… and {left} other faults of the heart rate"]
    return told


def _cut(replay: PageContent, stretch: Stretch | None) -> PageContent:
    """Tracks and laps within a stretch only."""
    if stretch is None:
        return replay
    tracks = []
    for track in replay.tracks:
        inside = (track.time >= stretch[0]) & (track.time < stretch[1])
        if inside.any():
            tracks.append(replace(track, time=track.time[inside], values=track.values[inside]))
    laps = [lap for lap in replay.laps if stretch[0] < lap < stretch[1]]
    return replace(replay, tracks=tracks, laps=laps)


def _subtitle(recording: Recording) -> str:
    worn = sum(imu.stream.placement is not None for imu in recording.imus())
    parts = [
        recording.athlete.name,
        f"{recording.start_time:%d %B %Y, %H:%M}",
        f"{worn} sensor{'s' if worn > 1 else ''} on the body" if worn else "",
    ]
    return " · ".join(part for part in parts if part)


def _length(pose: Pose) -> str:
    if len(pose.time) < 2:
        return "1 frame"
    return f"{pose.time[-1] - pose.time[0]:.1f} s at {pose.rate:.3g} Hz"


def _sentence(text: object) -> str:
    words = str(text)
    return f"{words[:1].upper()}{words[1:]}."
