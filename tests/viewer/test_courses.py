"""The last seconds of what the live window plots."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trackside.viewer.courses import Courses

MOMENTS = st.lists(
    st.tuples(
        st.floats(-1.0, 5.0),
        st.floats(-1e3, 1e3) | st.just(np.nan),
        st.floats(-1e3, 1e3) | st.just(np.nan),
    ),
    max_size=60,
)


@given(MOMENTS, st.integers(1, 10))
def test_the_last_seconds_are_kept_and_no_more(
    moments: list[tuple[float, float, float]], repeats: int
) -> None:
    """As a list would have them that is looked through each time, however many came before."""
    courses, now = Courses(("a", "b"), 6.0), 0.0
    kept: list[tuple[float, float, float]] = []
    for step, a, b in moments * repeats:
        courses.add(now + step, {"b": b, "a": a})
        if not kept or now + step > now:
            now += step
            kept.append((now, a, b))
    kept = [row for row in kept if row[0] >= now - 6.0]
    table = np.array(kept).reshape(-1, 3)
    np.testing.assert_array_equal(courses.time, table[:, 0])
    np.testing.assert_array_equal(courses.values.T, table[:, 1:])
    known = table[:, 1:][np.isfinite(table[:, 1:])]
    assert courses.range(-5.0, 5.0) == (known.min(initial=-5.0), known.max(initial=5.0))


def test_what_is_forgotten_takes_no_room() -> None:
    """An hour at 30 pictures a second needs no more than some seconds do."""
    courses = Courses(("a",), 60.0)
    sizes = set()
    for number in range(108_000):
        courses.add(number / 30.0, {"a": 1.0})
        if number > 10_000:
            sizes.add(courses.values.base.size)  # type: ignore[union-attr]  # it is a view
    assert len(courses) == 1801
    assert sizes == {8192}


def test_a_value_that_is_not_told_is_unknown() -> None:
    """A course without a value at a time has a hole there."""
    courses = Courses(("a", "b"), 1.0)
    courses.add(0.0, {"a": 3.0})
    assert np.isnan(courses.values[1, 0])
