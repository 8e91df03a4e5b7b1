"""Numbers that change with every frame, in colours of their own."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

_GAP = 1.2  # heights of the text between two of them


class Readings(QWidget):
    """Texts in a row, flush right, that never ask for another layout of the window.

    As a label would each time that its text is another one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._shown: list[tuple[str, str]] = []
        self._ground = "#000000"

    def give_room(self, width: int, text: int, ground: str) -> None:
        """Take ``width`` and a text size, px, and the colour behind it."""
        self.setFixedSize(width, round(1.5 * text))
        self._ground = ground

    def show_texts(self, shown: list[tuple[str, str]]) -> None:
        """Show texts, each with its colour."""
        if shown != self._shown:
            self._shown = shown
            self.update()

    @property
    def texts(self) -> list[str]:
        """What is shown."""
        return [text for text, _ in self._shown]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the texts from the last to the first."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._ground))
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        right = self.rect()
        for text, colour in reversed(self._shown):
            painter.setPen(QColor(colour))
            painter.drawText(
                right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
            gap = round(_GAP * metrics.height())
            right.setRight(right.right() - metrics.horizontalAdvance(text) - gap)
        painter.end()
