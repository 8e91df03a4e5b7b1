"""Published norms, which stand in for what an athlete did not tell."""

from trackside.planner.profile import Experience, Sex

AGE = 42.0
AGE_SOURCE = "mean age of recreational marathon runners (Gordon et al. 2017)"

HEIGHT = {Sex.MALE: 1.75, Sex.FEMALE: 1.62}
HEIGHT_SOURCE = "mean height of adults of this sex (Fryar et al., NHSR 122, 2018)"

BODY_MASS_INDEX = 69.2 / 1.728**2
WEIGHT_SOURCE = "height, with the mean body mass index of marathon runners (Gordon et al. 2017)"

RESTING_HEART_RATE = {Sex.MALE: 71.0, Sex.FEMALE: 74.0}
RESTING_HEART_RATE_SOURCE = "mean of adults of this sex (Ostchega et al., NHSR 41, 2011)"

MAXIMUM_HEART_RATE_SOURCE = "208 − 0.7 · age (Tanaka, Monahan & Seals 2001)"

OXYGEN_UPTAKE_SOURCE = (
    "median VO2max at this age and sex (Kaminsky et al. 2015), a standard deviation less for "
    "beginners and more for competitive runners (Loe et al. 2013)"
)

WEEKLY_DISTANCE = {
    Experience.BEGINNER: 10e3,
    Experience.RECREATIONAL: 30e3,
    Experience.COMPETITIVE: 60e3,
}
WEEKLY_DISTANCE_SOURCE = (
    "experience: 30 and 60 km bound the usual weeks of marathon runners (Rasmussen et al. 2013), "
    "10 km for beginners"
)
EXPERIENCE_SOURCE = (
    "weekly distance: recreational from 30 km, competitive from 60 km (bands of Rasmussen et al. "
    "2013); beginner if that is unknown too"
)

_YOUNG, _OLD = 24.5, 74.5  # middle ages of the decades below, years
_MEDIAN_OXYGEN_UPTAKE = {Sex.MALE: (48.0, 24.4), Sex.FEMALE: (37.6, 18.3)}
_OXYGEN_UPTAKE_SPREAD = 0.15
_DEVIATIONS = {
    Experience.BEGINNER: -1.0,
    Experience.RECREATIONAL: 0.0,
    Experience.COMPETITIVE: 1.0,
}


def weight(height: float) -> float:
    """Return a runner's usual weight (kg) at a ``height`` (m).

    Body mass index of 97 marathon runners: Gordon et al., Open Access J. Sports Med. 8 (2017) 231.
    """
    return BODY_MASS_INDEX * height**2


def maximum_heart_rate(age: float) -> float:
    """Return the usual maximum heart rate (bpm) at an ``age`` (years): 208 − 0.7 age.

    Tanaka, Monahan & Seals, J. Am. Coll. Cardiol. 37 (2001) 153.
    """
    return 208.0 - 0.7 * age


def oxygen_uptake(age: float, sex: Sex, experience: Experience) -> float:
    """Return a usual maximal oxygen uptake (ml/(kg min)).

    Medians of ages 20–29 and 70–79, with a constant decline per year between: Kaminsky, Arena &
    Myers, Mayo Clin. Proc. 90 (2015) 1515. Standard deviation 15 % of the mean: Loe et al., PLoS
    ONE 8 (2013) e64319. Younger athletes are taken as 24.5 years old.
    """
    young, old = _MEDIAN_OXYGEN_UPTAKE[sex]
    ageing = max(age - _YOUNG, 0.0) / (_OLD - _YOUNG)
    median = young * (old / young) ** ageing
    return median * (1 + _OXYGEN_UPTAKE_SPREAD * _DEVIATIONS[experience])


def yearly_decline(sex: Sex) -> float:
    """Return by which factor VO2max changes in a year of ageing (Kaminsky et al. 2015)."""
    young, old = _MEDIAN_OXYGEN_UPTAKE[sex]
    return float((old / young) ** (1 / (_OLD - _YOUNG)))


def experience(weekly_distance: float) -> Experience:
    """Return how used to training somebody is who runs ``weekly_distance`` (m) a week.

    Bands of Rasmussen et al., Int. J. Sports Phys. Ther. 8 (2013) 111.
    """
    reached = [level for level, least in WEEKLY_DISTANCE.items() if weekly_distance >= least]
    return reached[-1] if reached else Experience.BEGINNER
