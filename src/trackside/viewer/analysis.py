"""The thread that finds strides, heart rate and the like while the replay is looked at already."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, QThread, Signal

from trackside.errors import TracksideError
from trackside.kinematics.stride_curves import StrideCurves
from trackside.viewer.actors import OpenMotion
from trackside.viewer.stride_table import StrideTable, stride_parts
from trackside.viewer.tracks import Track, thinned

_TELL_EVERY = 4  # parts; a table of all strides so far costs more, the longer it is


class Analysis(QThread):
    """Looks through a session once.

    ``strides`` is emitted with a StrideTable that grows, and the share done; ``tracks`` with
    a list of Track; ``failed`` with what went wrong. Parameters as in Replay.
    """

    strides = Signal(object, float)
    tracks = Signal(object)
    failed = Signal(str)

    def __init__(
        self,
        motion: OpenMotion | None,
        tracks: Callable[[], Sequence[Track]] = tuple,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._motion, self._read_tracks = motion, tracks

    def run(self) -> None:
        """Do it, in the thread."""
        try:
            self.tracks.emit([thinned(track) for track in self._read_tracks()])
            if self._motion is not None:
                for table, share in self._tables(self._motion):
                    self.strides.emit(table, share)
        except (TracksideError, OSError) as error:
            self.failed.emit(str(error))

    def stop(self) -> None:
        """End it, and wait for that."""
        self.requestInterruption()
        self.wait()

    def _tables(self, opened: OpenMotion) -> Iterator[tuple[StrideTable, float]]:
        parts: list[StrideCurves] = []
        first_reason = ""
        with opened() as motion:
            for number, (curves, reason, share) in enumerate(stride_parts(motion)):
                parts += curves
                first_reason = first_reason or reason
                if self.isInterruptionRequested():
                    return
                if share >= 1.0 or number % _TELL_EVERY == 0:
                    yield StrideTable(parts, first_reason), share
