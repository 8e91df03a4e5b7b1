"""Cues as annotations of a recording: made of cues, and read again by those who show them."""

from typing import TYPE_CHECKING

from trackside.recordings.model import Annotation

if TYPE_CHECKING:
    from trackside.planner.cues import Cue

CUE = "cue"
"""The kind of annotation that a cue becomes."""


def cue_text(cue: "Cue") -> str:
    """What the athlete is told, and why, in one line."""
    return f"{cue.text}: {cue.reason}"


def cue_annotation(cue: "Cue") -> Annotation:
    """A cue as it is kept in the recording."""
    return Annotation(cue.time, CUE, cue_text(cue))


def cue_words(text: str) -> tuple[str, str]:
    """What the athlete is told, and why, of a :func:`cue_text`: no reason has a colon."""
    told, colon, reason = text.rpartition(": ")
    return (told, reason) if colon else (text, "")
