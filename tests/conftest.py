"""Settings for all tests: hypothesis draws the same examples every time, without a deadline."""

from hypothesis import settings

from lsl_loopback import configure

configure()
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")
