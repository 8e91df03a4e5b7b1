"""The page in a real browser: on a phone, by keyboard, and with nothing to complain about."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from page_scene import Scene, page_scene
from playwright.sync_api import Browser, Page, expect, sync_playwright
from services import guarded_app, listening, open_app
from stored_plans import TODAY, profile, store_plan

from trackside.planner.recording_summary import RecordingSummary
from trackside.planner.store.database import Database
from trackside.planner.store.opening import open_store
from trackside.planner.store.plans import find_plan, plans_of
from trackside.planner.store.recordings import save_recording
from trackside.planner.store.runners import save_runner

CHROMIUM = shutil.which("chromium")
PHONE = {"width": 360, "height": 740}
CSS = (files("trackside.planner.service") / "page" / "page.css").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """An empty store."""
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite'}") as database:
        yield database


@pytest.fixture
def scene(store: Database) -> Iterator[Scene]:
    """A service with all that the page can show."""
    with page_scene(store) as made:
        yield made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a phone, whose browser must not complain: of scripts, or of what CSP forbids."""
    complaints: list[str] = []
    opened = browser.new_page(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type] # PHONE is a plain dict
    opened.set_default_timeout(20_000)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text))
    yield opened
    opened.close()
    # who is not signed in, and a service that has ended, are as they should be
    assert [one for one in complaints if "401" not in one and "net::ERR_" not in one] == []


def signed_in(page: Page, scene: Scene) -> None:
    page.goto(f"{scene.address}/#token={scene.token}")
    expect(page.get_by_role("heading", name="Season")).to_be_visible()


def test_signing_in_takes_a_valid_token_and_leaves_no_trace_of_it(page: Page, scene: Scene) -> None:
    page.goto(scene.address)
    page.get_by_label("Token").fill("trackside_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_have_text("This token is not valid (any more).")
    page.get_by_label("Token").fill(scene.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=re.compile("^Today"))).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_link_signs_in_and_is_cleared_from_the_address(page: Page, scene: Scene) -> None:
    signed_in(page, scene)
    assert page.url == f"{scene.address}/"


def test_a_phone_shows_all_without_scrolling_sideways(page: Page, scene: Scene) -> None:
    signed_in(page, scene)
    scene.tell("Slow down", "172 bpm")
    for name in ("Proposed changes", "Last sessions", "New plan"):
        expect(page.get_by_role("heading", name=name)).to_be_visible()
    for summary in page.locator("#plan summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        "[...document.querySelectorAll('button, select, input')].filter((one) => "
        "one.checkVisibility() && one.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def test_a_proposal_is_confirmed_by_keyboard_alone(
    page: Page, scene: Scene, store: Database
) -> None:
    signed_in(page, scene)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the plan")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Confirm":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("The plan is changed.")
    expect(page.get_by_role("heading", name="Proposed changes")).to_be_hidden()
    with store.reading() as connection:
        found = find_plan(connection, plans_of(connection, "ada")[0].plan_id)
    assert found is not None
    assert found.plan.revision == 1


def test_a_rejected_proposal_leaves_the_plan(page: Page, scene: Scene) -> None:
    signed_in(page, scene)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("status")).to_have_text("The plan stays as it is.")
    expect(page.get_by_role("heading", name="Proposed changes")).to_be_hidden()


def test_cues_are_told_live(page: Page, scene: Scene) -> None:
    """And announced to screen readers."""
    signed_in(page, scene)
    page.locator("html[data-listening=yes]").wait_for(state="attached")
    for number in range(3):
        scene.tell(f"Cue {number}", "172 bpm, ceiling 165")
    log = page.get_by_role("log")
    expect(log.locator("li")).to_have_count(3)
    expect(log.locator("li").first).to_contain_text("Cue 2")
    assert log.get_attribute("aria-live") == "assertive"


def test_everything_has_a_name_for_screen_readers(page: Page, scene: Scene) -> None:
    signed_in(page, scene)
    for role in ("button", "combobox", "region", "textbox"):
        for element in page.get_by_role(role).all():
            named = page.get_by_role(role, name=re.compile(r"\S"))
            assert named.and_(element).count() == 1, element
    assert page.locator("h1").count() == 1
    expect(page.locator("#chart-says")).to_contain_text("Today fitness (CTL) is")
    page.get_by_text("The same as a table").click()
    assert page.get_by_role("row").count() > 5


def test_text_is_never_markup(page: Page, store: Database) -> None:
    """Names and remarks of others run no scripts."""
    evil = "<img src=x onerror=document.title='run'>"
    store_plan(store)
    with store.writing() as connection:
        goal = {"day": (profile()["goal"])["day"], "distance_km": 10, "name": evil}
        save_runner(connection, {"runner_id": "ada", "goal": goal})
        started = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
        summary = RecordingSummary("one", "ada", started, 60.0, None, {}, (evil,))
        save_recording(connection, summary)
    with listening(open_app(store)) as address:
        page.goto(address)
        expect(page.get_by_text(evil)).to_be_visible()
        assert page.title() == "Trackside: training plan"


def test_without_a_plan_one_can_be_asked_for(page: Page, store: Database) -> None:
    with store.writing() as connection:
        save_runner(connection, profile())
    with listening(open_app(store)) as address:
        page.goto(address)
        expect(page.get_by_role("status")).to_contain_text("no plan yet")
        page.get_by_label("Race day").fill("2031-06-01")
        page.get_by_role("button", name="Make the plan").click()
        expect(page.get_by_text("waiting for its turn")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("status")).to_have_text("No plan: cancelled by local")


def test_nobody_elses_page_may_frame_it_or_add_scripts(store: Database) -> None:
    with listening(guarded_app(store)) as address:
        policy = httpx.get(address).headers["content-security-policy"]
        unchanged = httpx.get(
            address, headers={"If-None-Match": httpx.get(address).headers["etag"]}
        )
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert unchanged.status_code == 304


def luminance(colour: str) -> float:
    """Of WCAG 2.2, of a colour such as #1f5f8b or #fff."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255.0 for at in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
def test_letters_stand_out_in_light_and_dark(scheme: int) -> None:
    """Contrast of at least 4.5 (WCAG 2.2, AA)."""
    block = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", block))
    for letters in ("ink", "soft", "accent", "alert", "fitness", "fatigue", "form"):
        for ground in ("card", "ground"):
            pair = sorted((luminance(colours[letters]), luminance(colours[ground])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (letters, ground)
    pair = sorted((luminance(colours["on-accent"]), luminance(colours["accent"])))
    assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5
