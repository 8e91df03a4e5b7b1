"""The BVH format: every dialect that has a plain meaning, an error with its line for the rest."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trackside.arrays import Floats
from trackside.errors import FileFormatError, SignalError
from trackside.kinematics.bvh_file import (
    BvhDocument,
    BvhJoint,
    read_bvh_file,
    world_positions,
    write_bvh_file,
)
from trackside.kinematics.bvh_parser import parse_bvh

SPIN = "Zrotation Xrotation Yrotation"
PLACE = "Xposition Yposition Zposition"
PLAIN = f"""\
HIERARCHY
ROOT Base
{{
  OFFSET 0 0 0
  CHANNELS 6 {PLACE} {SPIN}
  JOINT Mid
  {{
    OFFSET 0 25 2
    CHANNELS 3 {SPIN}
    JOINT Tip
    {{
      OFFSET 30.5 0 0
      CHANNELS 3 {SPIN}
      End Site
      {{
        OFFSET 12 0 0
      }}
    }}
  }}
}}
MOTION
Frames: 2
Frame Time: 0.0100000
1 95 -3 15 25 -40 5 -30 8 0 55 10
2 96 -1 18 28 -45 9 -20 7 0 65 20
"""
FIRST = "1 95 -3 15 25 -40 5 -30 8 0 55 10"
SECOND = "2 96 -1 18 28 -45 9 -20 7 0 65 20"


def parse(text: str | bytes) -> BvhDocument:
    data = text.encode() if isinstance(text, str) else text
    return parse_bvh(data, Path("some.bvh"))


def edited(old: str, new: str, count: int = -1) -> str:
    assert old in PLAIN
    return PLAIN.replace(old, new, count)


def chain_positions(text: str, order: str) -> Floats:
    """Joint positions of a three-joint chain, (3, 2, 3), by rotation matrices instead."""
    frames = [[float(word) for word in line.split()] for line in text.splitlines()[-2:]]
    positions = np.empty((3, 2, 3))
    for n, row in enumerate(frames):
        turns = [Rotation.from_euler(order, row[k : k + 3], degrees=True) for k in (3, 6)]
        positions[0, n] = row[:3]
        positions[1, n] = positions[0, n] + turns[0].apply([0, 25, 2])
        positions[2, n] = positions[1, n] + (turns[0] * turns[1]).apply([30.5, 0, 0])
    return positions


EXPECTED = chain_positions(PLAIN, "ZXY")


@pytest.mark.parametrize("order", ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"])
def test_every_axis_order_takes_joints_where_matrices_do(order: str) -> None:
    """The channels' order is the order of the turns, as an independent library composes them."""
    text = PLAIN.replace(SPIN, " ".join(f"{axis}rotation" for axis in order))
    np.testing.assert_allclose(
        world_positions(parse(text)), chain_positions(text, order), atol=1e-10
    )


SAME_MOTION = {
    "no line feed at the end": PLAIN.rstrip("\n"),
    "carriage returns": PLAIN.replace("\n", "\r\n"),
    "mixed line ends": PLAIN.replace("{\n", "{\r\n"),
    "end site in lower case": edited("End Site", "End site"),
    "colon in a name": edited("Mid", "rig:Mid"),
    "blanks in a name": edited("Mid", "Mid of Back"),
    "dots and dashes in a name": edited("Mid", "mid-back.L"),
    "letters beyond ASCII": edited("Mid", "Rücken"),
    "exponents": edited(FIRST, "1e0 9.5E+1 -.3e1 15 25 -4.0e+01 5 -30 8 0 55 10"),
    "blank lines": PLAIN.replace("\n", "\n \n"),
    "tabs": edited("Frame Time: ", "Frame Time:\t").replace(FIRST, FIRST.replace(" ", "\t ")),
    "no end site": edited("      End Site\n      {\n        OFFSET 12 0 0\n      }\n", ""),
    "blanks at line ends": PLAIN.replace("\n", " \n"),
    "no blank behind the colon": edited("Frames: ", "Frames:"),
    "byte order mark": "\ufeff" + PLAIN,
    "keywords in lower case": edited("HIERARCHY", "hierarchy").replace("MOTION", "motion"),
    "all in lower case": PLAIN.lower(),
    "channels in lower case": edited(SPIN, SPIN.lower()),
    "braces beside the names": PLAIN.replace("\n{", " {").replace("Mid\n  {", "Mid {"),
    "root away from the origin": edited("OFFSET 0 0 0", "OFFSET 7 8 9"),
    "empty channels": edited(
        f"{SPIN}\n      End", f"{SPIN}\nJOINT X\n{{ OFFSET 1 1 1\nCHANNELS 0\n}}\nEnd"
    ),
}


