"""Kinematics: from sensor orientations to a moving skeleton.

Owns the skeleton and its proportions, sensor-to-segment calibration, heading alignment, the chained
joint solver, joint-angle conventions, the root path, BVH, and gait features. May import recordings
and filters.
"""
