"""Runs steps in the transaction that the store is opened in."""

from alembic import context

from trackside.planner.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # SQLite changes tables by making them anew
    render_as_batch=True,
)
context.run_migrations()
