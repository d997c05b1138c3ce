"""What alembic runs: the migrations, on the connection it is handed, inside the transaction that is already open."""

from alembic import context

# Alembic puts the configuration there before it runs this file; whoever only imports it runs nothing.
settings = getattr(context, "config", None)
if settings is not None:
    context.configure(connection=settings.attributes["connection"], transactional_ddl=False)
    context.run_migrations()
