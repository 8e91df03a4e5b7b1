"""The HTML replay in headless Chromium: played, scrubbed, resized, and compared with the pose."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from altered_gait import legs_only, steady
from chromium import Opened, launched, opened
from trackside.arrays import Booleans, Floats
from trackside.errors import MissingDataError
from trackside.kinematics import quaternions as qt
from trackside.kinematics.joint_angles import joint_angles
from trackside.kinematics.pose import Pose
from trackside.kinematics.skeleton import INDEX
from trackside.recordings.placements import SEGMENTS
from trackside.viewer import html_page
from trackside.viewer.html_motion import LARGEST_ERROR
from trackside.viewer.html_page import PageContent, inert_program, write_replay
from trackside.viewer.limbs import body_for
from trackside.viewer.scheme import DARK, LIGHT, rgb
from trackside.viewer.tracks import Track

START, END = 9.0, 15.0
POSE = steady(3.5).span(START, END)
WALK = steady(1.3).span(START, END)
CLOCK = np.arange(START, END)
HEART = Track("Heart rate", "bpm", CLOCK, 140.0 + 2.0 * (CLOCK - START))
HEART_PANEL = ".panel:has(h2:text('Heart rate')) output"
SOURCES = Path(html_page.__file__).parent / "html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replay")


@pytest.fixture(scope="module")
def session(folder: Path) -> Path:
    """A run in all colours, its heart rate and two laps; a walk as its ghost."""
    path = folder / "session.html"
    title = "</script><b>run</b> & walk"
    write_replay(path, PageContent(title, "", POSE, WALK, "a walk", [HEART], laps=(12.0,)))
    return path


@pytest.fixture(scope="module")
def shared(browser: Browser, session: Path) -> Iterator[Opened]:
    with opened(browser, session, 900, 600) as page:
        yield page


@pytest.fixture
def page(shared: Opened) -> Opened:
    """The session, at the beginning, alone, seen from the side."""
    shared.page.set_viewport_size({"width": 900, "height": 600})
    shared.page.emulate_media(color_scheme="light")
    shared.run(
        "replay.pause(), replay.player.loop = null, replay.player.setSpeed(1), replay.view('side'),"
        f"replay.setGhost(false), replay.seek({START})"
    )
    return shared


def moments(count: int) -> Floats:
    """Moments of frames, spread over the session."""
    return POSE.time[np.linspace(0, len(POSE.time) - 1, count).astype(int)]


def projected(page: Opened, points: Floats) -> Floats:
    """Where points (..., 3) m are in the picture, px, by the page's own camera."""
    camera = "replay.stage.camera"
    world = page.page.evaluate(f"{camera}.matrixWorldInverse.elements")
    lens = page.page.evaluate(f"{camera}.projectionMatrix.elements")
    whole = np.array(lens).reshape(4, 4).T @ np.array(world).reshape(4, 4).T
    clip = points @ whole[:, :3].T + whole[:, 3]
    width, height = page.picture_size()
    flat = clip[..., :2] / clip[..., 3:]
    return np.stack([0.5 * width * (1 + flat[..., 0]), 0.5 * height * (1 - flat[..., 1])], axis=-1)


def coloured(picture: Floats, colour: str, least: float = 50.0) -> Booleans:
    """Which pixels have a colour's hue, in light or shade, and at least so much of it."""
    wanted, grey = rgb(colour), picture.mean(axis=-1, keepdims=True)
    hue = (wanted - wanted.mean()) / np.linalg.norm(wanted - wanted.mean())
    chroma = picture - grey
    along = chroma @ hue
    aside = np.linalg.norm(chroma - along[..., None] * hue, axis=-1)
    return np.asarray((along > least) & (aside < 0.45 * along))


