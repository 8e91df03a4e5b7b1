"""What a session report holds: the numbers of ``features`` and ``angles``, and plain words.

Nothing is computed here that those commands do not compute; what is missing has a reason.
"""

from dataclasses import dataclass
from pathlib import Path

from trackside.app.gait_words import asymmetry_in_words, in_words
from trackside.app.session_features import MeasuredSession, features_of, measured_session
from trackside.app.stretches import POSE_FILES, pose_of
from trackside.arrays import Floats
from trackside.errors import MissingDataError
from trackside.kinematics.activity import Activity
from trackside.kinematics.comparison import (
    Deviation,
    Irregularity,
    asymmetries,
    deviations,
    irregularities,
)
from trackside.kinematics.normative_curves import Norm, norm_named, norms
from trackside.kinematics.session_features import Gait, HeartRate, SessionFeatures
from trackside.kinematics.stride_curves import StrideCurves, stride_curves
from trackside.planner.athlete import Athlete
from trackside.recordings.placements import SIDES
from trackside.recordings.reader import Recording, open_recording

NEAR_NORM = 0.6
"""m/s by which a norm's speed may be another one, to be shown unasked."""
MOST_WORDS = 3
"""Irregularities that are told, of each kind."""

AROUND = 16
"""Strides that a running median is over; an even number, so that both feet count alike."""


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

    ``facts``: whose session it is, when, how long; ``sensors``: what was worn; ``duration`` and
    ``laps`` s. ``measured`` and ``features`` are those of ``trackside features``, None for a pose
    from elsewhere.
    """

    title: str
    facts: tuple[str, ...]
    sensors: tuple[str, ...]
    duration: float
    laps: tuple[float, ...]
    form: Form
    measured: MeasuredSession | None = None
    features: SessionFeatures | None = None
    athlete: Athlete | None = None

    @property
    def gait(self) -> tuple[Activity, Gait] | None:
        """What was done for longest on foot, and its features."""
        return _main_gait(self.features)

    @property
    def heart(self) -> HeartRate | None:
        """What is told of the heart rate."""
        return self.features.session.heart_rate if self.features else None

    @property
    def headlines(self) -> list[str]:
        """The session in a few plain sentences."""
        words = [*_gait_words(self), *_contact_words(self), *_heart_words(self)]
        return words + [_sentence(text) for text in _form_words(self.form)]

    @property
    def missing(self) -> list[str]:
        """What is not shown or to be doubted, and why."""
        reasons: list[str | None] = [self.form.missing]
        if self.features is not None:
            session = self.features.session
            reasons += [session.gait_reason, session.heart_rate_reason, *self.features.remarks]
        else:
            reasons.append(
                "steps, strides and heart rate need a recording: this file holds a pose only"
            )
        if self.gait is not None:
            reasons.append(_why("stride length", self.gait[1].stride_length_m.reason))
            reasons.append(_why("contact time", self.gait[1].contact_time_s.reason))
        if self.heart is not None:
            reasons.append(_why("TRIMP and zones", self.heart.banister_trimp.reason))
            reasons.append(_why("Lucía's load", self.heart.lucia_load.reason))
            reasons += self.heart.remarks
        return [_sentence(reason) for reason in dict.fromkeys(reasons) if reason]


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
        measured = measured_session(recording, athlete)
        try:
            features = features_of(recording, measured, athlete, thresholds)
        except MissingDataError as error:
            features = None
            nothing = str(error)
        form = _form(source, chosen, features)
        if features is None and form.curves is None:
            raise MissingDataError(f"nothing to report: {nothing}")
        return Content(
            source.name,
            _facts(recording),
            _sensors(recording),
            recording.duration,
            tuple(note.time for note in recording.annotations if note.kind == "lap"),
            form,
            measured,
            features,
            athlete,
        )


def _of_pose_file(source: Path, norm: Norm | None) -> Content:
    pose = pose_of(source)
    form = _form(source, norm, None)
    if form.curves is None:
        raise MissingDataError(f"{source}: nothing to report: {form.missing}")
    length = float(pose.time[-1] - pose.time[0])
    return Content(source.name, (f"{length:.1f} s",), (), length, (), form)


def _main_gait(features: SessionFeatures | None) -> tuple[Activity, Gait] | None:
    gaits = features.session.gait if features else {}
    if not gaits:
        return None
    return max(gaits.items(), key=lambda item: item[1].duration_s)


def _form(source: Path, norm: Norm | None, features: SessionFeatures | None) -> Form:
    try:
        curves = stride_curves(pose_of(source))
    except MissingDataError as error:
        return Form(None, missing=f"joint angles: {error}")
    own = curves.curves()
    sides = asymmetries(own)
    gait = _main_gait(features)
    if norm is None and gait is not None and gait[1].speed_m_per_s.mean is not None:
        norm = _nearest_norm(curves, gait[1].speed_m_per_s.mean)
    irregular: list[Irregularity] = []
    missing = "no norm is near this gait and speed: choose one with --norm"
    if norm is not None:
        missing = ""
        try:
            irregular = irregularities(deviations(own, norm.of_both_sides(), norm.shape_only))
        except MissingDataError as error:
            missing = f"norm {norm.name}: {error}"
    return Form(curves, norm, tuple(irregular), tuple(irregularities(sides)), tuple(sides), missing)


def _nearest_norm(curves: StrideCurves, speed: float) -> Norm | None:
    """The norm of the same gait whose speed (m/s) is nearest, if it is near."""
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
    facts = [
        f"{athlete.name}{height}" if athlete.name else "",
        f"{recording.start_time:%d %B %Y, %H:%M}",
        _time(recording.duration),
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


def _gait_words(content: Content) -> list[str]:
    """What was done on foot, for how long and how fast."""
    if content.features is None or content.gait is None:
        return []
    activity, gait = content.gait
    words = [f"{activity.capitalize()} for {_time(gait.duration_s)}"]
    way = content.features.session.distance_m.value
    if way is not None:
        words[0] += f", {way:.0f} m in all"
    for feature, text in (
        (gait.cadence_steps_per_min, "{:.0f} steps/min"),
        (gait.stride_length_m, "strides of {:.2f} m"),
        (gait.speed_m_per_s, "{:.2f} m/s"),
    ):
        if feature.mean is not None:
            words.append(text.format(feature.mean))
    return ["; ".join([words[0], ", ".join(words[1:])]) + "."]


def _contact_words(content: Content) -> list[str]:
    if content.gait is None:
        return []
    contact, flight = content.gait[1].contact_time_s, content.gait[1].flight_time_s
    if contact.mean is None:
        return []
    text = f"A foot is on the ground for {1000 * contact.mean:.0f} ms"
    if flight.mean is not None and flight.mean > 0:
        text += f", and {1000 * flight.mean:.0f} ms pass in flight"
    if contact.right is not None and contact.left is not None:
        text += f"; right {1000 * contact.right:.0f} ms, left {1000 * contact.left:.0f} ms"
        if contact.symmetry_percent is not None:
            text += f" (symmetry index {contact.symmetry_percent:+.1f} %)"
    return [text + "."]


def _heart_words(content: Content) -> list[str]:
    heart = content.heart
    if heart is None or heart.mean_bpm.value is None:
        return []
    low, high = heart.lowest_bpm.value, heart.highest_bpm.value
    text = f"Heart rate {heart.mean_bpm.value:.0f} bpm on average"
    if low is not None and high is not None:
        text += f", from {low:.0f} to {high:.0f} bpm"
    if heart.banister_trimp.value is not None:
        text += f"; TRIMP {heart.banister_trimp.value:.0f}"
    if heart.drift_bpm_per_hour.value is not None:
        text += f"; at the same pace {heart.drift_bpm_per_hour.value:+.1f} bpm per hour"
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


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _why(what: str, reason: str | None) -> str | None:
    return reason and f"{what}: {reason}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def rolling_median(values: Floats) -> Floats:
    """The median of AROUND values around each, of fewer at both ends."""
    import pandas as pd

    return pd.Series(values).rolling(AROUND, center=True, min_periods=1).median().to_numpy(float)
