"""trackside plan adjust and evaluate, and cues while recording, as people use them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_plan_commands import PROFILE, START

from command_line import trackside
from trackside.app.cue_notes import CUE
from trackside.app.live_cues import CueingSource, cues_of_today
from trackside.errors import ParameterError
from trackside.planner.cues import Cue
from trackside.recordings.model import HEART_RATE as CHANNEL
from trackside.recordings.model import Annotation, Block, Kind, Stream

TODAY = START + timedelta(days=16)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plan."""
    folder = tmp_path_factory.mktemp("adjust")
    (folder / "ada.toml").write_text(PROFILE, encoding="utf-8")
    new = ("plan", "new", folder / "ada.toml", "-o", folder / "made.json")
    made = trackside(*new, "--start", str(START))
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def plan(folder: Path, tmp_path: Path) -> Path:
    """A fresh copy of the plan."""
    path = tmp_path / "ada.json"
    path.write_bytes((folder / "made.json").read_bytes())
    return path


def days(path: Path) -> dict[str, dict[str, Any]]:
    return {day["date"]: day for day in json.loads(path.read_text())["days"]}


def test_a_proposal_changes_nothing_until_it_is_confirmed(plan: Path) -> None:
    """Shown with reasons, remembered in the diary, then taken; past days are the same bytes."""
    before = plan.read_bytes()
    first, last = TODAY - timedelta(days=2), TODAY + timedelta(days=2)
    told = trackside("plan", "adjust", plan, "--ill", f"{first}:{last}", "--today", str(TODAY))
    assert told.returncode == 0, told.stderr
    assert "ill since" in " ".join(told.stdout.split())
    assert "nothing is changed yet" in told.stdout
    assert plan.read_bytes() == before
    taken = trackside("plan", "adjust", plan, "--today", str(TODAY), "--confirm", "--json")
    report = json.loads(taken.stdout)
    assert report["confirmed"]
    assert report["revision"] == 1
    assert {change["load_after"] for change in report["changes"][:1]} == {0}
    old, new = days(plan.with_name("ada.json")), json.loads(before)["days"]
    for day in new:
        if date.fromisoformat(day["date"]) < TODAY:
            assert old[day["date"]] == day
    again = trackside("plan", "adjust", plan, "--today", str(TODAY))
    assert "the plan stays as it is" in " ".join(again.stdout.split())


def test_a_rejected_day_stays(plan: Path) -> None:
    day = next(
        one
        for one, held in sorted(days(plan).items())
        if date.fromisoformat(one) >= TODAY and held["is_training_day"]
    )
    before = days(plan)[day]
    trackside("plan", "adjust", plan, "--ill", f"{TODAY}:{day}", "--today", str(TODAY))
    trackside("plan", "adjust", plan, "--reject", day, "--today", str(TODAY), "--confirm")
    assert days(plan)[day] == before


def test_what_cannot_be_told_is_refused(plan: Path, tmp_path: Path) -> None:
    """Each mistake in one line, and no diary begun."""
    (tmp_path / "hrv.csv").write_text("date,rmssd_ms\n2030-01-09,high\n", encoding="utf-8")
    for arguments, message in (
        (("--missed", "2040-01-01"), "expected a day of the plan"),
        (("--ill", "2030-01-09:2030-01-08"), "expected the first day"),
        (("--test", "2030-01-09=10"), "is no test"),
        (("--mornings", tmp_path / "hrv.csv"), "hrv.csv: line 2"),
    ):
        told = trackside("plan", "adjust", plan, *arguments, "--today", str(TODAY))
        assert told.returncode == 2
        assert message in told.stderr
    assert not plan.with_suffix(".diary.json").exists()


def test_a_watchs_file_is_a_session(plan: Path, tmp_path: Path) -> None:
    """A TCX file with heart rate becomes a session of the diary, with a load and its SD."""
    points = "".join(
        f"<Trackpoint><Time>{TODAY}T08:{i // 60:02}:{i % 60:02}Z</Time>"
        f"<DistanceMeters>{2.8 * i:.1f}</DistanceMeters>"
        f"<HeartRateBpm><Value>{140 + i % 3}</Value></HeartRateBpm></Trackpoint>"
        for i in range(1800)
    )
    path = tmp_path / "run.tcx"
    path.write_text(
        '<?xml version="1.0"?><TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/'
        f'TrainingCenterDatabase/v2"><Activities><Activity Sport="Running"><Id>{TODAY}T08:00:00Z'
        f'</Id><Lap StartTime="{TODAY}T08:00:00Z"><TotalTimeSeconds>1800</TotalTimeSeconds><Track>'
        f"{points}</Track></Lap></Activity></Activities></TrainingCenterDatabase>",
        encoding="utf-8",
    )
    told = trackside("plan", "adjust", plan, "--session", path, "--today", str(TODAY))
    assert told.returncode == 0, told.stderr
    (session,) = json.loads(plan.with_suffix(".diary.json").read_text())["diary"]["sessions"]
    assert session["day"] == TODAY.isoformat()
    assert 20.0 < session["load"] < 80.0
    assert session["sd"] > 0.0


def test_groups_are_compared(tmp_path: Path) -> None:
    table = tmp_path / "club.csv"
    rows = [f"{'ab'[i % 2]},{50 + i},{50.5 + i + (i % 2) + i % 3}" for i in range(12)]
    table.write_text("group,pre,post\n" + "\n".join(rows) + "\n", encoding="utf-8")
    told = trackside("plan", "evaluate", table)
    assert told.returncode == 0, told.stderr
    assert "Between groups" in told.stdout
    report = json.loads(trackside("plan", "evaluate", table, "--json").stdout)
    assert report["groups"]["a"]["count"] == 6
    assert report["between"][0]["difference"] == pytest.approx(-1.0)
    refused = trackside("plan", "evaluate", table, "--after", "later")
    assert refused.returncode == 2
    assert "a column 'later'" in refused.stderr


class Beating:
    """A source of a strap's heart rate, 175 bpm for 40 s."""

    streams: Sequence[Stream] = (Stream("strap", Kind.HEART_RATE, (CHANNEL,)),)

    async def blocks(self) -> AsyncIterator[Block | Annotation]:
        """A sample a second."""
        for second in range(40):
            yield Block("strap", np.array([float(second)]), {"heart_rate": np.array([[175.0]])})


def test_cues_are_told_and_kept_behind_the_block_they_are_from(plan: Path) -> None:
    """An easy day's heart rate of 175 bpm: one annotation, right after the sample that decides."""
    easy = next(
        date.fromisoformat(one)
        for one, held in days(plan).items()
        if held["session_code"].startswith("EASY")
    )
    told: list[Cue] = []
    source = CueingSource(Beating(), cues_of_today(plan, easy), told.append)

    async def all_items() -> list[Block | Annotation]:
        return [item async for item in source.blocks()]

    items = asyncio.run(all_items())
    (at,) = (i for i, item in enumerate(items) if isinstance(item, Annotation))
    note, block = items[at], items[at - 1]
    assert isinstance(note, Annotation)
    assert isinstance(block, Block)
    assert note.kind == CUE
    assert "ceiling" in note.text
    assert note.time == block.time[-1]
    assert len(items) == 41
    assert len(told) == 1
    with pytest.raises(ParameterError, match="has no session for"):
        cues_of_today(plan, date(2040, 1, 1))
