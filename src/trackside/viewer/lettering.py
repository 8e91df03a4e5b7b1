"""The one type that all windows are lettered in."""

from PySide6.QtGui import QFont


def font(size: float, *, bold: bool = False) -> QFont:
    """A sans-serif of that size in px, not smaller than can be read."""
    made = QFont("DejaVu Sans")
    made.setStyleHint(QFont.StyleHint.SansSerif)
    made.setPixelSize(max(9, round(size)))
    made.setBold(bold)
    return made