@pytest.mark.parametrize("text", SAME_MOTION.values(), ids=SAME_MOTION)
def test_dialects_show_the_same_motion(text: str) -> None:
    """Spelling, white space and decoration do not change where the joints go."""
    np.testing.assert_allclose(world_positions(parse(text))[:3], EXPECTED, atol=1e-10)
    assert parse(text).frame_time == 0.01


def test_names_are_kept_whole() -> None:
    """A name with blanks, colons or letters beyond ASCII is not cut."""
    document = parse(edited("Mid", "rig:Mid  Rücken"))
    assert [joint.name for joint in document.joints] == ["Base", "rig:Mid Rücken", "Tip"]


def test_names_in_an_unknown_encoding_do_not_stop_reading() -> None:
    """A byte that is no UTF-8 is shown by its code."""
    assert parse(PLAIN.encode().replace(b"Mid", b"M\xfcd")).joints[1].name == "M\\xfcd"


def test_rotations_may_stand_before_positions() -> None:
    """The columns of a joint follow its own channel list."""
    text = edited(f"{PLACE} {SPIN}", f"{SPIN} {PLACE}")
    text = text.replace(FIRST, "15 25 -40 1 95 -3 5 -30 8 0 55 10")
    text = text.replace(SECOND, "18 28 -45 2 96 -1 9 -20 7 0 65 20")
    np.testing.assert_allclose(world_positions(parse(text)), EXPECTED, atol=1e-10)


def test_each_joint_may_have_its_own_order() -> None:
    """Another order of the root's turns leaves the order of its child's alone."""
    text = edited(f"{PLACE} {SPIN}", f"{PLACE} Yrotation Zrotation Xrotation")
    text = text.replace("15 25 -40", "0 0 -40").replace("18 28 -45", "0 0 -45")
    plain = parse(PLAIN.replace("15 25 -40", "0 -40 0").replace("18 28 -45", "0 -45 0"))
    np.testing.assert_allclose(world_positions(parse(text)), world_positions(plain), atol=1e-10)


def test_position_channels_replace_the_offset() -> None:
    """A joint with positions of its own stands where they say, not that far from its OFFSET."""
    text = edited(
        f"OFFSET 0 25 2\n    CHANNELS 3 {SPIN}", f"OFFSET 9 9 9\n CHANNELS 6 {PLACE} {SPIN}"
    )
    text = text.replace("-40 5", "-40 0 25 2 5").replace("-45 9", "-45 0 25 2 9")
    np.testing.assert_allclose(world_positions(parse(text)), EXPECTED, atol=1e-10)


def test_a_root_without_positions_stays_at_its_offset() -> None:
    """Where no channel says where the root is, its OFFSET does."""
    text = edited(f"CHANNELS 6 {PLACE} {SPIN}", f"CHANNELS 3 {SPIN}").replace(
        "OFFSET 0 0 0", "OFFSET 3 4 5"
    )
    text = text.replace("1 95 -3 ", "").replace("2 96 -1 ", "")
    moved = world_positions(parse(text))
    np.testing.assert_allclose(moved[0], [[3, 4, 5]] * 2)
    np.testing.assert_allclose(moved - moved[0], EXPECTED - EXPECTED[0], atol=1e-10)


def test_rows_beyond_the_frame_count_are_not_read() -> None:
    """A file that declares fewer frames than it holds is read as far as it declares."""
    document = parse(edited("Frames: 2", "Frames: 1"))
    np.testing.assert_allclose(world_positions(document), EXPECTED[:, :1], atol=1e-10)


