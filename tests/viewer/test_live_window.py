"""The live window on a real screen: what it is given is what it shows."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("PySide6")
pytest.importorskip("OpenGL")

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from screen import PATIENCE, application
from trackside.arrays import Integers
from trackside.kinematics import quaternions as qt
from trackside.kinematics.skeleton import INDEX, STANDING_FACING_EAST, joint_positions, skeleton_for
from trackside.recordings.placements import SEGMENTS
from trackside.viewer.last_strides import LastStrides
from trackside.viewer.live_picture import LivePicture, LiveTitle
from trackside.viewer.live_window import LiveWindow
from trackside.viewer.scheme import DARK, LIGHT, SCHEMES, rgb
from trackside.viewer.scroll_plot import Curve, ScrollPlot
from trackside.viewer.sensor_state import Health, SensorState
from trackside.viewer.sensor_strip import SensorStrip

SKELETON = skeleton_for(1.75)
ZONES = (94.0, 113.0, 132.0, 150.0, 169.0, 188.0)
TITLE = LiveTitle("session.h5", SKELETON, "Ada", ZONES)
GOOD = SensorState("left_shank", Health.GOOD, "streaming", "60", "0", "80 %", "+3 ppm ±0.3 ms")
LOST = SensorState("right_foot", Health.BAD, "lost 4 s", "0", "240 in 1")


def picture(time: float, **changes: object) -> LivePicture:
    """Somebody who stands, upright, one leg lifted forward."""
    pose = np.tile(STANDING_FACING_EAST, (len(SEGMENTS), 1))
    lifted = qt.about_axis([0.0, 0.0, 1.0], np.deg2rad(60.0))
    pose[INDEX["right_thigh"]] = qt.multiply(STANDING_FACING_EAST, lifted)
    usual = LivePicture(
        time=time,
        arrival=time,
        orientations=pose,
        root=np.array([0.0, 0.0, 0.93]),
        measured=np.ones(len(SEGMENTS), bool),
        calibrated=True,
        heart_rate=151.0,
        cadence=170.0,
        angle="knee_flexion",
        angles={"left_knee_flexion": 20.0, "right_knee_flexion": 60.0 + time},
        sensors=(GOOD, LOST),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


class Shown:
    """A window, and the keys that it has passed on."""

    def __init__(self, title: LiveTitle = TITLE) -> None:
        application()
        self.keys: list[str] = []
        self.window = LiveWindow(title, self.keys.append, LIGHT)
        self.window.show()
        assert QTest.qWaitForWindowExposed(self.window, PATIENCE)

    def draw(self, *pictures: LivePicture) -> QImage:
        """Draw them one after the other; what is on the screen then."""
        for each in pictures:
            self.window.show_picture(each)
            QTest.qWait(1)
        self.window.repaint()
        assert self.window.scene.failure is None
        return self.window.grab().toImage()


@pytest.fixture
def shown() -> "Shown":
    return Shown()


@pytest.fixture(autouse=True)
def closed(shown: Shown) -> object:
    yield
    shown.window.close()


def near(image: QImage, x: float, y: float, colour: str, reach: int = 6) -> bool:
    """Whether a pixel about there has that hue, however lit."""
    wanted = rgb(colour) / np.linalg.norm(rgb(colour))
    for dx in range(-reach, reach + 1, 2):
        for dy in range(-reach, reach + 1, 2):
            pixel = image.pixelColor(round(x) + dx, round(y) + dy)
            found = np.array([pixel.redF(), pixel.greenF(), pixel.blueF()])
            if np.linalg.norm(found) > 0.15 and found @ wanted / np.linalg.norm(found) > 0.995:
                return True
    return False


def test_limbs_are_drawn_where_the_pose_is(shown: Shown) -> None:
    """The middle of thigh and shank, projected, has the side's colour; beside it it has not."""
    moment = picture(1.0)
    image = shown.draw(moment, picture(1.1), moment)
    scene = shown.window.scene
    joints = joint_positions(SKELETON, moment.orientations[:, None], moment.root[None])[:, 0]
    for upper, lower in (("thigh", "shank"), ("shank", "foot")):
        middle = 0.5 * (joints[INDEX[f"right_{upper}"]] + joints[INDEX[f"right_{lower}"]])
        x, y = scene.camera.project(middle, scene.width(), scene.height())
        at = scene.mapTo(shown.window, scene.rect().topLeft())
        assert near(image, at.x() + x, at.y() + y, LIGHT.right), upper
        assert not near(image, at.x() + x + 90.0, at.y() + y, LIGHT.right), upper


