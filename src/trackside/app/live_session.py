"""What the live window shows, from the blocks as they come: the whole pipeline without a window."""

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

import numpy as np

from trackside.app.cue_notes import CUE, cue_words
from trackside.app.live_body import BodyFrame, LiveBody
from trackside.app.live_calibration import Found
from trackside.app.live_features import USUAL_ANGLES, LiveAngle, LiveCadence, LiveHeart
from trackside.app.live_options import LiveOptions
from trackside.app.solving import DEFAULT_HEIGHT
from trackside.kinematics.calibration import StaticPose
from trackside.kinematics.skeleton import skeleton_for
from trackside.recordings.model import Annotation, Athlete, Block, Stream
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.live_picture import LivePicture, LiveTitle
from trackside.viewer.sensor_state import SensorState

LAP, MARK = "lap", "mark"
MESSAGES: Final = 2  # of the recorder, the latest
CUE_SHOWN: Final = 8.0  # s
LEFT_OUT_SHOWN: Final = 20.0  # s


class LiveSession:
    """Blocks, remarks and sensors' states in, pictures out.

    ``name``: the recording's; ``streams``: all that will come. Raises ParameterError for an angle
    or a height that cannot be.
    """

    def __init__(
        self,
        name: str,
        streams: Sequence[Stream],
        athlete: Athlete,
        options: LiveOptions,
        executor: Executor,
    ) -> None:
        skeleton = skeleton_for(options.height or athlete.height or DEFAULT_HEIGHT)
        self.title = LiveTitle(name, skeleton, athlete.name, options.zones)
        self._body = LiveBody(
            streams, skeleton, executor, StaticPose(options.pose), options.earlier
        )
        self._heart = LiveHeart(streams)
        self._cadence = LiveCadence(streams, self._body.sensors)
        self._angle = LiveAngle(options.angle)
        self._states: Sequence[SensorState] = ()
        self._messages: Sequence[str] = ()
        self._strides: LastStrides | None = None
        self._arrival = -np.inf
        self._time = 0.0
        self._laps = self._marks = 0
        self._left_out, self._left_out_at = 0, -np.inf
        self._cues: list[Annotation] = []

    def take(self, item: Block | Annotation) -> None:
        """Take the next block or remark."""
        if isinstance(item, Annotation):
            self._laps += item.kind == LAP
            self._marks += item.kind == MARK
            if item.kind == CUE:
                self._cues.append(item)
            return
        if not len(item):
            return
        arrival = item.time if item.host_time is None else item.host_time
        self._arrival = max(self._arrival, float(arrival[-1]))
        self._time = max(self._time, float(item.time[-1]))
        self._body.add(item)
        self._heart.add(item)
        self._cadence.add(item)

    def show_states(
        self,
        states: Sequence[SensorState],
        messages: Sequence[str] = (),
        strides: LastStrides | None = None,
    ) -> None:
        """Take the sensors' states, the recorder's latest messages, and the last strides."""
        self._states, self._messages, self._strides = states, messages, strides

    def leave_out(self, count: int) -> None:
        """Take note that ``count`` messages did not come here; they are in the recording."""
        self._left_out += count
        self._left_out_at = self._time

    def next_angle(self) -> None:
        """Plot another joint's angle."""
        names = [*USUAL_ANGLES]
        place = names.index(self._angle.name) if self._angle.name in names else -1
        self._angle = LiveAngle(names[(place + 1) % len(names)])

    def calibrate_anew(self) -> None:
        """Take the next standing and walking for the calibration."""
        self._body.calibrate_anew()

    def use(self, found: Found) -> None:
        """Take a calibration that somebody else has found."""
        self._body.use(found)

    def picture(self, latest: float = np.inf) -> LivePicture:
        """The session at the moment of the newest samples, but not after ``latest`` (s)."""
        frame = self._body.frame(latest)
        time = min(self._time, latest)
        return LivePicture(
            time=time,
            arrival=self._arrival,
            orientations=frame.orientations,
            root=frame.root,
            measured=frame.measured,
            calibrated=frame.calibrated,
            todo=frame.todo,
            heart_rate=self._heart.rate(time),
            cadence=self._cadence.value(time),
            strides=self._strides,
            angle=self._angle.name,
            angles=self._angle.degrees(frame.orientations, frame.measured),
            angles_sd=self._angle.deviations(frame.joint_sd),
            sensors=self._states,
            laps=self._laps,
            marks=self._marks,
            remarks=self._remarks(frame),
            cue=self._cue(time),
        )

    def _cue(self, time: float) -> tuple[str, str]:
        """What the athlete was told last, if that was a moment ago."""
        for cue in reversed(self._cues):
            if cue.time <= time:
                return cue_words(cue.text) if time - cue.time < CUE_SHOWN else ("", "")
        return "", ""

    def _remarks(self, frame: BodyFrame) -> list[str]:
        """What is missing, in words."""
        remarks = []
        if frame.uncalibrated and frame.calibrated:
            late = ", ".join(segment.replace("_", " ") for segment in frame.uncalibrated)
            remarks.append(f"{late}: not calibrated; stand still for 2 s and walk")
        if len(self._body.sensors) == 1:
            only = self._body.sensors[0].segment.replace("_", " ")
            remarks.append(f"only one body sensor ({only}): all other joints are at rest")
        if not self._heart.is_worn:
            remarks.append("no heart rate sensor in this recording")
        if self._time - self._left_out_at < LEFT_OUT_SHOWN:
            remarks.append(f"{self._left_out} blocks not shown here; they are recorded")
        remarks += [f"{name}: {why}" for name, why in self._body.problems.items()]
        cues = {cue.text for cue in self._cues}  # the recorder says them, too
        messages = [text for text in self._messages if text not in cues]
        return [*remarks, *messages[-MESSAGES:]]
