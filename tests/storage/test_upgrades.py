"""A database of an older schema is brought up to ours, its cards unharmed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kzreminder import places
from kzreminder.core.card import Card
from kzreminder.core.period import last_good_day, parse_stored
from kzreminder.core.rolling import as_of
from kzreminder.errors import StorageFault
from kzreminder.storage import upgrading
from kzreminder.storage.store import Store
from kzreminder.storage.tables import SCHEMA
from kzreminder.storage.upgrades.versions.schema_2 import _last_good_day
from tests.cli.running import contents_of
from tests.storage.old_databases import (
    FOLDER,
    LABELS,
    SCHEMAS,
    ask,
    is_sound,
    keeping_in,
    kept_store,
    labels_in,
    lay_old,
    schema_in,
)
from tests.storage.samples import NOW, a_card, a_store, url_of

in_one_process = pytest.mark.xdist_group("upgraded")
"An upgrade takes a process of its own, which takes a second."


def test_there_is_a_sample_of_every_schema_before_ours() -> None:
    assert tuple(range(1, SCHEMA)) == SCHEMAS
    assert [schema_in(FOLDER / f"schema_{schema}.db") for schema in SCHEMAS] == list(SCHEMAS)


def opened(folder: Path) -> dict[str, Card]:
    store = kept_store(folder)
    try:
        return {card.label: card for card in store.cards(archived=True)}
    finally:
        store.close()


@dataclass(frozen=True)
class Upgraded:
    schema: int
    folder: Path
    before: dict[str, Any]

    @property
    def file(self) -> Path:
        return self.folder / "cards.db"


@pytest.fixture(scope="module", params=SCHEMAS)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """What the tests below look at, and leave as it is."""
    folder = tmp_path_factory.mktemp("upgraded")
    before = contents_of(lay_old(folder, request.param))
    opened(folder)
    return Upgraded(request.param, folder, before)


@in_one_process
def test_an_old_database_is_upgraded_with_all_that_it_holds(upgraded: Upgraded) -> None:
    file, before = upgraded.file, upgraded.before
    cards = opened(upgraded.folder)
    assert set(cards) == LABELS
    assert cards["Away"].archived
    assert cards["Mum"].plan.price == Decimal(4990)
    assert cards["Mum"].plan.last_good_on == date(2027, 1, 19)
    assert schema_in(file) == SCHEMA
    assert is_sound(file)
    after = contents_of(file)
    for table in ("events", "marks"):
        assert after[table] == before[table]
    assert [row[: len(before["messages"][0])] for row in after["messages"]] == before["messages"]
    assert "alembic_version" not in after, "the number in meta is the one truth"


@in_one_process
def test_an_upgraded_card_lives_on(upgraded: Upgraded, tmp_path: Path) -> None:
    shutil.copy(upgraded.file, tmp_path)
    store = kept_store(tmp_path)
    store.add(a_card("New"), NOW)
    mum = store.find("Mum")
    assert store.history(mum.id)
    assert store.last_message(store.find("Office").id) is not None
    assert store.marks_of([store.find("Office").id])
    undone, what = store.undo(mum.id, NOW)
    assert (what, undone.plan.last_good_on) == ("renewed", date(2026, 12, 20))
    store.close()


@in_one_process
def test_a_copy_is_made_first_and_named_after_its_schema(upgraded: Upgraded) -> None:
    [copy] = keeping_in(upgraded.folder).backups.iterdir()
    named = rf"cards-[0-9a-f]{{16}}-schema{upgraded.schema}-20261121T050000Z\.db"
    assert re.fullmatch(named, copy.name)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert contents_of(copy) == upgraded.before


@in_one_process
def test_upgraded_and_made_new_a_database_has_one_schema(
    upgraded: Upgraded, tmp_path: Path
) -> None:
    a_store(tmp_path).close()
    assert shape_of(upgraded.file) == shape_of(tmp_path / "cards.db")


def shape_of(file: Path) -> dict[str, Any]:
    """All that decides what a database takes, without the order in which columns came."""
    shape: dict[str, Any] = {}
    for name, text in ask(file, "select name, sql from sqlite_master where type = 'table'"):
        columns = ask(
            file, f"select name, type, \"notnull\", dflt_value, pk from pragma_table_info('{name}')"
        )
        foreign = ask(
            file,
            f'select "table", "from", "to", on_delete from pragma_foreign_key_list(\'{name}\')',
        )
        indexes = {
            index: (
                unique,
                partial,
                tuple(ask(file, f"select name from pragma_index_info('{index}')")),
            )
            for _seq, index, unique, _origin, partial in ask(file, f"pragma index_list('{name}')")
        }
        checks = sorted(
            " ".join(found.split()) for found in re.findall(r"CONSTRAINT .*", text or "")
        )
        shape[name] = (sorted(columns), sorted(foreign), indexes, checks, "AUTOINCREMENT" in text)
    indexes_made = ask(file, "select name, sql from sqlite_master where type = 'index'")
    return shape | {name: " ".join((text or "").split()) for name, text in indexes_made}


def test_a_charge_that_was_made_has_begun_the_next_period(tmp_path: Path) -> None:
    lay_old(tmp_path, 1)
    rich = opened(tmp_path)["Rich"]
    assert rich.plan.started_on == date(2026, 12, 1)
    assert rich.plan.last_good_on == date(2026, 12, 31)
    assert rich.balance.estimated


CHARGED = [
    ("1mo", 31, "2027-01-30", date(2027, 2, 27), True),
    ("30d", None, "2027-01-30", date(2027, 3, 1), True),
    ("1y", 29, "2028-02-28", date(2029, 2, 27), True),
    ("month-start", None, "2027-01-31", date(2027, 2, 28), True),
    ("none", None, "2027-01-30", date(2027, 1, 30), False),
]


def test_every_kind_of_period_goes_on_after_its_charge(tmp_path: Path) -> None:
    file = lay_old(tmp_path, 1)
    [rich] = ask(file, "select * from cards where label = 'Rich'")
    named = [name for (name,) in ask(file, "select name from pragma_table_info('cards')")]
    for number, (period, anchor_day, last_good_on, _next, _estimated) in enumerate(CHARGED):
        card = dict(zip(named, rich, strict=True)) | {
            "id": 1000 + number,
            "label": period,
            "number": None,
            "period": period,
            "anchor_day": anchor_day,
            "started_on": None,
            "last_good_on": last_good_on,
            "charged_on": last_good_on,
        }
        marks = ", ".join("?" * len(card))
        ask(file, f"insert into cards ({', '.join(card)}) values ({marks})", card.values())
    cards = opened(tmp_path)
    for period, _anchor_day, _last_good_on, next_last_good_on, is_estimated in CHARGED:
        assert cards[period].plan.last_good_on == next_last_good_on, period
        assert cards[period].balance.estimated == is_estimated, period


def test_what_was_not_charged_stays_as_it_was(tmp_path: Path) -> None:
    file = lay_old(tmp_path, 1)
    ask(file, "update cards set charged_on = null")
    rich = opened(tmp_path)["Rich"]
    assert rich.plan.last_good_on == date(2026, 11, 30)
    assert not rich.balance.estimated
    assert as_of(rich, datetime(2026, 11, 29, tzinfo=UTC)) == rich


@pytest.mark.parametrize("period", ["1d", "28d", "30d", "1mo", "3mo", "1y", "month-start", "none"])
def test_the_rule_that_the_step_brought_along_is_that_of_its_time(period: str) -> None:
    """As long as ours is still the same one."""
    for first in (date(2026, 1, 31), date(2027, 2, 28), date(2028, 2, 29), date(2026, 12, 1)):
        for anchor_day in (None, 1, 28, 29, 30, 31):
            ours = last_good_day(first, parse_stored(period), anchor_day)
            assert _last_good_day(first, period, anchor_day) == ours


def test_it_is_done_once(tmp_path: Path) -> None:
    lay_old(tmp_path, 1)
    assert opened(tmp_path) == opened(tmp_path)
    assert len(list(keeping_in(tmp_path).backups.iterdir())) == 1


def test_of_what_takes_long_a_sign_of_life_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_old(tmp_path, 1)
    signs: list[None] = []
    monkeypatch.setattr(upgrading, "SIGN_SECONDS", 0.05)
    keeping = replace(keeping_in(tmp_path), sign_of_life=lambda: signs.append(None))
    Store(url_of(tmp_path), places.make_private, keeping).close()
    assert len(signs) > 2


def test_a_command_that_is_stopped_stops_the_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    file = lay_old(tmp_path, 1)
    before = contents_of(file)
    monkeypatch.setattr(upgrading, "SIGN_SECONDS", 0.05)
    with pytest.raises(KeyboardInterrupt):
        Store(
            url_of(tmp_path), places.make_private, replace(keeping_in(tmp_path), sign_of_life=stop)
        )
    assert_untouched(file, before, 1)


# What stops it


def assert_untouched(file: Path, before: dict[str, Any], schema: int) -> None:
    assert schema_in(file) == schema
    assert contents_of(file) == before


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    file = lay_old(tmp_path, 1)
    ask(file, "update cards set period = 'often' where label = 'Rich'")
    before = contents_of(file)
    with pytest.raises(StorageFault, match="could not be brought up to date"):
        opened(tmp_path)
    assert_untouched(file, before, 1)


def test_what_is_unsound_afterwards_is_not_kept(tmp_path: Path) -> None:
    file = lay_old(tmp_path, 1)
    ask(file, "insert into events (card_id, at, what, changes, details) values (99, 0, '', '', '')")
    before = contents_of(file)
    with pytest.raises(StorageFault, match="cards that are not there"):
        opened(tmp_path)
    assert_untouched(file, before, 1)


def test_without_a_copy_there_is_no_upgrade(tmp_path: Path) -> None:
    before = contents_of(lay_old(tmp_path, 2))
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "backups").write_text("in the way")
    with pytest.raises(StorageFault):
        opened(tmp_path)
    assert_untouched(tmp_path / "cards.db", before, 2)


@pytest.mark.long
def test_the_last_two_copies_of_each_schema_are_kept(tmp_path: Path) -> None:
    from datetime import timedelta

    from kzreminder.storage.engine import open_engine

    for day in range(4):
        for schema in SCHEMAS:
            lay_old(tmp_path, schema)
            now = NOW + timedelta(days=day)
            keeping = replace(keeping_in(tmp_path), now=lambda now=now: now)  # type: ignore[misc]
            open_engine(url_of(tmp_path), keeping.make_folder, keeping).dispose()
    names = sorted(path.name for path in keeping_in(tmp_path).backups.iterdir())
    assert [name.split("-", 2)[2] for name in names] == [
        "schema1-20261123T050000Z.db",
        "schema1-20261124T050000Z.db",
        "schema2-20261123T050000Z.db",
        "schema2-20261124T050000Z.db",
    ]


LIST = """
import sys
from pathlib import Path
from tests.storage.old_databases import kept_store
print(len(kept_store(Path(sys.argv[1])).cards(archived=True)))
"""


def test_of_several_processes_one_upgrades_and_the_others_go_on(tmp_path: Path) -> None:
    file = lay_old(tmp_path, 1)
    start = [sys.executable, "-c", LIST, str(tmp_path)]
    children = [
        subprocess.Popen(start, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    ends = [(*child.communicate(timeout=50), child.returncode) for child in children]
    assert ends == [("9\n", "", 0)] * 4
    assert len(list(keeping_in(tmp_path).backups.iterdir())) == 1
    assert labels_in(file) == LABELS


def test_the_address_is_on_no_command_line(tmp_path: Path) -> None:
    """It may hold a password. The child is looked at while it works."""
    watch = (
        "import subprocess, sys; from pathlib import Path; real = subprocess.Popen\n"
        "def spy(words, **rest):\n"
        "    print(*words, file=sys.stderr); return real(words, **rest)\n"
        "subprocess.Popen = spy\n"
    )
    lay_old(tmp_path, 2)
    done = subprocess.run(
        [sys.executable, "-c", watch + LIST, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert "kzreminder.storage.upgrades" in done.stderr
    assert "cards.db" not in done.stderr
