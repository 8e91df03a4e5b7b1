"""Andrews' season with the sign mended, and the table that breaks its own rules."""

from pathlib import Path

import numpy as np
import pytest

from trackside.arrays import Floats
from trackside.errors import FileFormatError
from trackside.planner.andrews import broken_rules, read_table, solve_strictly


@pytest.mark.parametrize("start", [10.0, 24.0, 40.0])
def test_the_mended_model_meets_its_goals_and_keeps_its_rules(start: float) -> None:
    """Where the published one overshoots by a quarter, or finds nothing above 24 km."""
    season = solve_strictly(start)
    assert season.off_goals == pytest.approx(0.0, abs=1e-3)
    broken = {one.rule for one in broken_rules(season.distances, start)}
    # stated by Andrews, but in neither his model nor its mended form
    assert broken <= {"the shortest threshold run", "a longest run on the weekend"}


def week(*runs: tuple[int, int, float]) -> Floats:
    """One week (7, 3) of runs: weekday, type, km."""
    table = np.zeros((7, 3))
    for day, kind, km in runs:
        table[day, kind] = km
    return table


def test_every_broken_rule_is_named_with_its_figures() -> None:
    good = week((1, 0, 5.0), (3, 0, 5.0), (5, 0, 6.0), (6, 1, 2.0), (2, 2, 2.0))
    worse = week((0, 1, 3.0), (1, 1, 2.0), (2, 0, 20.0))
    found = broken_rules(np.stack([good, worse, good, good]), 20.0)
    rules = {one.rule: one for one in found if one.week == 2}
    assert rules["at most 10 % more a week"].value == "+25.0 %"
    assert rules["the longest aerobic run"] == (2, "the longest aerobic run", "20.0 km", "6.6 km")
    assert rules["no anaerobic runs on consecutive days"].value == "Monday and Tuesday"
    assert rules["a longest run on the weekend"].value == "Wednesday"


def test_a_table_is_read_and_errors_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "season.csv"
    path.write_text("week,day,type,km\n1,2,aerobic,5.5\n2,7,threshold,3\n", encoding="utf-8")
    table = read_table(path)
    assert table.shape == (2, 7, 3)
    assert table[0, 1, 0] == 5.5
    assert table[1, 6, 2] == 3.0
    path.write_text("week,day,type,km\n1,2,aerobic,5.5\n1,9,aerobic,3\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"line 3.*day 1–7"):
        read_table(path)
    path.write_text("week,day,type,km\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="at least one run"):
        read_table(path)
