"""An athlete profile to start from: complete, with a comment on every value."""

from datetime import date, timedelta
from string import Template

WEEKS_TO_RACE = 21

_TEXT = Template("""\
# An athlete profile for Trackside. All but runner_id and [goal] may be left out: what is missing
# is estimated from published norms, and the plan says so.

runner_id = "ada"             # names the runner in plans: letters, digits, . _ -
age = 38                      # years
sex = "female"                # "male" or "female", as load formulas distinguish it
height_cm = 168
weight_kg = 61
resting_heart_rate_bpm = 52   # lying, after waking up
maximum_heart_rate_bpm = 186  # highest ever seen in a hard finish
experience = "recreational"   # "beginner", "recreational" or "competitive"

# Distances of the last weeks, oldest first; a week without running is 0.
weekly_distances_km = [28, 31, 24, 33, 35, 36, 27, 38]

# The race that everything is planned for.
[goal]
day = $goal
distance_km = 42.195
name = "City marathon"
target_time = "3:45:00"       # h:mm:ss or mm:ss; leave out to run as well as possible

# Time to train, in minutes; a day that is left out or 0 is a day off.
[available_minutes]
tuesday = 60
wednesday = 75
thursday = 60
friday = 45
saturday = 90
sunday = 210

# Races or time trials of the last years: the best recent one tells how fast to train.
[[races]]
day = $ten_km
distance_km = 10
time = "49:30"

[[races]]
day = $half_marathon
distance_km = 21.0975
time = "1:51:20"

# What limits training: how much of the usual time is possible, until when (leave out: for good).
[[injuries]]
place = "left Achilles tendon"
until = $injury
training_share = 0.7          # 0 (no training) to 1
""")


def example_profile(today: date) -> str:
    """Return the text of a profile whose marathon is on the Sunday 21 weeks ahead."""
    monday = today - timedelta(days=today.weekday())
    return _TEXT.substitute(
        goal=monday + timedelta(weeks=WEEKS_TO_RACE - 1, days=6),
        ten_km=monday - timedelta(weeks=6, days=1),
        half_marathon=monday - timedelta(weeks=30, days=1),
        injury=monday + timedelta(days=13),
    )
