"""The list of keys, over the window."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from trackside.viewer.scheme import Scheme


class HelpOverlay(QFrame):
    """Keys and what they do, over ``window``; any key or click closes it."""

    def __init__(self, window: QWidget, keys: tuple[tuple[str, str], ...], more: str) -> None:
        super().__init__(window)
        self._window = window
        self._card = QFrame(self)
        table = QGridLayout(self._card)
        half = (len(keys) + 1) // 2
        for number, (key, what) in enumerate(keys):
            row, column = number % half, 3 * (number // half)
            label = QLabel(key, self._card)
            label.setObjectName("key")
            table.addWidget(label, row, column, Qt.AlignmentFlag.AlignRight)
            table.addWidget(QLabel(what, self._card), row, column + 1)
        table.setColumnMinimumWidth(2, 24)
        note = QLabel(more, self._card)
        note.setWordWrap(True)
        table.addWidget(note, half, 0, 1, 5)
        outer = QVBoxLayout(self)
        outer.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        window.installEventFilter(self)
        self.hide()

    def show_scheme(self, scheme: Scheme, text: int) -> None:
        """Take colours, and a text size in px."""
        shade = "rgba(0, 0, 0, 120)"
        self.setStyleSheet(
            f"HelpOverlay {{ background: {shade}; }}"
            f"HelpOverlay > QFrame {{ background: {scheme.panel}; border-radius: {text}px;"
            f" padding: {text}px; }}"
            f"QLabel {{ background: transparent; color: {scheme.text}; }}"
            f"QLabel#key {{ font-weight: 600; color: {scheme.accent}; }}"
        )

    def toggle(self) -> None:
        """Show or hide it."""
        self.setGeometry(self._window.rect())
        self.setVisible(not self.isVisible())
        self.raise_()
        if self.isVisible():
            self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Close it."""
        del event
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Close it."""
        del event
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)
