"""3: who holds a card, which toasts are open and on which server, what a button recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"

NEW = {
    "cards": (
        sa.Column("claim_owner", sa.String()),
        sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()),
    ),
    "messages": (
        sa.Column("kind", sa.String()),
        sa.Column("deadline_at", sa.BigInteger()),
        sa.Column("server", sa.String()),
        sa.Column("is_open", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("answered", sa.String()),
    ),
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for column in columns:
            op.add_column(table, column.copy())
    _index("ix_cards_held", "cards", "id", sa.text("held"))
    _index("ix_messages_open", "messages", "target", sa.text("is_open"))


def _index(name: str, table: str, column: str, where: sa.TextClause) -> None:
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
