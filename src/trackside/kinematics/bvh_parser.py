"""Text of a BVH file to a document.

The format has no standard; other programs differ on its edges. Reading takes whatever has a plain
meaning and refuses, with the line number, what would have to be guessed:

===============================================  ===================================================
case                                             reading
===============================================  ===================================================
CR LF, byte order mark, tabs, blank lines        read
no line feed behind the last frame               read, the last frame included
case of keywords and channels; ``Frames:3``      read
names with blanks, colons, non-ASCII letters     read, kept whole
any order of channels, other for each joint      read
no End Site; root without positions              read; the root then stays at its OFFSET
position channels beside an OFFSET               read; they replace its components
more rows than ``Frames`` says                   read as far as ``Frames`` says
fewer rows than ``Frames`` says                  refused
a frame wrapped over lines, a number too many    refused
NaN, infinity, decimal commas                    refused
no frames, a frame time that is not above zero   refused
===============================================  ===================================================
"""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.kinematics.bvh_document import CHANNELS, BvhDocument, BvhJoint
from trackside.kinematics.number_text import numbers_from_text

Point = tuple[float, float, float]

_CHANNEL_BY_LOWER_CASE = {channel.lower(): channel for channel in CHANNELS}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_FRAMES = re.compile(r"frames\s*:\s*(\d{1,15})", re.ASCII | re.IGNORECASE)
_FRAME_TIME = re.compile(r"frame\s+time\s*:\s*(\S+)", re.IGNORECASE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def parse_bvh(data: bytes, path: Path) -> BvhDocument:
    """The document that the bytes of a BVH file mean.

    Raises FileFormatError, which names ``path``, the line and what was expected there.
    """
    source = _Source(path, data.removeprefix(_BYTE_ORDER_MARK))
    joints = _Hierarchy(source).parse()
    count = int(source.match(_FRAMES, "'Frames:' and the number of frames")[1])
    if count == 0:
        raise source.error("at least 1 frame")
    text = source.match(_FRAME_TIME, "'Frame Time:' and seconds")[1]
    frame_time = source.number(text)
    if frame_time <= 0:
        raise source.error(f"a frame time above 0 s, found {text}")
    return BvhDocument(joints, _read_motion(source, joints, count), frame_time)


def _read_motion(source: "_Source", joints: tuple[BvhJoint, ...], count: int) -> Floats:
    columns = sum(len(joint.channels) for joint in joints)
    if columns == 0:
        raise source.error("joints with at least 1 channel between them")
    # A number takes two bytes at least: no memory for more rows than the file can hold.
    rows = min(count, len(source.data) // (2 * columns) + 1)
    data = np.frombuffer(source.data, np.uint8)
    frames, stop = numbers_from_text(data, source.position, rows, columns)
    if len(frames) < count:
        source.move_to(stop)
        raise source.row_error(count, len(frames), columns)
    return frames


class _Source:
    """The file's bytes and the place where reading stands."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.data = data
        self.position = 0  # of the next line
        self.line = 0  # number of the last line read, from 1

    def next_line(self) -> str:
        """The next line that is not blank, stripped; empty at the end of the file."""
        while self.position < len(self.data):
            end = self.data.find(b"\n", self.position)
            end = len(self.data) if end < 0 else end
            text = self.data[self.position : end].decode("utf-8", "backslashreplace").strip()
            self.position = min(end + 1, len(self.data))
            self.line += 1
            if text:
                return text
        return ""

    def move_to(self, position: int) -> None:
        """Go forward to the line that begins at or encloses ``position``."""
        self.line += self.data.count(b"\n", self.position, position)
        self.position = position

    def statements(self) -> Iterator[list[str]]:
        """The words of each statement; braces are statements of their own."""
        while line := self.next_line():
            for statement in re.findall(r"[{}]|[^{}]+", line):
                if words := statement.split():
                    yield words

    def match(self, pattern: re.Pattern[str], expected: str) -> re.Match[str]:
        """The next line, which has to match the whole pattern."""
        line = self.next_line()
        found = pattern.fullmatch(line)
        if found is None:
            raise self.error(f"{expected}, found {_shortened(line)}")
        return found

    def number(self, word: str) -> float:
        """The finite number that a word of the last line means."""
        if _NUMBER.fullmatch(word) and math.isfinite(float(word)):
            return float(word)
        raise self.error(f"a finite number, found {_shortened(word)}")

    def error(self, expected: str) -> FileFormatError:
        """What was expected in the last line read."""
        return FileFormatError(self.path, f"line {self.line}", expected)

    def row_error(self, count: int, read: int, columns: int) -> FileFormatError:
        """Why the next line is not a frame, after ``read`` of ``count`` frames were."""
        words = self.next_line().split()
        if not words:
            return self.error(f"{count} frames, found {read}")
        for word in words:
            try:
                self.number(word)
            except FileFormatError as problem:
                return problem
        return self.error(f"{columns} numbers, one for each channel, found {len(words)}")


def _shortened(text: str) -> str:
    if not text:
        return "the end of the file"
    return repr(text) if len(text) <= 40 else repr(text[:40]) + "…"


class _Hierarchy:
    """Parser of the HIERARCHY section. Open braces are a list, so that depth has no limit."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        self.statements = source.statements()
        self.joints: list[BvhJoint] = []
        self.open: list[int] = []

    def parse(self) -> tuple[BvhJoint, ...]:
        """The joints, up to and including the line MOTION."""
        self._expect("HIERARCHY")
        self._joint(self._next("ROOT and a name", "ROOT"), -1)
        while self.open:
            joint = self.joints[self.open[-1]]
            words = self._next(f"JOINT, End Site or '}}' in {joint.name}", "JOINT", "END", "}")
            match words[0].upper():
                case "JOINT":
                    self._joint(words, self.open[-1])
                case "END":
                    self.joints[self.open[-1]] = replace(joint, end_site=self._end_site(words))
                case _:
                    self.open.pop()
        self._expect("MOTION")
        return tuple(self.joints)

    def _joint(self, words: list[str], parent: int) -> None:
        """A joint up to where its children stand."""
        name = " ".join(words[1:])
        if not name:
            raise self._unexpected(f"a name behind {words[0]}", words)
        self._expect("{")
        offset = self._offset(self._next(f"OFFSET of {name}", "OFFSET"))
        channels = self._channels(self._next(f"CHANNELS of {name}", "CHANNELS"))
        self.open.append(len(self.joints))
        self.joints.append(BvhJoint(name, parent, offset, channels))

    def _end_site(self, words: list[str]) -> Point:
        joint = self.joints[self.open[-1]]
        if [word.upper() for word in words] != ["END", "SITE"] or joint.end_site is not None:
            raise self._unexpected(f"one 'End Site' in {joint.name}", words)
        self._expect("{")
        offset = self._offset(self._next("OFFSET of the End Site", "OFFSET"))
        self._expect("}")
        return offset

    def _offset(self, words: list[str]) -> Point:
        if len(words) != 4:
            raise self._unexpected("OFFSET and 3 numbers", words)
        x, y, z = (self.source.number(word) for word in words[1:])
        return x, y, z

    def _channels(self, words: list[str]) -> tuple[str, ...]:
        names = tuple(_CHANNEL_BY_LOWER_CASE.get(word.lower(), "") for word in words[2:])
        if "" in names or len(set(names)) < len(names) or words[1:2] != [str(len(names))]:
            expected = f"CHANNELS, their number, and each at most once of {' '.join(CHANNELS)}"
            raise self._unexpected(expected, words)
        return names

    def _expect(self, keyword: str) -> None:
        words = self._next(keyword, keyword)
        if len(words) > 1:
            raise self._unexpected(f"{keyword} alone", words)

    def _next(self, expected: str, *keywords: str) -> list[str]:
        """The words of the next statement, which has to begin with one of the keywords."""
        words = next(self.statements, [])
        if not words or words[0].upper() not in keywords:
            raise self._unexpected(expected, words)
        return words

    def _unexpected(self, expected: str, words: list[str]) -> FileFormatError:
        return self.source.error(f"{expected}, found {_shortened(' '.join(words))}")
