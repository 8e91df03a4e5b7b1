"""Filters: numeric kernels on plain arrays.

Owns the orientation Kalman filter, rest detection and the heart rate. Knows nothing of files,
devices or bodies; imports no other stage.
"""
