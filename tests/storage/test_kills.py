"""Killed at any moment, an upgrade, a copy or a restore leaves all sound, and no half file."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kzreminder.storage.backup import examine
from kzreminder.storage.tables import SCHEMA
from tests.cli.running import contents_of
from tests.storage.old_databases import (
    LABELS,
    SCHEMAS,
    ask,
    backups_of,
    is_sound,
    keeping_in,
    kept_store,
    labels_in,
    lay_old,
    schema_in,
)
from tests.storage.samples import NOW, a_card, url_of
from tests.storage.striking import Strike, Striker, a_striker, strikes_at

ROUNDS = 6
"Of each kind at odd moments, beside one before and one after every step."
KILLED = -9
LONGEST_MS = {"upgrade": 250.0, "backup": 40.0, "restore": 60.0}
"About as long as they take when nobody kills them."


def laid_anew(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def an_upgrade(striker: Striker, strike: Strike, chance: random.Random) -> int:
    folder, schema = Path(strike.folder), chance.choice(SCHEMAS)
    file = lay_old(folder, schema)
    before = contents_of(file)
    end = striker(strike)
    assert is_sound(file)
    if schema_in(file) != SCHEMA:
        assert contents_of(file) == before, "all of it, or nothing"
    assert_whole_copies(keeping_in(folder).backups)
    assert striker(Strike("upgrade", strike.folder)) == 0, "the next command does it again"
    kept_store(folder).close()
    assert (schema_in(file), labels_in(file)) == (SCHEMA, LABELS)
    return end


def a_copy(striker: Striker, strike: Strike, chance: random.Random) -> int:
    folder = Path(strike.folder)
    store = kept_store(folder)
    for number in range(chance.randrange(1, 30)):
        store.add(a_card(f"Card {number}"), NOW)
    store.close()
    before = contents_of(folder / "cards.db")
    end = striker(strike)
    assert contents_of(folder / "cards.db") == before
    assert_whole_copies(keeping_in(folder).backups)
    made = backups_of(folder).make(NOW)
    assert contents_of(made) == before
    assert list(made.parent.glob(".*")) == [], "what the killed one had begun is taken away"
    return end


def a_restore(striker: Striker, strike: Strike, chance: random.Random) -> int:
    folder = Path(strike.folder)
    for label in ("Present", "Past"):
        store = kept_store(folder)
        store.add(a_card(label), NOW)
        store.close()
        if label == "Present":
            (folder / "cards.db").rename(folder / "present.db")
            keeping_in(folder).marker(url_of(folder)).unlink()
    (folder / "cards.db").rename(folder / "copy.db")
    shutil.copy(folder / "present.db", folder / "cards.db")
    file = folder / "cards.db"
    end = striker(strike)
    kept_store(folder).close()
    assert is_sound(file)
    assert labels_in(file) in ({"Present"}, {"Past"})
    if labels_in(file) == {"Past"}:
        [kept] = folder.glob("cards.kept-*.db")
        assert labels_in(kept) == {"Present"}
        assert ask(file, "select wake_at is not null from cards") == [(1,)]
    from kzreminder.storage.restoring import restore

    restored = restore(folder / "copy.db", url_of(folder), keeping_in(folder), NOW)
    assert labels_in(file) == {"Past"}
    assert restored.kept is not None
    assert {"Present"} in [labels_in(kept) for kept in folder.glob("cards.kept-*.db")]
    assert [path for path in folder.glob("cards.kept-*") if path.samefile(file)] == []
    assert list(folder.glob(".*")) == []
    return end


def assert_whole_copies(folder: Path) -> None:
    """Whatever has its final name is whole."""
    for path in folder.glob("cards-*"):
        examine(path)
        assert path.stat().st_mode & 0o777 == 0o600


RUNS = {"upgrade": an_upgrade, "backup": a_copy, "restore": a_restore}


@pytest.fixture(scope="module")
def striker() -> Iterator[Striker]:
    with a_striker() as made:
        yield made


@pytest.mark.timeout(300)
@pytest.mark.parametrize("work", RUNS)
def test_killed_at_every_step(striker: Striker, tmp_path: Path, work: str) -> None:
    folder = tmp_path / work
    for strike in strikes_at(work, folder):
        laid_anew(folder)
        assert RUNS[work](striker, strike, random.Random(1)) == KILLED, strike


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("work", RUNS)
def test_killed_at_odd_moments(striker: Striker, tmp_path: Path, work: str) -> None:
    chance = random.Random(20261121)
    for _ in range(ROUNDS):
        at_an_odd_moment(striker, tmp_path / work, work, chance)


def at_an_odd_moment(striker: Striker, folder: Path, work: str, chance: random.Random) -> int:
    laid_anew(folder)
    strike = Strike(work, str(folder), milliseconds=chance.uniform(0.1, LONGEST_MS[work]))
    return RUNS[work](striker, strike, chance)


def campaign(rounds: int) -> None:
    """Prints its figures; stops at the first thing that does not hold."""
    chance = random.Random()
    with tempfile.TemporaryDirectory() as home, a_striker() as striker:
        for work in RUNS:
            started = time.monotonic()
            ends = Counter(
                at_an_odd_moment(striker, Path(home) / work, work, chance) for _ in range(rounds)
            )
            seconds = time.monotonic() - started
            print(f"{work}: {ends[KILLED]} killed, {ends[0]} were quicker, {seconds:.0f} s")
