"""4: several targets and several services: who speaks of a card, where, and what it waits for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"


def upgrade() -> None:
    op.add_column("cards", sa.Column("targets", sa.String(), nullable=False, server_default=""))
    op.add_column("cards", sa.Column("watcher", sa.String()))
    op.add_column("cards", sa.Column("awaits", sa.String()))
    op.execute(sa.text("update cards set awaits = 'somebody' where held"))
    op.drop_index("ix_cards_held", "cards")
    op.drop_column("cards", "held")
    op.drop_index("ix_cards_wake_at", "cards")
    op.create_index("ix_cards_wake_at", "cards", ["watcher", "wake_at"])
    waiting = sa.text("awaits is not null")
    op.create_index(
        "ix_cards_awaits", "cards", ["awaits"], sqlite_where=waiting, postgresql_where=waiting
    )
    failed, own = sa.text("attempts > 0"), sa.text("leads is not null")
    op.create_index(
        "ix_cards_attempts", "cards", ["attempts"], sqlite_where=failed, postgresql_where=failed
    )
    op.create_index(
        "ix_cards_own_leads", "cards", ["urgent_at"], sqlite_where=own, postgresql_where=own
    )
    op.create_index(
        "ix_cards_renewing",
        "cards",
        ["wake_at", "last_good_on", "read_at"],
        sqlite_where=sa.text("auto_renew = 1"),
        postgresql_where=sa.text("auto_renew"),
    )
    op.create_table(
        "services",
        sa.Column("owner", sa.String(), primary_key=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("watches", sa.String(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("has_desktop", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
