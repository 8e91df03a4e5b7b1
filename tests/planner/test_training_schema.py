"""Training schemas: what ships holds together, and what it is stretched to."""

from datetime import timedelta
from pathlib import Path

import pytest

from runners import RACE_DAY, TODAY, runner
from trackside.errors import FileFormatError, ParameterError
from trackside.planner.calendar import Phase, build_calendar
from trackside.planner.training_schema import (
    TrainingSchema,
    find_schema,
    place_schema,
    schema_for,
    shipped_schemas,
)
from trackside.planner.workout_library import workout_library

LIBRARY = workout_library()


@pytest.mark.parametrize("schema", shipped_schemas(), ids=lambda schema: schema.id)
def test_what_ships_names_workouts_that_there_are(schema: TrainingSchema) -> None:
    """Runs where runs belong, everything else beside them, phases in order."""
    for week in schema.week:
        for code in (*week.easy, *week.long, *week.anaerobic, *week.threshold):
            assert LIBRARY[code].is_run
        assert not any(LIBRARY[code].is_run for code in week.also)
    order = [list(Phase).index(week.phase) for week in schema.week]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2, 3}


def test_the_marathon_programme_has_its_landmarks() -> None:
    """Tempo in weeks 2 to 4, intervals and hills in 5 and 6, long runs that grow, a taper."""
    weeks = schema_for(42195.0).week
    assert len(weeks) == 21
    assert all("TEMPO" in week.threshold for week in weeks[1:4])
    assert all({"INT400", "HILLS"} == set(week.anaerobic) for week in weeks[4:6])
    miles = {
        number: [round(km / 1.609) for km in week.long_run_km]
        for number, week in enumerate(weeks, start=1)
        if week.long_run_km
    }
    assert [miles[number] for number in (4, 7, 13, 19)] == [[10, 12], [14, 16], [18, 20], [16, 18]]
    assert "half-marathon" in weeks[8].focus
    assert "10 km" in weeks[14].focus
    assert [week.phase for week in weeks[-2:]] == [Phase.TAPER, Phase.TAPER]


def test_shorter_races_have_their_own_schema() -> None:
    assert schema_for(10e3).id == "shorter-12"
    assert schema_for(50e3).id == "marathon-21"


@pytest.mark.parametrize("weeks", [3, 8, 21, 30])
def test_a_schema_is_stretched_phase_by_phase(weeks: int) -> None:
    """In 21 weeks it is as it stands; in others, phases agree, order stays, the end is kept."""
    schema = schema_for(42195.0)
    today = RACE_DAY - timedelta(weeks=weeks - 1, days=6)
    calendar = build_calendar(runner(weekly_distance=60e3), today)
    placed = place_schema(schema, calendar)
    assert [week.phase for week in placed] == [week.phase for week in calendar.weeks]
    order = [schema.week.index(week) for week in placed]
    assert order == sorted(order)
    assert placed[-1] == schema.week[-1]
    if weeks == 21:
        assert tuple(placed) == schema.week


SCHEMA = """
id = "mine"
name = "Mine"
least_distance_m = 0
[[week]]
phase = "base"
focus = "Run."
easy = ["EASY"]
long = ["LONG"]
anaerobic = ["FARTLEK"]
threshold = ["TEMPO"]
"""


def test_schemas_are_found_by_name_and_in_files(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SCHEMA, encoding="utf-8")
    mine = find_schema(str(path), LIBRARY)
    assert mine.name == "Mine"
    assert find_schema("shorter-12", LIBRARY).id == "shorter-12"
    calendar = build_calendar(runner(), TODAY)
    assert set(place_schema(mine, calendar)) == {mine.week[0]}
    with pytest.raises(ParameterError, match=r"'other'.*marathon-21, shorter-12"):
        find_schema("other", LIBRARY)
    path.write_text(SCHEMA.replace("FARTLEK", "FARTLEG"), encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"week 1.*not 'FARTLEG'"):
        find_schema(str(path), LIBRARY)
    path.write_text(SCHEMA.replace('"base"', '"bass"'), encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"week\.0\.phase"):
        find_schema(str(path), LIBRARY)