def extent(mask: Booleans) -> Floats:
    """Left, upper, right and lower bound of the pixels of a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1], rows[-1]], float)


def limb_extent(page: Opened, pose: Pose, time: float, side: str) -> Floats:
    """The bounds of a side's limbs, from the pose alone, as :func:`extent` gives them."""
    body = body_for(pose.skeleton, LIGHT)
    frame = int(np.argmin(np.abs(pose.time - time)))
    joints = pose.joints()[:, frame]
    own = [k for k, s in enumerate(body.segments) if SEGMENTS[s].startswith(side)]
    balls = []
    directions = np.random.default_rng(3).normal(size=(400, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for k in own:
        segment = body.segments[k]
        start, end, *axes = body.points[:, k]
        surface = directions @ np.array(axes)  # of the rounded ends
        points = np.concatenate([start + surface, end + surface])
        turned = qt.rotate(pose.orientations[segment, frame], points)
        balls.append(joints[segment] + turned)
    places = projected(page, np.concatenate(balls))
    return np.concatenate([places.min(axis=0), places.max(axis=0)])


def test_the_page_unpacks_the_very_pose(page: Opened) -> None:
    """Every segment within the stated error, every joint within millimetres, between frames too."""
    times = np.append(moments(40), 0.5 * (moments(40)[:-1] + moments(40)[1:]))
    exact = POSE.at(times)
    for n, found in enumerate(page.run(f"{times.tolist()}.map(t => replay.motion.pose(t))")):
        apart = qt.angle_between(np.array(found["orientations"]), exact.orientations[:, n])
        assert apart.max() <= LARGEST_ERROR + 1e-4
        np.testing.assert_allclose(found["joints"], exact.joints()[:, n], atol=0.004)


@pytest.mark.parametrize("view", ["side", "top", "follow"])
def test_limbs_are_drawn_where_the_pose_has_them(page: Opened, view: str) -> None:
    """The outline of the right limbs, which are nearest, is that of the projected pose."""
    for time in moments(4)[1:3]:
        page.seek(float(time))
        page.run(f"replay.view('{view}')")
        right = coloured(page.picture(), LIGHT.right)
        shown, expected = extent(right), limb_extent(page, POSE, float(time), "right")
        if view == "side":
            np.testing.assert_allclose(shown, expected, atol=2.5)
        else:  # arms and hips hide behind the trunk, feet do not
            assert (np.abs(shown - expected) < 3.0).sum() >= 2
        for part in ("right_shank", "right_forearm"):
            middle = 0.5 * POSE.skeleton.ends[INDEX[part]]
            frame = int(np.argmin(np.abs(POSE.time - time)))
            place = POSE.joints()[INDEX[part], frame]
            place = place + qt.rotate(POSE.segment(part)[frame], middle)
            x, y = projected(page, place).round().astype(int)
            if view == "side":
                assert right[y, x], part


def test_the_pages_own_projection_agrees(page: Opened) -> None:
    """A script that asks where a joint is gets what the matrices say."""
    page.seek(11.0)
    joint = POSE.at(np.array([11.0])).joints()[INDEX["left_hand"], 0]
    told = page.run(f"replay.stage.project({joint.tolist()})")
    np.testing.assert_allclose(told, projected(page, joint), atol=0.51)


def test_playing_stepping_and_scrubbing(page: Opened) -> None:
    """Keys, buttons and the slider move one clock; its end stops it."""
    browser = page.page
    browser.locator("#picture").focus()
    browser.keyboard.press("Space")
    page.until(f"replay.time > {START} + 0.1")
    assert browser.locator("#play").get_attribute("aria-label") == "Pause"
    browser.keyboard.press("Space")
    assert not page.run("replay.playing")
    page.seek(11.0)
    browser.keyboard.press("ArrowRight")
    assert page.run("replay.time") == pytest.approx(11.01, abs=1e-6)
    browser.get_by_role("button", name="One frame back").click()
    assert page.run("replay.time") == pytest.approx(11.0, abs=1e-6)
    browser.keyboard.press("Shift+ArrowRight")
    assert page.run("replay.time") == pytest.approx(12.0, abs=1e-6)
    slider = browser.get_by_role("slider", name="Moment of the session")
    slider.fill("13.5")
    assert page.run("replay.time") == pytest.approx(13.5, abs=1e-6)
    assert slider.get_attribute("aria-valuetext") == "13.50 of 14.99 seconds"
    assert page.text("#clock") == "0:13.50 / 0:14.99"
    browser.get_by_label("Speed").select_option("4")
    page.seek(14.6)
    browser.get_by_role("button", name="Play").click()
    page.until("!replay.playing")
    assert page.run("replay.time") == pytest.approx(POSE.time[-1], abs=1e-6)


def test_speed_is_that_of_the_clock(page: Opened) -> None:
    """Half a second of real time at each speed."""
    for speed in (0.1, 1, 4):
        page.run(f"replay.seek({START}), replay.player.setSpeed({speed})")
        page.run("replay.play(), replay.player.pass(0.5), replay.pause()")
        assert page.run("replay.time") - START == pytest.approx(0.5 * speed)


def test_a_stride_is_looped(page: Opened) -> None:
    """From its end the replay goes back to its start; whoever leaves it ends the loop."""
    page.seek(11.0)
    page.page.get_by_role("button", name="Loop stride").click()
    first, last = page.run("replay.player.loop")
    assert first <= 11.0 < last
    page.run(f"replay.seek({last} - 0.01), replay.play()")
    page.until(f"replay.time < {last} - 0.05")
    page.run(f"replay.pause(), replay.seek({last} + 1)")
    assert page.run("replay.player.loop") is None


def test_the_ghost_is_in_step_over_or_beside(page: Opened) -> None:
    """It is drawn in its colour, at the same phase of its stride, heading the same way."""
    page.seek(12.0)
    alone = coloured(page.picture(), LIGHT.ghost, 20.0).sum()
    page.run("replay.setGhost(true)")
    page.page.get_by_label("beside").check()
    assert coloured(page.picture(), LIGHT.ghost, 20.0).sum() > alone + 100
    own, other = page.run("[replay.motion.strides.right, replay.ghost.strides.right]")
    number = np.searchsorted(own["start"], 12.0, side="right") - 1
    phase = (12.0 - own["start"][number]) / (own["end"][number] - own["start"][number])
    start, end = other["start"][number], other["end"][number]
    assert page.run("replay.ghostTime(12.0)") == pytest.approx(start + phase * (end - start))
    page.page.get_by_label("in step").uncheck()
    assert page.run("replay.ghostTime(12.0)") == pytest.approx(12.0, abs=0.01)
    page.page.get_by_label("in step").check()
    page.page.get_by_label("beside").uncheck()
    page.run("0")  # drawn over, not beside
    root = page.run(
        "(p => replay.stage.ghost.group.localToWorld("
        "replay.stage.camera.position.clone().set(...p)))"
        "(replay.ghost.root(replay.ghost.between(replay.ghostTime(12.0)))).toArray()"
    )
    here = POSE.at(np.array([12.0])).root[0]
    assert np.linalg.norm((np.array(root) - here)[:2]) < 0.1


@pytest.mark.parametrize(("width", "height"), [(360, 740), (740, 360), (1280, 720)])
def test_every_size_shows_everything(page: Opened, width: int, height: int) -> None:
    """Nothing sticks out, nothing overlaps, fingers find the buttons; joints stay in place."""
    page.page.set_viewport_size({"width": width, "height": height})
    page.seek(12.0)
    assert page.run("document.documentElement.scrollWidth") == width
    shown = extent(coloured(page.picture(), LIGHT.right))
    np.testing.assert_allclose(shown, limb_extent(page, POSE, 12.0, "right"), atol=2.5)
    boxes = page.run(
        "[...document.querySelectorAll('button, select, h1, header p, label, output')]"
        ".map(e => [e.tagName, ...Object.values(e.getBoundingClientRect().toJSON())])"
        ".filter(b => b[3] > 0)"
    )
    for tag, x, _, wide, high, *_ in boxes:
        assert x >= 0, tag
        assert x + wide <= width + 1, tag
        if tag in ("BUTTON", "SELECT"):
            assert high >= 43.5


def test_light_and_dark(page: Opened) -> None:
    """As the system says, until the button is pressed."""
    corner = (5, -5)
    background = page.picture()[corner]
    np.testing.assert_allclose(background, 255 * rgb(LIGHT.background), atol=12)
    page.page.emulate_media(color_scheme="dark")
    page.until(f"replay.colours.text === '{DARK.text}'")
    page.page.evaluate("new Promise(requestAnimationFrame)")
    np.testing.assert_allclose(page.picture()[corner], 255 * rgb(DARK.background), atol=12)
    page.page.get_by_role("button", name="Switch between light and dark").click()
    assert page.run("replay.colours.text") == LIGHT.text
    page.run("delete document.documentElement.dataset.scheme, replay.repaint()")


def test_curves_tell_the_sessions_numbers(page: Opened) -> None:
    """The values beside the cursor are those of joint_angles, and of the heart rate."""
    page.seek(12.0)
    frame = int(np.argmin(np.abs(POSE.time - 12.0)))
    knee = {
        side: np.rad2deg(joint_angles(POSE)[f"{side}_knee_flexion"][frame])
        for side in ("right", "left")
    }
    told = re.findall(r"(right|left) (-?\d+)°", page.text("#angle-values"))
    assert {side: int(value) for side, value in told} == pytest.approx(knee, abs=0.6)
    assert page.text(HEART_PANEL) == "146 bpm"
    page.page.get_by_label("Drawn over").select_option("stride")
    chart = page.page.locator("#angle-chart")
    box = chart.bounding_box()
    assert box is not None
    stride = page.run("replay.motion.strides.right")
    page.page.mouse.click(box["x"] + box["width"] - 12, box["y"] + 60)  # 100 % of this stride
    assert min(abs(np.array(stride["end"]) - page.run("replay.time"))) < 0.02
    page.page.get_by_label("Drawn over").select_option("time")


def test_a_click_on_the_heart_rate_goes_there(page: Opened) -> None:
    """The middle of the chart is the middle of the session."""
    chart = page.page.locator(".panel:has(h2:text('Heart rate')) canvas")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.page.mouse.click(box["x"] + 46 + 0.5 * (box["width"] - 58), box["y"] + 50)
    assert page.run("replay.time") == pytest.approx(0.5 * (POSE.time[0] + POSE.time[-1]), abs=0.05)


def test_everything_to_press_has_a_name(page: Opened) -> None:
    """A screen reader can tell what each control and each picture is."""
    unnamed = page.run(
        "[...document.querySelectorAll('button, select, input, canvas')].filter(e => !e.closest("
        "'[hidden]') && !(e.ariaLabel || e.textContent.trim() && e.tagName == 'BUTTON' "
        "|| e.labels?.length)).map(e => e.outerHTML)"
    )
    assert unnamed == []


def test_titles_are_words_not_markup(page: Opened) -> None:
    """Whatever a file is called."""
    assert page.text("h1") == "</script><b>run</b> & walk"
    assert page.page.locator("h1 b").count() == 0


def test_no_request_can_leave(browser: Browser, session: Path) -> None:
    """The page's own policy forbids it, even to a script in it."""
    asked = "document.addEventListener('securitypolicyviolation', e => { window.broken = e; })"
    found = browser.new_page()
    found.context.set_offline(True)
    found.add_init_script(asked)
    found.goto(session.as_uri())
    found.wait_for_selector("html[data-ready]")
    assert found.evaluate("window.broken === undefined")
    found.evaluate("fetch('data:,x').catch(() => null)")
    assert found.evaluate("broken.effectiveDirective") == "connect-src"
    found.close()


def written(folder: Path, **replay: Any) -> Path:
    path = folder / "page.html"
    write_replay(path, PageContent("page", **replay))
    return path


def test_stretches_without_a_pose_are_told(browser: Browser, folder: Path) -> None:
    """There nobody is drawn, and the picture says so; before and after, all is as it was."""
    root = POSE.root.copy()
    root[200:300] = np.nan
    path = written(folder, pose=replace(POSE, root=root))
    with opened(browser, path) as page:
        page.seek(10.0)
        assert coloured(page.picture(), LIGHT.right).any()
        page.seek(11.5)
        assert not coloured(page.picture(), LIGHT.right).any()
        assert page.text("#gap") == "no pose from 11.0 to 12.0 s"
        assert "no pose from 11.0 to 12.0 s" in page.text("#notes-list")
        page.seek(14.0)
        expect(page.page.locator("#gap")).to_be_hidden()


def test_without_a_pose_there_are_curves_and_a_remark(browser: Browser, folder: Path) -> None:
    """Such as after importing a watch's file."""
    path = written(folder, tracks=[HEART], remarks=("No skeleton in this recording.",))
    with opened(browser, path) as page:
        expect(page.page.locator("#picture")).to_be_hidden()
        assert "no skeleton" in page.text("#no-picture")
        assert "No skeleton in this recording." in page.text("#notes-list")
        page.seek(12.0)
        assert page.text(HEART_PANEL) == "146 bpm"


def test_one_sensor_only(browser: Browser, folder: Path) -> None:
    """The rest of the body is drawn thin and grey, and there are no angles, which is said."""
    measured = np.zeros_like(POSE.measured)
    measured[INDEX["head"]] = True
    path = written(folder, pose=replace(POSE, measured=measured))
    with opened(browser, path) as page:
        assert not coloured(page.picture(), LIGHT.right).any()
        expect(page.page.locator("#legend-bare")).to_be_visible()
        assert "there are no joint angles" in page.text("#notes-list")
        expect(page.page.locator("#angle-panel")).to_be_hidden()


def test_legs_only_are_seen_as_such(browser: Browser, folder: Path) -> None:
    """Legs in colour, arms not; a single frame is a replay, too."""
    still = legs_only(POSE).span(11.0, 11.005)
    assert len(still.time) == 1
    with opened(browser, written(folder, pose=still)) as page:
        page.run("replay.view('side')")
        shown = extent(coloured(page.picture(), LIGHT.right))
        hip = projected(page, still.joints()[INDEX["right_thigh"], 0])
        assert shown[1] > hip[1] - 30


def test_a_browser_without_3d_or_unpacking(browser: Browser, folder: Path) -> None:
    """The curves are shown all the same, with the reason."""
    path = written(folder, pose=POSE, tracks=[HEART])
    no_gl = "HTMLCanvasElement.prototype.getContext = (get => function (kind, ...rest) {"
    no_gl += " return kind === '2d' ? get.call(this, kind, ...rest) : null; })"
    no_gl += "(HTMLCanvasElement.prototype.getContext); console.error = () => {};"
    with opened(browser, path, init=[no_gl]) as page:
        assert "cannot draw in 3D" in page.text("#no-picture")
        assert "right" in page.text("#angle-values")
    with opened(browser, path, init=["delete window.DecompressionStream"]) as page:
        assert "too old" in page.text("#notes-list")
        assert page.text(HEART_PANEL).endswith("bpm")


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    """No page is written that shows nothing."""
    with pytest.raises(MissingDataError, match="nothing to replay"):
        write_replay(tmp_path / "page.html", PageContent("empty.h5"))
    assert not (tmp_path / "page.html").exists()


def test_the_program_is_built_from_its_sources() -> None:
    """Who changes a source has to run scripts/build-replay-page.sh."""
    sources = b"".join(path.read_bytes() for path in sorted((SOURCES / "src").glob("*.js")))
    program = (SOURCES / "replay.js").read_text(encoding="utf-8")
    assert hashlib.sha256(sources).hexdigest() in program[:300]
    assert (SOURCES / "three-license.txt").read_text(encoding="utf-8") in program


def test_a_program_cannot_end_its_own_element() -> None:
    """Letters that HTML would take for the end are written another way."""
    assert inert_program("a = '</script>' + '</SCRIPT'") == "a = '<\\/script>' + '<\\/SCRIPT'"
