"""Trackside: body-worn sensors at the track, as a moving skeleton, gait features and a plan."""

__version__ = "0.1.0"
