"""What Alembic runs to bring a database up: inside the transaction that it is handed.

Not here: that transaction (child). Only Alembic can import this module.
"""

from alembic import context

connection = context.config.attributes["connection"]
schema = context.config.attributes["schema"]

context.configure(connection=connection)
migrations = context.get_context()
if schema > 1:  # Alembic's table knows where to begin for as long as this transaction lasts
    migrations.stamp(context.script, str(schema))
context.run_migrations()
connection.exec_driver_sql(f"DROP TABLE {migrations.version_table}")
