"""What the athlete is told, across the live window, to be read at a glance from some steps away."""

from typing import Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from trackside.viewer.lettering import font
from trackside.viewer.scheme import Scheme

TOLD: Final = 46.0  # px of letters in a window of usual size
REASON: Final = 22.0
MARGIN: Final = 16


class CueBanner(QWidget):
    """What to do in large letters, and why below them; hidden while there is nothing to say."""

    def __init__(self, scheme: Scheme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scheme = scheme
        self.told = self.reason = ""
        self.set_scale(1.0)
        self.hide()

    def set_scale(self, scale: float) -> None:
        """Draw everything so many times as large."""
        self._scale = scale
        self.setFixedHeight(round((1.35 * TOLD + 1.7 * REASON) * scale))

    def say(self, told: str, reason: str) -> None:
        """Show what is told and why; nothing hides the banner."""
        self.setVisible(bool(told))
        if (told, reason) != (self.told, self.reason):
            self.told, self.reason = told, reason
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Draw both lines, smaller if they are too long for the width."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self.scheme.accent))
        painter.setPen(QColor(self.scheme.panel))
        inner = self.rect().adjusted(MARGIN, 0, -MARGIN, 0)
        edge = round(1.35 * TOLD * self._scale)
        upper = QRect(inner.left(), 0, inner.width(), edge)
        lower = QRect(inner.left(), edge, inner.width(), round(1.4 * REASON * self._scale))
        for text, box, size in ((self.told, upper, TOLD), (self.reason, lower, REASON)):
            letters, shown = _fitted(text, size * self._scale, box.width())
            painter.setFont(letters)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


def _fitted(text: str, size: float, width: int) -> tuple[QFont, str]:
    """Letters for a text of that width, half of their ``size`` (px) at least, and what fits."""
    wanted = QFontMetrics(font(size, bold=True)).horizontalAdvance(text)
    letters = font(size * min(1.0, max(0.5, width / max(wanted, 1))), bold=True)
    return letters, QFontMetrics(letters).elidedText(text, Qt.TextElideMode.ElideRight, width)
