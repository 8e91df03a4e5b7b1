"""A video that is made while its window goes on living: another thread feeds ffmpeg."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Queue

from PySide6.QtCore import QObject, QThread, QTimer, Signal
from PySide6.QtGui import QImage

from trackside.errors import TracksideError
from trackside.viewer.video import VideoError, ffmpeg, write_video

_WAITING = 2  # frames that wait for ffmpeg
_PAUSE = 2  # ms for the window's other events between two frames


class Film(QThread):
    """A video of ``moments`` (s) in the size of the first picture; begins with ``start``.

    ``picture`` is called in the window's thread. ``done`` is emitted at the end; ``error`` then
    tells what went wrong. Raises MissingDataError without ffmpeg.
    """

    done = Signal()

    def __init__(
        self,
        path: Path,
        moments: Sequence[float],
        picture: Callable[[float], QImage],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        ffmpeg()
        self.path = path
        self.error: TracksideError | OSError | None = None
        self.is_done = False
        self._moments, self._picture = list(moments), picture
        self._size = picture(self._moments[0]).size()
        self._made = 0
        self._frames: Queue[bytes | None] = Queue(_WAITING)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._make_next)
        self.started.connect(lambda: self._timer.start(_PAUSE))
        self.finished.connect(self._end)

    @property
    def share(self) -> float:
        """What part of it is made."""
        return self._made / len(self._moments)

    def run(self) -> None:
        """Feed ffmpeg, in the thread."""
        size = self._size.width(), self._size.height()
        try:
            write_video(self.path, size, self._taken())
        except (TracksideError, OSError) as error:
            self.error = error

    def stop(self) -> None:
        """Leave it unfinished, without a file, and wait for that."""
        self.requestInterruption()
        while not self.wait(_PAUSE):
            if not self._frames.full():
                self._frames.put(None)

    def _taken(self) -> Iterator[bytes]:
        while (frame := self._frames.get()) is not None:
            yield frame
        if self.isInterruptionRequested():
            raise VideoError(f"{self.path}: stopped before its end")

    def _make_next(self) -> None:
        if self._frames.full():
            return
        if self._made == len(self._moments):
            self._timer.stop()
            self._frames.put(None)
            return
        picture = self._picture(self._moments[self._made]).scaled(self._size)
        self._made += 1
        self._frames.put(bytes(picture.convertToFormat(QImage.Format.Format_RGBX8888).constBits()))

    def _end(self) -> None:
        self._timer.stop()
        self.is_done = True
        self.done.emit()