BROKEN = {
    "empty file": ("", 0, "HIERARCHY, found the end"),
    "something else": ("\x89PNG\r\n", 1, "HIERARCHY"),
    "no root": (edited("ROOT Base", "JOINT Base"), 2, "ROOT and a name"),
    "nameless root": (edited("ROOT Base", "ROOT"), 2, "a name behind ROOT"),
    "no brace": (edited("ROOT Base\n{", "ROOT Base"), 3, "{, found 'OFFSET"),
    "no offset": (edited("    OFFSET 0 25 2\n", ""), 8, "OFFSET of Mid"),
    "short offset": (edited("OFFSET 0 25 2", "OFFSET 0 25"), 8, "OFFSET and 3 numbers"),
    "offset of words": (edited("OFFSET 0 25 2", "OFFSET 0 up 2"), 8, "finite number, found 'up'"),
    "offset without end": (edited("OFFSET 0 25 2", "OFFSET 0 inf 2"), 8, "finite number"),
    "no channels": (edited(f"    CHANNELS 3 {SPIN}\n    JOINT", "    JOINT"), 9, "CHANNELS of Mid"),
    "miscounted channels": (edited("CHANNELS 6", "CHANNELS 5"), 5, "CHANNELS, their number"),
    "unknown channel": (edited("Zrotation", "Wrotation", 1), 5, "Xposition Yposition"),
    "channel twice": (edited("Zrotation", "Xrotation", 1), 5, "at most once"),
    "end of what": (edited("End Site", "End Bone"), 14, "one 'End Site' in Tip"),
    "end site without offset": (
        edited("        OFFSET 12 0 0\n", ""),
        16,
        "OFFSET of the End Site",
    ),
    "two end sites": (
        edited("      End", "End Site { \n OFFSET 1 1 1 \n}\nEnd"),
        17,
        "one 'End Site'",
    ),
    "brace too few": (edited("}\nMOTION", "MOTION"), 20, "'}' in Base, found 'MOTION'"),
    "brace too many": (edited("}\nMOTION", "}\n}\nMOTION"), 21, "MOTION, found '}'"),
    "second root": (edited("MOTION", "ROOT Other\nMOTION"), 21, "MOTION, found 'ROOT Other'"),
    "no frame count": (edited("Frames: 2\n", ""), 22, "'Frames:' and the number of frames"),
    "frame count in words": (edited("Frames: 2", "Frames: two"), 22, "number of frames"),
    "no frames": (edited("Frames: 2", "Frames: 0"), 22, "at least 1 frame"),
    "no frame time": (edited("Frame Time: 0.0100000\n", ""), 23, "'Frame Time:' and seconds"),
    "frame time zero": (edited("0.0100000", "0"), 23, "a frame time above 0 s, found 0"),
    "frame time negative": (edited("0.0100000", "-0.01"), 23, "above 0 s"),
    "frame time with a comma": (edited("0.0100000", "0,01"), 23, "finite number, found '0,01'"),
    "too many frames declared": (edited("Frames: 2", "Frames: 4"), 25, "4 frames, found 2"),
    "absurd frame count": (edited("Frames: 2", "Frames: 999999999999999"), 25, "frames, found 2"),
    "wrapped row": (edited("-40 5", "-40\n5"), 24, "12 numbers, one for each channel, found 6"),
    "number too many": (
        edited(FIRST, FIRST + " 1"),
        24,
        "12 numbers, one for each channel, found 13",
    ),
    "number too few": (
        edited(SECOND, SECOND[:-3]),
        25,
        "12 numbers, one for each channel, found 11",
    ),
    "not a number": (edited("-30", "nan"), 24, "a finite number, found 'nan'"),
    "number too large": (edited("-20", "1e999"), 25, "a finite number, found '1e999'"),
    "decimal commas": (edited("55", "5,5"), 24, "a finite number, found '5,5'"),
    "no channels at all": (
        "HIERARCHY\nROOT A\n{\nOFFSET 0 0 0\nCHANNELS 0\n}\nMOTION\nFrames: 1\nFrame Time: 1\n\n",
        9,
        "at least 1 channel",
    ),
}