def test_joints_without_a_sensor_are_drawn_otherwise(shown: Shown) -> None:
    """What nobody measures has no side's colour."""
    image = shown.draw(picture(1.0, measured=np.zeros(len(SEGMENTS), bool)))
    scene = shown.window.scene
    at = scene.mapTo(shown.window, scene.rect().topLeft())
    region = image.copy(at.x(), at.y(), scene.width(), scene.height())
    colours = {region.pixelColor(x, y).name() for x in range(0, 800, 3) for y in range(0, 600, 3)}
    saturated = [name for name in colours if np.ptp(rgb(name.upper())) > 0.4]
    assert saturated == []


def test_numbers_zone_and_curves(shown: Shown) -> None:
    """Heart rate with its zone, cadence, and both knees in their colours."""
    window = shown.window
    for number in range(59):
        window.show_picture(picture(0.1 * number))
    image = shown.draw(picture(5.9))
    assert window.heart.newest == {"bpm": 151.0}
    assert window.heart.note == "zone 4"
    assert window.cadence.newest == {"steps": 170.0}
    assert window.angle.name == "Knee flexion"
    corner = window.angle.mapTo(window, window.angle.rect().topLeft())
    for name, colour in (("right_knee_flexion", LIGHT.right), ("left_knee_flexion", LIGHT.left)):
        value = window.angle.newest[name]
        place = window.angle.place_of(5.8, value - 0.1 * (name[0] == "r"))
        assert near(image, corner.x() + place.x(), corner.y() + place.y(), colour), name


def pixels(image: QImage, part: QWidget) -> Integers:
    """Of a part of the window, (height, width)."""
    corner = part.mapTo(part.window(), part.rect().topLeft())
    return np.array(
        [
            [image.pixel(corner.x() + x, corner.y() + y) for x in range(part.width())]
            for y in range(part.height())
        ]
    )


def test_the_last_strides_stand_beside_the_cadence(shown: Shown) -> None:
    """As many as there is room for; they cover nothing of what was there."""
    strides = LastStrides(170.0, 2.48, 0.212, -3.2)
    assert [value for _, value in strides.facts] == ["2.48", "212", "−3"]
    assert LastStrides(difference=-0.2).facts == [("R − L [%]", "+0")]
    plot = shown.window.cadence
    again = [picture(1.0)] * 3  # plots are drawn in turn
    plain = pixels(shown.draw(*again), plot)
    told = pixels(shown.draw(*(replace(each, strides=strides) for each in again)), plot)
    changed = plain != told
    assert changed.any()
    assert (plain[changed] == QColor(LIGHT.panel).rgb()).all()
    widths = []
    for count in (1, 2, 3):
        plot.facts = strides.facts[:count]
        plot.repaint()
        told = pixels(shown.window.grab().toImage(), plot)
        widths.append(np.flatnonzero((plain != told).any(axis=0)).max())
    assert widths[0] < widths[1] < widths[2] < plot.width()
    shown.draw(*(replace(each, strides=strides, cadence=0.0) for each in again))
    assert not plot.facts


def test_facts_without_room_are_left_out() -> None:
    """Nothing is cut at the edge, and nothing lies over the figure."""
    plot = ScrollPlot("Cadence", "steps/min", 60.0, (120.0, 200.0), LIGHT)
    plot.restart("Cadence", {"steps": Curve("", LIGHT.accent)})
    plot.add(0.0, {"steps": 170.0})
    facts = LastStrides(170.0, 2.48, 0.212, -3.2).facts
    differs = {}
    for width in (260, 600):
        plot.resize(width, 200)
        drawn = []
        for count in (2, 3):
            plot.facts = facts[:count]
            drawn.append(plot.grab().toImage())
        differs[width] = drawn[0] != drawn[1]
    assert differs == {260: False, 600: True}


def test_how_sure_a_joint_is_stands_beside_its_angle(shown: Shown) -> None:
    """Where it is told; it covers neither the figure nor the side's letter."""
    plain = shown.draw(picture(1.0))
    told = {"left_knee_flexion": 12.0, "right_knee_flexion": np.nan}
    doubted = shown.draw(picture(1.0, angles_sd=told))
    plot = shown.window.angle
    corner = plot.mapTo(shown.window, plot.rect().topLeft())
    changed = [
        (x, y)
        for x in range(0, plot.width(), 2)
        for y in range(0, round(0.4 * plot.height()), 2)
        if plain.pixel(corner.x() + x, corner.y() + y)
        != doubted.pixel(corner.x() + x, corner.y() + y)
    ]
    assert changed
    upper = min(y for _, y in changed)
    assert 0.1 * plot.height() < upper < 0.3 * plot.height()
    assert plot.deviations == told


