"""What the schema becomes in a database that these tests do not have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_mock_engine

from kzreminder.storage.tables import metadata


def test_on_postgresql_indexes_are_as_narrow_as_on_sqlite() -> None:
    said: list[str] = []

    def note(statement: Any, *_: Any) -> None:
        said.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("postgresql+psycopg://", note)
    metadata.create_all(engine, checkfirst=False)
    assert {line.strip() for line in said if " WHERE " in line} == {
        "CREATE INDEX ix_cards_attempts ON cards (attempts) WHERE attempts > 0",
        "CREATE INDEX ix_cards_own_leads ON cards (urgent_at) WHERE leads is not null",
        "CREATE INDEX ix_cards_renewing ON cards (wake_at, last_good_on, read_at) WHERE auto_renew",
        "CREATE INDEX ix_cards_awaits ON cards (awaits) WHERE awaits is not null",
        "CREATE INDEX ix_cards_claimed ON cards (claim_token) WHERE claim_token is not null",
        "CREATE INDEX ix_messages_open ON messages (target) WHERE is_open",
    }
