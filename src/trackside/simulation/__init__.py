"""Simulation: the simulated athlete.

Owns a walking and running body with published joint-angle curves, virtual sensors with their
errors, and the exact truth behind them. May import recordings, capture and kinematics.
"""
