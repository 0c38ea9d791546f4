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
    _index("ix_cards_held", "cards", "held", "held = 1", "held")
    claimed = "claim_token is not null"
    _index("ix_cards_claimed", "cards", "claim_token", claimed, claimed)
    op.create_index("ix_messages_notification", "messages", ["notification_id"])
    _index("ix_messages_open", "messages", "target", "is_open = 1", "is_open")


def _index(name: str, table: str, column: str, sqlite: str, postgresql: str) -> None:
    op.create_index(
        name, table, [column], sqlite_where=sa.text(sqlite), postgresql_where=sa.text(postgresql)
    )
