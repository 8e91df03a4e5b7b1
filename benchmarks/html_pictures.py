"""Pictures of the HTML replay and of the session report, for people to look at.

    python benchmarks/html_pictures.py --output PICTURES [--data FOLDER]

A simulated run with a walk as its ghost: at the size of a phone and of a desktop, light and dark,
over the stride, from every side; without a pose; the report as PDF and HTML, on a phone and as it
prints. With FOLDER (as skeleton_pictures.py takes it) also the real recordings in it. Needs
Chromium; whatever a page says on its console is printed.
"""

import argparse
import shutil
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright
from sensor_check_recordings import RECORDINGS

from trackside.app.replay_page import ghost_of, replay_of
from trackside.app.report_content import report_content
from trackside.app.report_page import write_report
from trackside.app.simulating import plan_for, record_session
from trackside.app.solving import solve, store
from trackside.planner.athlete import complete
from trackside.planner.example_profile import example_profile
from trackside.planner.profile_file import read_profile
from trackside.recordings.importing import import_recording
from trackside.recordings.reader import open_recording
from trackside.simulation.athlete import simulate
from trackside.viewer.html_page import write_replay

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2},
    "desktop": {"viewport": {"width": 1280, "height": 800}},
}
DRAWN = """new Promise(done => {
  const look = () => (replay.stale ? requestAnimationFrame(look) : done());
  requestAnimationFrame(look);
})"""


def solved(path: Path) -> Path:
    """The recording, solved."""
    with open_recording(path) as recording:
        solution = solve(recording)
    store(path, solution)
    return path


def simulated(path: Path, speed: float) -> Path:
    """A solved recording of half a minute."""
    record_session(simulate(plan_for(30.0, speed), seed=1), path)
    return solved(path)


def photograph(browser: Browser, page: Path, name: str, act: str = "0", **context: Any) -> None:
    """Open a replay, do something, and take a picture of all of the page."""
    made = browser.new_context(offline=True, **context)
    tab = made.new_page()
    tab.on("console", lambda message: print(f"{name}: {message.text}"))
    tab.goto(page.as_uri())
    tab.wait_for_selector("html[data-ready]")
    tab.evaluate("replay.seek(0.6 * replay.player.end)")
    tab.evaluate(act)
    tab.evaluate(DRAWN)
    tab.screenshot(path=page.with_name(f"{name}.png"), full_page=True)
    made.close()


def replays(browser: Browser, run: Path, walk: Path) -> None:
    """Pictures of the replay."""
    page = run.with_suffix(".html")
    shown = replay_of(run)
    write_replay(page, replace(shown, ghost=ghost_of(walk, None, None), ghost_title=walk.name))
    for size, context in SIZES.items():
        for scheme in ("light", "dark"):
            photograph(browser, page, f"replay-{size}-{scheme}", color_scheme=scheme, **context)
    stride = "((o) => { o.value = 'stride'; o.dispatchEvent(new Event('change')); })"
    act = f"{stride}(document.getElementById('over'))"
    photograph(browser, page, "replay-stride", act, **SIZES["desktop"])
    for view in ("front", "back", "top", "follow"):
        photograph(
            browser, page, f"replay-{view}", f"replay.setGhost(false), replay.view('{view}')"
        )
    write_replay(page, replace(shown, pose=None))
    photograph(browser, page, "replay-without-pose", **SIZES["phone"])


def reports(browser: Browser, run: Path) -> None:
    """Pictures of the report, as it prints and on a phone."""
    profile = run.with_name("profile.toml")
    profile.write_text(example_profile(date(2026, 4, 1)), encoding="utf-8")
    content = report_content(run, complete(read_profile(profile), date(2026, 4, 1)))
    write_report(run.with_name("report.pdf"), content)
    page = run.with_name("report.html")
    write_report(page, content)
    tab = browser.new_page(**SIZES["phone"])
    tab.goto(page.as_uri())
    tab.screenshot(path=run.with_name("report-phone.png"), full_page=True)
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 720, "height": 1040})
    tab.screenshot(path=run.with_name("report-print.png"), full_page=True)


def main() -> None:
    """Draw everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--data", type=Path)
    options = parser.parse_args()
    folder = options.output.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed: see scripts/system-libraries.sh")
    run, walk = simulated(folder / "run.h5", 3.5), simulated(folder / "walk.h5", 1.3)
    flags = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        replays(browser, run, walk)
        reports(browser, run)
        for source, placements in RECORDINGS.items() if options.data else ():
            name = Path(source).parts[0]
            path = folder / f"{name}.h5"
            import_recording(options.data / source, path, placements=placements)
            page = path.with_suffix(".html")
            write_replay(page, replay_of(solved(path)))
            photograph(browser, page, name, **SIZES["desktop"])
        browser.close()
    print("\n".join(str(picture) for picture in sorted(folder.glob("*.png"))))


if __name__ == "__main__":
    main()
