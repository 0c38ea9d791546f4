"""storage.upgrades STEPS UP: from an older schema to ours, in a process of its own.

One file a schema in `versions`, run by Alembic in one transaction after a copy was made. `meta`
holds the schema's number, and nothing else does: Alembic's own table goes before the commit.
A step that has shipped is not edited, and takes nothing from rooms whose rules may change.
"""
