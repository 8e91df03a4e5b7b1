"""Pictures of the service's page in a headless Chromium: phone and desktop, light and dark.

    python benchmarks/service_pictures.py -o pictures

The plan is made by hand in no time; sessions, a proposal and a cue are added to it. Says what the
browser complained of, which should be nothing.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/planner/service"))

from page_scene import page_scene

from trackside.planner.store.opening import open_store

SIZES = {"phone": (360, 740), "desktop": (1100, 800)}


def main() -> None:
    """Draw all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=Path("pictures"))
    output: Path = parser.parse_args().output
    output.mkdir(exist_ok=True)
    complaints: list[str] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(f"sqlite:///{folder}/store.sqlite") as database,
        page_scene(database) as scene,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                page = browser.new_page(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                page.on("console", lambda said: complaints.append(said.text))
                page.on("pageerror", lambda error: complaints.append(str(error)))
                page.goto(f"{scene.address}/#token={scene.token}")
                _wait(page)
                scene.tell("Slow down", "172 bpm, ceiling of this step 165 bpm")
                page.locator("#cue-list li").first.wait_for()
                page.screenshot(path=output / f"{name}-{scheme}.png", full_page=True)
                wide = page.evaluate("document.documentElement.scrollWidth")
                print(f"{name}, {scheme}: {wide} px wide of {width}")
                page.close()
        browser.close()
    print("complaints of the browser:", complaints or "none")


def _wait(page: Page) -> None:
    page.locator("#chart svg").wait_for()
    page.locator("html[data-listening=yes]").wait_for(state="attached")


if __name__ == "__main__":
    main()