@pytest.mark.parametrize(("text", "line", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_refused_with_their_line(text: str, line: int, expected: str) -> None:
    """The error names the file, the line, and what was expected in it."""
    with pytest.raises(FileFormatError) as problem:
        parse(text)
    assert problem.value.path == Path("some.bvh")
    assert problem.value.place == f"line {line}"
    assert expected in problem.value.expected


@settings(deadline=None, derandomize=True)
@given(st.integers(0, len(PLAIN) - 1))
def test_a_file_cut_short_is_refused(length: int) -> None:
    """Wherever a file ends, what is missing is noticed, unless it is digits of the last number."""
    if length < len(PLAIN) - 2:
        with pytest.raises(FileFormatError):
            parse(PLAIN[:length])
    else:
        assert len(parse(PLAIN[:length]).frames) == 2


@settings(deadline=None, derandomize=True)
@given(st.integers(0, len(PLAIN) - 1), st.binary(max_size=30), st.integers(0, 30))
def test_damaged_files_give_a_document_or_an_error(start: int, noise: bytes, lost: int) -> None:
    """Bytes replaced by others never lead to anything but a document or a FileFormatError."""
    data = PLAIN.encode()
    try:
        document = parse(data[:start] + noise + data[start + lost :])
    except FileFormatError as problem:
        assert problem.place.startswith("line ")  # noqa: PT017 — either outcome is right
    else:
        assert np.isfinite(document.frames).all()


@settings(deadline=None, derandomize=True)
@given(st.binary())
def test_random_bytes_are_refused(data: bytes) -> None:
    """Bytes that are no BVH at all are refused as such."""
    with pytest.raises(FileFormatError):
        parse(data)


def deep_chain(depth: int) -> BvhDocument:
    joints = [BvhJoint("J0", -1, (0.0, 0.0, 0.0), ("Xposition",))]
    joints += [BvhJoint(f"J{n}", n - 1, (0.0, 1.0, 0.0), ()) for n in range(1, depth)]
    return BvhDocument(tuple(joints), np.ones((1, 1)), 0.01)


def test_depth_has_no_limit(tmp_path: Path) -> None:
    """Three thousand joints, each below the other, are written, read and moved."""
    write_bvh_file(tmp_path / "deep.bvh", deep_chain(3000))
    document = read_bvh_file(tmp_path / "deep.bvh")
    assert document.joints == deep_chain(3000).joints
    np.testing.assert_allclose(world_positions(document)[-1], [[1, 2999, 0]])


def random_document(frames: int) -> BvhDocument:
    rng = np.random.default_rng(3)
    values = rng.normal(scale=80.0, size=(frames, 12))
    return BvhDocument(parse(PLAIN).joints, values, 1 / 120)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Joints, tips, frame time and a motion longer than one piece survive, to 6 decimals."""
    document = random_document(20_001)
    write_bvh_file(tmp_path / "a.bvh", document)
    again = read_bvh_file(tmp_path / "a.bvh")
    assert again.joints == document.joints
    assert again.frame_time == pytest.approx(1 / 120, rel=1e-9)
    np.testing.assert_allclose(again.frames, document.frames, atol=5.001e-7, rtol=0)


def test_branches_are_closed_where_they_end(tmp_path: Path) -> None:
    """A tree with two limbs keeps its parents, offsets and tips."""
    spin = ("Zrotation", "Xrotation", "Yrotation")
    root = BvhJoint("Root", -1, (0.0, 0.0, 0.0), spin, (0.0, 0.0, 1.0))
    limbs = [
        BvhJoint("A", 0, (1.0, 0.0, 0.0), spin),
        BvhJoint("B", 1, (2.0, 0.0, 0.0), spin, (1.0, 0.0, 0.0)),
        BvhJoint("C", 0, (-1.0, 0.0, 0.0), spin, (0.5, 0.25, 0.125)),
    ]
    document = BvhDocument((root, *limbs), np.zeros((1, 12)), 0.5)
    write_bvh_file(tmp_path / "tree.bvh", document)
    assert read_bvh_file(tmp_path / "tree.bvh").joints == document.joints


def test_the_file_is_what_other_programs_expect(tmp_path: Path) -> None:
    """ASCII, line feeds alone, an exact count, 'End Site', a line feed behind the last frame."""
    write_bvh_file(tmp_path / "a.bvh", random_document(3))
    text = (tmp_path / "a.bvh").read_bytes()
    assert text.isascii()
    assert b"\r" not in text
    lines = text.decode().split("\n")
    motion = lines.index("MOTION")
    assert lines[motion + 1 : motion + 3] == ["Frames: 3", "Frame Time: 0.008333333333"]
    assert [len(line.split()) for line in lines[motion + 3 :]] == [12, 12, 12, 0]
    assert [line.strip() for line in lines].count("End Site") == 1


def test_progress_grows_to_one(tmp_path: Path) -> None:
    """The fraction written grows with each piece and ends at 1."""
    told: list[float] = []
    write_bvh_file(tmp_path / "a.bvh", random_document(20_001), told.append)
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == 1.0


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    """A motion that turns out to be unwritable half-way changes nothing on the disk."""
    target = tmp_path / "a.bvh"
    target.write_text("the old one")
    document = random_document(20_001)
    document.frames[20_000, 4] = np.nan
    with pytest.raises(SignalError):
        write_bvh_file(target, document)
    assert target.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [target]


def without_frames(document: BvhDocument) -> BvhDocument:
    return BvhDocument(document.joints, document.frames[:0], document.frame_time)


def with_joint(index: int, joint: BvhJoint) -> Callable[[BvhDocument], BvhDocument]:
    def change(document: BvhDocument) -> BvhDocument:
        joints = (*document.joints[:index], joint, *document.joints[index + 1 :])
        return BvhDocument(joints, document.frames, document.frame_time)

    return change


ROOT_CHANNELS = (*PLACE.split(), *SPIN.split())
AMBIGUOUS = {
    "no frames": (without_frames, "at least 1 frame"),
    "colon in a name": (
        with_joint(1, BvhJoint("rig:Mid", 0, (0.0, 25.0, 2.0), ROOT_CHANNELS[3:])),
        "a name of the letters",
    ),
    "a name twice": (
        with_joint(1, BvhJoint("Tip", 0, (0.0, 25.0, 2.0), ROOT_CHANNELS[3:])),
        "a name of its own",
    ),
    "root away from the origin": (
        with_joint(0, BvhJoint("Base", -1, (1.0, 0.0, 0.0), ROOT_CHANNELS)),
        "OFFSET 0 0 0",
    ),
    "two roots": (
        with_joint(1, BvhJoint("Mid", -1, (0.0, 0.0, 0.0), ROOT_CHANNELS[3:])),
        "one root",
    ),
    "position below the root": (
        with_joint(1, BvhJoint("Mid", 0, (0.0, 25.0, 2.0), ROOT_CHANNELS[:3])),
        "no position channels",
    ),
}


@pytest.mark.parametrize(("change", "expected"), AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_readers_differ_on_is_not_written(
    change: Callable[[BvhDocument], BvhDocument], expected: str, tmp_path: Path
) -> None:
    """A document that other programs would show differently is refused, and no file appears."""
    with pytest.raises(FileFormatError, match=expected):
        write_bvh_file(tmp_path / "a.bvh", change(random_document(2)))
    assert list(tmp_path.iterdir()) == []


def test_a_document_whose_parts_do_not_fit_cannot_be_made() -> None:
    """Columns that match no channels, and children before their parents, are a mistake in code."""
    joint = BvhJoint("Base", -1, (0.0, 0.0, 0.0), ("Xrotation",))
    with pytest.raises(ValueError, match=r"expected \(N, 1\)"):
        BvhDocument((joint,), np.zeros((3, 2)), 0.01)
    with pytest.raises(ValueError, match="parents first"):
        BvhDocument((BvhJoint("A", 1, (0.0, 0.0, 0.0), ()), joint), np.zeros((3, 1)), 0.01)


def test_joints_out_of_order_are_not_written(tmp_path: Path) -> None:
    """A limb interrupted by another cannot be nested in braces, which is a mistake in code."""
    root = BvhJoint("Base", -1, (0.0, 0.0, 0.0), ("Xrotation",))
    limbs = [BvhJoint(name, parent, (0.0, 1.0, 0.0), ()) for name, parent in (("A", 0), ("B", 0))]
    document = BvhDocument(
        (root, *limbs, BvhJoint("A2", 1, (0.0, 1.0, 0.0), ())), np.zeros((1, 1)), 1
    )
    with pytest.raises(ValueError, match="A2 stands apart"):
        write_bvh_file(tmp_path / "a.bvh", document)
