"""One file per maker: recognising a maker's recording by its content, and reading it.

Each has ``MAKER``, ``recognise(path) -> bool`` and ``read(path) -> Session``; both raise
:class:`trackside.errors.FileFormatError` for a file of that maker that cannot be used.
"""
