"""What a session report holds: the numbers of ``features`` and ``angles``, and plain words.

Nothing is computed here that those commands do not compute; what is missing has a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trackside.app.gait_words import asymmetry_in_words, in_words
from trackside.app.heart_report import heart_report
from trackside.app.heart_signals import heart_signals
from trackside.app.reports import gait_report
from trackside.app.sensors import placed_imus
from trackside.app.session_features import gait_or_reason
from trackside.app.stretches import POSE_FILES, pose_of
from trackside.arrays import Floats
from trackside.errors import MissingDataError, SignalError
from trackside.filters.heart_rate_session import HeartSession, Series, heart_session
from trackside.kinematics.comparison import (
    Deviation,
    Irregularity,
    asymmetries,
    deviations,
    irregularities,
)
from trackside.kinematics.normative_curves import Norm, norm_named, norms
from trackside.kinematics.stride_curves import StrideCurves, stride_curves
from trackside.kinematics.stride_summary import stride_summary
from trackside.kinematics.strides import stride_table
from trackside.planner.athlete import Athlete
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import Recording, open_recording

if TYPE_CHECKING:
    import pandas as pd

NEAR_NORM = 0.6
"""m/s by which a norm's speed may be another one, to be shown unasked."""
MOST_WORDS = 3
"""Irregularities that are told, of each kind."""

AROUND = 16
"""Strides that a running median is over; an even number, so that both feet count alike."""

Summary = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Gait:
    """Steps and strides: the tables of ``trackside features``, each with a reason if missing.

    ``cadence`` in steps/min, 0 while standing. ``strides``: one row each, ``summary`` of them.
    """

    report: dict[str, Any] | None
    cadence: Series
    strides: "pd.DataFrame | None"
    summary: Summary
    no_steps: str = ""
    no_strides: str = ""


@dataclass(frozen=True)
class Heart:
    """The heart rate, and what ``trackside features`` tells of it."""

    session: HeartSession | None
    report: dict[str, Any]
    missing: str = ""