def test_the_strip_tells_who_is_lost(shown: Shown) -> None:
    """A tile for each sensor; a lost one is filled, a good one is not."""
    image = shown.draw(picture(1.0))
    strip = shown.window.strip
    corner = strip.mapTo(shown.window, strip.rect().topLeft())
    for number, bad in enumerate((False, True)):
        tile = strip.tile(number)
        x, y = tile.right() - 5.0, tile.top() + 6.0
        assert near(image, corner.x() + x, corner.y() + y, "#A30B2E", 2) == bad


def test_a_tile_is_drawn_anew_when_its_sensor_changes(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And only then: the strip looks as if all of it had been drawn, at the cost of one tile."""
    painted: list[SensorState] = []
    paint = SensorStrip._paint_tile

    def noted(strip: SensorStrip, painter: QPainter, tile: QRectF, state: SensorState) -> None:
        painted.append(state)
        paint(strip, painter, tile, state)

    monkeypatch.setattr(SensorStrip, "_paint_tile", noted)
    sensors = [replace(GOOD, label=f"sensor_{number}") for number in range(5)]
    shown.draw(picture(1.0, sensors=list(sensors)))
    window = shown.window
    painted.clear()
    window.show_picture(picture(1.1, sensors=list(sensors)))
    QTest.qWait(30)
    assert painted == []
    sensors[3] = replace(LOST, label="sensor_3")
    window.show_picture(picture(1.2, sensors=list(sensors)))
    QTest.qWait(30)
    assert painted == [sensors[3]]
    partly = grab(window.strip)
    window.strip.update()
    QTest.qWait(30)
    assert partly == grab(window.strip)


def grab(strip: SensorStrip) -> QImage:
    """What of the strip is on the screen, and not what it would draw."""
    screen = strip.screen()
    corner = strip.mapToGlobal(strip.rect().topLeft())
    return screen.grabWindow(0, corner.x(), corner.y(), strip.width(), strip.height()).toImage()


def test_what_is_missing_is_said(shown: Shown) -> None:
    """No calibration, one sensor, no heart rate, somebody who stands: in words, never blank."""
    window = shown.window
    nothing = {"left_knee_flexion": np.nan, "right_knee_flexion": np.nan}
    shown.draw(
        picture(
            1.0,
            calibrated=False,
            todo="Not calibrated: stand still for 2 s, then walk",
            heart_rate=np.nan,
            cadence=np.nan,
            angles=nothing,
            sensors=(),
        )
    )
    assert window.todo.isVisible()
    assert "stand still" in window.todo.text
    assert window.heart.note == "no heart rate yet"
    assert "no leg sensor" in window.cadence.note
    assert window.angle.note == "not calibrated"
    shown.draw(picture(2.0, remarks=("only one body sensor (pelvis)", "another"), cadence=0.0))
    assert window.todo.text == "only one body sensor (pelvis)"
    assert window.todo.right == "+1 more"
    assert window.cadence.note == "standing"
    shown.draw(picture(3.0))
    assert not window.todo.isVisible()


def test_a_cue_is_large_across_the_window_and_goes_again(shown: Shown) -> None:
    """Told in letters that are read from some steps away, on a ground that stands out."""
    window = shown.window
    shown.draw(picture(1.0))
    assert not window.cue.isVisible()
    told = ("Ease off", "heart rate 176 bpm, this step's ceiling is 160")
    for scheme in (LIGHT, DARK):
        image = shown.draw(picture(2.0, cue=told))
        assert window.cue.isVisible()
        assert (window.cue.told, window.cue.reason) == told
        box = window.cue.geometry()
        assert box.width() == window.width()
        part = image.copy(box)
        ink = [
            np.linalg.norm(rgb(part.pixelColor(x, y).name().upper()) - rgb(scheme.panel)) < 0.1
            for y in range(part.height())
            for x in range(0, 400, 5)
        ]
        rows = np.flatnonzero(np.reshape(ink, (part.height(), 80)).any(axis=1))
        letters = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
        assert len(letters[0]) > 30
        corner = rgb(part.pixelColor(2, 2).name().upper())
        assert np.linalg.norm(corner - rgb(scheme.accent)) < 0.02
        window.change_scheme()
    shown.draw(picture(9.0))
    assert not window.cue.isVisible()


def test_a_cue_that_is_too_long_gets_smaller_letters(shown: Shown) -> None:
    """Its end is on the screen, too, at the smallest size of the window."""
    window = shown.window
    window.resize(1024, 640)
    words = "Next: 3 km active at 4:05 to 4:15 /km, heart rate 160 to 172 bpm"
    image = shown.draw(picture(2.0, cue=(words, "the step is finished")))
    box = window.cue.geometry()
    part = image.copy(box.left(), box.top(), box.width(), box.height() // 2)
    assert any(
        near(part, x, y, LIGHT.panel, 0)
        for x in range(round(0.7 * part.width()), part.width() - 20)
        for y in range(0, part.height(), 2)
    )
    edge = part.width() - 10
    assert not any(near(part, edge, y, LIGHT.panel, 0) for y in range(part.height()))


def test_keys_go_where_they_belong(shown: Shown) -> None:
    """Laps, marks, calibration and angles are passed on; views and colours are the window's."""
    window = shown.window
    shown.draw(picture(1.0))
    QTest.keyClicks(window, "lmLcax")
    assert shown.keys == ["l", "m", "l", "c", "a"]
    side = window.scene.camera.azimuth
    QTest.keyClick(window, Qt.Key.Key_2)
    shown.draw(picture(1.1))
    assert window.scene.camera.azimuth != side
    QTest.keyClicks(window, "d")
    assert window.scheme is DARK
    image = shown.draw(picture(1.2))
    assert np.linalg.norm(rgb(image.pixelColor(5, 5).name().upper()) - rgb(DARK.panel)) < 0.02
    QTest.keyClicks(window, "q")
    assert not window.isVisible()


def test_a_followed_file_takes_no_marks() -> None:
    """Where keys cannot reach the recorder the window says where to press them."""
    other = Shown(replace(TITLE, can_mark=False))
    other.draw(picture(1.0))
    QTest.keyClicks(other.window, "l")
    assert other.keys == []
    assert "where the recording runs" in other.window.todo.text
    other.window.close()


def test_pictures_that_come_too_fast_are_left_out(shown: Shown) -> None:
    """Of many offered from anywhere the newest is drawn; nothing piles up."""
    for number in range(500):
        shown.window.offer(picture(number * 0.01))
    before = shown.window.scene.painted
    QTest.qWait(50)
    assert shown.window.heart.newest == {"bpm": 151.0}
    assert shown.window.angle.newest["right_knee_flexion"] == pytest.approx(64.99)
    assert shown.window.scene.painted - before < 10


def test_it_closes_when_the_recording_ends_and_stays_when_the_recorder_died(shown: Shown) -> None:
    """An announced end closes it; otherwise it says what has happened, and the picture stays."""
    shown.draw(picture(1.0))
    shown.window.end("The recorder has ended without a word")
    QTest.qWait(10)
    assert "without a word" in shown.window.todo.text
    assert shown.window.isVisible()
    shown.window.end("")
    QTest.qWait(10)
    assert not shown.window.isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000)])
