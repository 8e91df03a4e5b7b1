"""The store: runners, plans, jobs, recordings' summaries, adjustments and who may see them.

SQLite beside the service or PostgreSQL, chosen by one URL. Every file is about one collection; its
functions take the connection of a transaction that :class:`~.database.Database` opens, so that what
belongs together is stored together or not at all.
"""
