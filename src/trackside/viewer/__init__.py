"""Viewer: the live window, the 3D replay and the single-file HTML replay.

Owns everything that draws a moving skeleton for a person. May import recordings and kinematics.
"""
