"""From files to what the replay's window shows: recordings, poses from elsewhere, any BVH."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from trackside.app.heart_signals import heart_signals
from trackside.app.stretches import lap_stretch
from trackside.errors import MissingDataError, ParameterError, SignalError
from trackside.filters.heart_rate_session import heart_session
from trackside.kinematics.bvh import pose_from_bvh
from trackside.kinematics.bvh_file import read_bvh_file
from trackside.kinematics.mvnx import read_mvnx
from trackside.kinematics.pose import Pose
from trackside.kinematics.stored_pose import StoredPose
from trackside.recordings.reader import Recording, open_recording
from trackside.viewer.actors import BonesActor, Motion, PoseInMemory, SkeletonActor
from trackside.viewer.ghosts import Ghost
from trackside.viewer.replay import Replay
from trackside.viewer.tracks import Track

Stretch = tuple[float, float]


def open_replay(source: Path, stretch: Stretch | None = None, lap: int | None = None) -> Replay:
    """What there is to see in a file, or from one moment to another of it in s, or in a lap.

    A recording without a pose, or a BVH of another skeleton, is opened as well, and says what it
    lacks. Raises TracksideError if a file cannot be read at all, or has no such part.
    """
    ending = source.suffix.lower()
    if ending == ".mvnx":
        replay = _replay_of_pose(source.name, read_mvnx(source))
    elif ending == ".bvh":
        replay = _replay_of_bvh(source)
    else:
        replay = _replay_of_recording(source)
    replay = replace(replay, open_ghost=open_ghost)
    if lap is not None:
        stretch = lap_stretch(source, lap)
    return replay if stretch is None else _part(replay, stretch)


def open_ghost(source: Path, lap: int | None = None) -> Ghost:
    """What moves in a file, or in a lap of it, as a ghost; TracksideError if nothing does."""
    other = open_replay(source, lap=lap)
    if other.actor is None:
        other.close()
        raise MissingDataError(f"{source}: no ghost in it: {'; '.join(other.missing)}")
    title = other.title if lap is None else f"{other.title}, lap {lap}"
    return Ghost(title, other.actor, other.start, other.end, motion=other.motion)


def _part(replay: Replay, stretch: Stretch) -> Replay:
    start, end = max(stretch[0], replay.start), min(stretch[1], replay.end)
    if start >= end:
        raise ParameterError(
            f"{replay.title}: nothing from {stretch[0]:g} to {stretch[1]:g} s: it goes from "
            f"{replay.start:.1f} to {replay.end:.1f} s"
        )
    laps = replay.laps[(replay.laps > start) & (replay.laps < end)]
    return replace(replay, start=start, end=end, laps=laps)


def _replay_of_pose(title: str, pose: Pose, missing: tuple[str, ...] = ()) -> Replay:
    motion = PoseInMemory(pose)
    actor = SkeletonActor(motion)
    return Replay(
        title,
        actor,
        float(pose.time[0]),
        float(pose.time[-1]),
        missing=missing,
        motion=lambda: nullcontext(motion),
        again=lambda: SkeletonActor(motion),
    )


def _replay_of_bvh(source: Path) -> Replay:
    document = read_bvh_file(source)
    if not len(document.frames):
        return Replay(source.name, None, 0.0, 0.0, missing=("the file holds no frame of motion",))
    try:
        return _replay_of_pose(source.name, pose_from_bvh(document))
    except MissingDataError as problem:
        missing = f"another skeleton than ours ({problem}): bones are shown, joint angles are not"
        actor = BonesActor(document)
        return Replay(
            source.name,
            actor,
            float(actor.time[0]),
            float(actor.time[-1]),
            missing=(missing,),
            again=lambda: BonesActor(document),
        )


def _replay_of_recording(source: Path) -> Replay:
    recording = open_recording(source)
    try:
        return _opened(source, recording)
    except BaseException:
        recording.close()
        raise


def _opened(source: Path, recording: Recording) -> Replay:
    notes = recording.annotations
    actor, missing = None, []
    start, end = 0.0, recording.duration
    try:
        stored = StoredPose(recording)
        if len(stored.time):
            actor = SkeletonActor(stored)
            start, end = float(stored.time[0]), float(stored.time[-1])
        else:
            missing.append("the pose in it has no frames")
    except MissingDataError:
        missing.append(f"no skeleton yet: run  trackside solve {source.name}")
    missing += _lacks(recording)
    laps = np.array(sorted(note.time for note in notes if note.kind == "lap"))
    return Replay(
        source.name,
        actor,
        start,
        end,
        laps[(laps > start) & (laps < end)] if len(laps) else np.empty(0),
        tuple((note.time, note.text) for note in notes if note.kind != "lap"),
        tuple(missing),
        tracks=partial(_tracks, source),
        motion=None if actor is None else partial(_motion, source),
        again=None if actor is None else lambda: SkeletonActor(StoredPose(recording)),
        close=recording.close,
    )


def _lacks(recording: Recording) -> Iterator[str]:
    if not recording.streams:
        yield "no sensor is in it"
    elif recording.duration == 0.0:
        yield "no sample is in it"
    if not recording.complete:
        yield "it was not closed in order: what is there is shown"


@contextmanager
def _motion(source: Path) -> Iterator[Motion]:
    with open_recording(source) as recording:
        yield StoredPose(recording)


def _tracks(source: Path) -> list[Track]:
    """Heart rate, and cadence as a foot pod or a watch told it."""
    with open_recording(source) as recording:
        signals = heart_signals(recording)
    tracks = []
    try:
        rate = heart_session(signals).rate
        tracks.append(Track("Heart rate", "bpm", rate.time, rate.bpm))
    except SignalError:
        pass  # nothing of the heart, or nothing of use: then there is no such panel
    if len(signals.cadence):
        cadence = signals.cadence.increasing()
        tracks.append(Track("Cadence", "steps/min", cadence.time, cadence.values))
    return tracks
