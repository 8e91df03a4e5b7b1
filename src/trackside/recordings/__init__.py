"""Recordings: the data model and the one source of truth on disk.

Owns the stream, the block and the recording; the HDF5 format, written while recording, read,
replayed as live blocks; importers for other makers' files. Imports no other stage.
"""
