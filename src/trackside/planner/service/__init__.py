"""The service: plans over HTTP, for a page on a phone and for other programs.

``application.py`` puts it together; each ``…_routes.py`` is about one collection of the store.
Plans are made by a queue of jobs, each in a process of its own.
"""
