"""The look of a window: its style sheet in a scheme's colours, with text that grows with it."""

from trackside.viewer.scheme import Scheme

SMALLEST_TEXT = 12  # px
_LINES = 66  # lines of text in the height of a window


def text_size(height: int) -> int:
    """Size of the text in px in a window of that height."""
    return max(SMALLEST_TEXT, round(height / _LINES))


def style_sheet(scheme: Scheme, text: int) -> str:
    """The style sheet of a whole window; ``text`` px."""
    small = max(2, text // 5)
    return f"""
* {{ font-size: {text}px; color: {scheme.text}; }}
QMainWindow, QWidget#window {{ background: {scheme.background}; }}
QFrame#bar, QFrame#panel {{ background: {scheme.panel}; border: 0; }}
QLabel#title {{ font-weight: 600; }}
QLabel#clock {{ font-weight: 600; font-size: {round(1.5 * text)}px; }}
QLabel#muted {{ color: {scheme.muted}; }}
QLabel#missing {{ color: {scheme.warning}; background: {scheme.panel}; padding: {small}px; }}
QLabel#nothing {{ color: {scheme.warning}; font-size: {round(1.3 * text)}px; }}
QToolButton, QPushButton, QComboBox {{
    background: {scheme.background}; border: 1px solid {scheme.panel_line};
    border-radius: {small}px; padding: {small}px {2 * small}px; color: {scheme.text};
}}
QToolButton:hover, QComboBox:hover {{ border-color: {scheme.accent}; }}
QToolButton:focus, QComboBox:focus {{ border-color: {scheme.accent}; }}
QToolButton:checked {{
    background: {scheme.accent}; color: {scheme.panel}; border-color: {scheme.accent};
}}
QToolButton:disabled, QComboBox:disabled {{ color: {scheme.muted}; }}
QToolButton::menu-indicator {{ image: none; }}
QComboBox::drop-down {{ border: 0; width: {text + 2 * small}px; }}
QComboBox::down-arrow {{
    width: 0; height: 0; border-left: {small + 1}px solid {scheme.background};
    border-right: {small + 1}px solid {scheme.background};
    border-top: {small + 3}px solid {scheme.muted};
}}
QComboBox QAbstractItemView, QMenu {{
    background: {scheme.panel}; color: {scheme.text}; border: 1px solid {scheme.panel_line};
    selection-background-color: {scheme.accent}; selection-color: {scheme.panel};
}}
QMenu::item {{ padding: {small}px {3 * small}px; }}
QMenu::item:selected {{ background: {scheme.accent}; color: {scheme.panel}; }}
QSplitter::handle {{ background: {scheme.panel_line}; }}
QToolTip {{ background: {scheme.panel}; color: {scheme.text}; }}
"""
