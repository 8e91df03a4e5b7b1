"""How the weeks of a preparation are divided: phases, recovery weeks, weeks with a trial.

Weeks are counted from 1. The proportions are those of a 21-week marathon programme: four weeks of
base, eight of build, seven specific ones, two of taper, trials in weeks 9 and 15.
"""

TEMPLATE_WEEKS = 21
TEMPLATE_BASE, TEMPLATE_BUILD, TEMPLATE_LOADING = 4, 8, 19
TEMPLATE_TRIALS = (9, 15)

RECOVERY_EVERY = 4
LONG_TAPER_FROM = 6
ONE_TRIAL_FROM, TWO_TRIALS_FROM = 8, 12


def taper_weeks(weeks: int) -> int:
    """Return the length of the taper: two weeks, or one if there are less than six in all.

    Two weeks are best: Bosquet et al., Med. Sci. Sports Exerc. 39 (2007) 1358.
    """
    return 2 if weeks >= LONG_TAPER_FROM else 1


def loading_weeks(weeks: int) -> int:
    """Return the number of weeks before the taper."""
    return weeks - taper_weeks(weeks)


def phase_lengths(weeks: int) -> tuple[int, int, int, int]:
    """Return how many weeks of base, build, specific training and taper there are."""
    loading = loading_weeks(weeks)
    base = round(loading * TEMPLATE_BASE / TEMPLATE_LOADING)
    build = round(loading * TEMPLATE_BUILD / TEMPLATE_LOADING)
    return base, build, loading - base - build, taper_weeks(weeks)


def recovery_weeks(weeks: int) -> set[int]:
    """Return every fourth week before the taper, but not the last one: two easy ones in a row."""
    return set(range(RECOVERY_EVERY, loading_weeks(weeks), RECOVERY_EVERY))


def trial_weeks(weeks: int) -> list[int]:
    """Return the weeks that end with a trial: two, one, or none if the preparation is short.

    One that would fall on a recovery week is in the week after it.
    """
    if weeks < ONE_TRIAL_FROM:
        return []
    positions = TEMPLATE_TRIALS if weeks >= TWO_TRIALS_FROM else TEMPLATE_TRIALS[1:]
    nominal = [round(week * weeks / TEMPLATE_WEEKS) for week in positions]
    recovery = recovery_weeks(weeks)
    return [week + 1 if week in recovery else week for week in nominal]
