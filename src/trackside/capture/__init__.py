"""Capture: from sensors to blocks.

Owns device protocols (bytes to samples, no I/O), transports (BLE, serial, UDP), clock alignment,
reconnection, and the recorder that writes any source of blocks to a file. May import recordings
and filters.
"""