@dataclass(frozen=True)
class Form:
    """Joint angles over the stride, beside a norm where there is one."""

    curves: StrideCurves | None
    norm: Norm | None = None
    irregular: tuple[Irregularity, ...] = ()
    asymmetric: tuple[Irregularity, ...] = ()
    sides: tuple[Deviation, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Content:
    """Everything that a report shows.

    ``facts``: whose session it is, when, how long; ``sensors``: what was worn; ``laps`` s.
    """

    title: str
    facts: tuple[str, ...]
    sensors: tuple[str, ...]
    duration: float
    laps: tuple[float, ...]
    gait: Gait
    heart: Heart
    form: Form
    athlete: Athlete | None = None

    @property
    def headlines(self) -> list[str]:
        """The session in a few plain sentences."""
        return [*_running_words(self), *_contact_words(self.gait), *_heart_words(self.heart)] + [
            f"{text[0].upper()}{text[1:]}." for text in _form_words(self.form)
        ]

    @property
    def missing(self) -> list[str]:
        """What is not shown, and why."""
        reasons = [self.gait.no_steps, self.gait.no_strides, self.heart.missing, self.form.missing]
        reasons += self.heart.report.get("load", {}).get("remarks", [])
        return [f"{reason[0].upper()}{reason[1:]}." for reason in dict.fromkeys(reasons) if reason]


def report_content(
    source: Path,
    athlete: Athlete | None = None,
    thresholds: tuple[float, float] | None = None,
    norm: str | None = None,
) -> Content:
    """Gather the report of a recording, or of the pose in a .bvh or .mvnx.

    ``norm``: its name; without it the one nearest in speed is taken, if one is near. Raises
    MissingDataError if there is neither gait nor heart rate, ParameterError for an unknown norm.
    """
    chosen = None if norm is None else norm_named(norm)
    if source.suffix.lower() in POSE_FILES:
        return _of_pose_file(source, chosen)
    with open_recording(source) as recording:
        gait = _gait(recording)
        heart = _heart(recording, athlete, thresholds)
        form = _form(source, chosen, gait.summary)
        if gait.report is None and heart.session is None and form.curves is None:
            raise MissingDataError(f"{source}: nothing to report: {gait.no_steps}; {heart.missing}")
        return Content(
            source.name,
            _facts(recording),
            _sensors(recording),
            recording.duration,
            tuple(note.time for note in recording.annotations if note.kind == "lap"),
            gait,
            heart,
            form,
            athlete,
        )


def _of_pose_file(source: Path, norm: Norm | None) -> Content:
    pose = pose_of(source)
    form = _form(source, norm, {})
    if form.curves is None:
        raise MissingDataError(f"{source}: nothing to report: {form.missing}")
    reason = "steps, strides and heart rate need a recording: this file holds a pose only"
    length = float(pose.time[-1] - pose.time[0])
    return Content(
        source.name,
        (f"{length:.1f} s",),
        (),
        length,
        (),
        Gait(None, Series(), None, {}, reason),
        Heart(None, {}),
        form,
    )


def _gait(recording: Recording) -> Gait:
    gait, no_steps = gait_or_reason(recording)
    cadence = heart_signals(recording, gait).cadence.increasing()
    if len(cadence):
        no_steps = ""
    report = None if gait is None else gait_report(gait)
    try:
        strides = stride_table(placed_imus(recording))
    except (MissingDataError, SignalError) as error:
        return Gait(
            report, cadence, None, {}, no_steps, "" if no_steps else f"strides of the feet: {error}"
        )
    if strides.empty:
        return Gait(report, cadence, None, {}, no_steps, "the feet took no stride")
    return Gait(report, cadence, strides, stride_summary(strides), no_steps)


def _heart(
    recording: Recording, athlete: Athlete | None, thresholds: tuple[float, float] | None
) -> Heart:
    gait, _ = gait_or_reason(recording)
    try:
        session = heart_session(heart_signals(recording, gait))
    except SignalError as error:
        return Heart(None, {}, str(error))
    return Heart(session, heart_report(session, athlete, thresholds))


def _form(source: Path, norm: Norm | None, summary: Summary) -> Form:
    try:
        curves = stride_curves(pose_of(source))
    except MissingDataError as error:
        return Form(None, missing=f"joint angles: {error}")
    own = curves.curves()
    sides = asymmetries(own)
    if norm is None:
        norm = _nearest_norm(curves, summary)
    irregular: list[Irregularity] = []
    missing = "no norm is near this gait and speed: choose one with --norm"
    if norm is not None:
        missing = ""
        try:
            irregular = irregularities(deviations(own, norm.of_both_sides(), norm.shape_only))
        except MissingDataError as error:
            missing = f"norm {norm.name}: {error}"
    return Form(curves, norm, tuple(irregular), tuple(irregularities(sides)), tuple(sides), missing)


def _nearest_norm(curves: StrideCurves, summary: Summary) -> Norm | None:
    """The norm of the same gait whose speed is nearest, if it is near."""
    speed = summary.get("speed_m_per_s", {}).get("mean", np.nan)
    gaits = {strides.walking for strides in curves.strides.values()}
    near = [
        norm
        for norm in norms().values()
        if {norm.walking} == gaits and abs(norm.speed - speed) <= NEAR_NORM
    ]
    return min(near, key=lambda norm: abs(norm.speed - speed), default=None)


def _facts(recording: Recording) -> tuple[str, ...]:
    athlete = recording.athlete
    height = f", {athlete.height:.2f} m" if athlete.height else ""
    minutes, seconds = divmod(round(recording.duration), 60)
    facts = [
        f"{athlete.name}{height}" if athlete.name else "",
        f"{recording.start_time:%d %B %Y, %H:%M}",
        f"{minutes} min {seconds} s" if minutes else f"{seconds} s",
        "" if recording.complete else "incomplete: the recorder did not close it",
    ]
    return tuple(fact for fact in facts if fact)


def _sensors(recording: Recording) -> tuple[str, ...]:
    """What was worn, and what is missing of it, in words."""
    names, lost = [], {}
    for name, stream in recording.streams.items():
        rows = recording.rows(name)
        if rows:
            missing = sum(gap.missing for gap in recording.gaps(name))
            names.append(stream.placement or name)
            lost[names[-1]] = 100.0 * missing / (rows + missing)
    if not names:
        return ()
    worst = max(lost, key=lambda name: lost[name])
    told = "No sample is missing."
    if lost[worst] > 0.0:
        told = f"Missing samples: {lost[worst]:.1f} % at {worst.replace('_', ' ')}, elsewhere less."
    return f"{', '.join(_both_sides(names))}.".capitalize(), told


def _both_sides(names: list[str]) -> list[str]:
    """``["both feet …"]``: right and left of the same in one."""
    words = []
    for name in dict.fromkeys(names):
        side, _, bare = name.partition("_")
        others = {f"{other}_{bare}" for other in SIDES}
        if side not in SIDES or not others <= {*names}:
            words.append(name.replace("_", " "))
        elif side == SIDES[0]:
            words.append(f"right and left {bare.replace('_', ' ')}")
    return words


def _running_words(content: Content) -> list[str]:
    gait, form = content.gait, content.form
    summary = gait.summary
    kind = "steps"
    if form.curves is not None:
        walking = {strides.walking for strides in form.curves.strides.values()}
        kind = "steps walking" if walking == {True} else "steps running"
    words = []
    if gait.report is not None and gait.report["steps"]:
        words.append(f"{gait.report['steps']} {kind}")
        if gait.report["cadence_steps_per_min"]:
            words.append(f"on average {gait.report['cadence_steps_per_min']:.0f} steps/min")
    if summary:
        words.append(f"strides of {summary['stride_length_m']['mean']:.2f} m")
        words.append(f"{summary['speed_m_per_s']['mean']:.2f} m/s")
    return [", ".join(words) + "."] if words else []


def _contact_words(gait: Gait) -> list[str]:
    contact = gait.summary.get("contact_time_s")
    if not contact:
        return []
    text = f"A foot is on the ground for {1000 * contact['mean']:.0f} ms"
    flight = gait.summary["flight_time_s"]["mean"]
    if flight > 0:
        text += f", and {1000 * flight:.0f} ms pass in flight"
    if "right" in contact:
        right, left = (1000 * contact[side] for side in SIDES)
        text += (
            f"; right {right:.0f} ms, left {left:.0f} ms "
            f"(symmetry index {contact['symmetry_percent']:+.1f} %)"
        )
    return [text + "."]


def _heart_words(heart: Heart) -> list[str]:
    report = heart.report
    if heart.session is None or report["heart_rate_mean_bpm"] is None:
        return []
    text = (
        f"Heart rate {report['heart_rate_mean_bpm']:.0f} bpm on average, from "
        f"{report['heart_rate_lowest_bpm']:.0f} to {report['heart_rate_highest_bpm']:.0f} bpm"
    )
    if report["load"]["banister_trimp"] is not None:
        text += f"; TRIMP {report['load']['banister_trimp']:.0f}"
    if report["drift"]["drift_bpm_per_hour"] is not None:
        text += f"; at the same pace {report['drift']['drift_bpm_per_hour']:+.1f} bpm per hour"
    return [text + "."]


def _form_words(form: Form) -> list[str]:
    if form.curves is None:
        return []
    own = form.curves

    def stance(item: Irregularity) -> float:
        return own.strides[own.side_of(item.angle)].stance

    told = [asymmetry_in_words(item, stance(item)) for item in form.asymmetric[:MOST_WORDS]]
    if form.norm is not None:
        told += [
            in_words(item, stance(item), than=f" than in {form.norm.title}")
            for item in form.irregular[:MOST_WORDS]
        ]
    if form.sides and not form.asymmetric:
        told.append("left and right move alike within 5° and two standard deviations")
    return told


def rolling_median(values: Floats) -> Floats:
    """The median of AROUND values around each, of fewer at both ends."""
    import pandas as pd

    return pd.Series(values).rolling(AROUND, center=True, min_periods=1).median().to_numpy(float)