@pytest.mark.parametrize("scheme", list(SCHEMES))
def test_no_part_covers_another(shown: Shown, size: tuple[int, int], scheme: str) -> None:
    """With 17 sensors, at several sizes, everything has its place."""
    window = shown.window
    if scheme != window.scheme.name:
        window.change_scheme()
    window.resize(*size)
    sensors = tuple(replace(GOOD, label=f"sensor_{number}") for number in range(17))
    shown.draw(picture(1.0, sensors=sensors, cue=("Ease off", "heart rate 176 bpm")))
    QTest.qWait(10)
    parts = [window.head, window.cue, window.scene, *window.plots, window.strip, window.foot]
    boxes = [part.geometry() for part in parts]
    for number, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[:number])
        assert window.rect().contains(box)
    tiles = [window.strip.tile(number) for number in range(17)]
    assert min(tile.height() for tile in tiles) > 40.0
    assert not any(a.intersects(b) for i, a in enumerate(tiles) for b in tiles[:i])


def test_memory_of_the_plots_is_bounded(shown: Shown) -> None:
    """An hour of pictures leaves no more than the span in a plot."""
    plot = shown.window.angle
    plot.restart("x", {"x": next(iter(plot._curves.values()))} if plot._curves else {})
    for number in range(20_000):
        plot.add(0.1 * number, {"x": 1.0})
    assert len(plot._courses) <= 62
    assert plot._courses._rows.size < 1000
