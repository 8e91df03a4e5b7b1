"""Filters: numeric kernels on plain arrays.

Owns the orientation Kalman filter and rest detection. Knows nothing of files, devices or bodies;
imports no other stage.
"""
