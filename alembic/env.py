"""How Alembic runs here: on the connection that `monitor.store.migrate` hands over, in one transaction."""

from __future__ import annotations

from alembic import context
from monitor.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
