"""Planner: the training plan and what changes it.

Owns the calendar, load models, season and session optimisation, the plan adjuster, store and
service. May import kinematics, for its features only.
"""
