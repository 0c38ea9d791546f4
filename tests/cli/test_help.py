"""Every command explains itself with an example, and each example works."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import pytest
import time_machine

from kzreminder import places
from kzreminder.cli.root import root
from tests.cli.running import Home

NOW = datetime.fromisoformat("2026-11-21T07:00:00+00:00")
HARMFUL = {
    "run", "service", "demo", "test-notification", "status", "doctor"
}  # fmt: skip
"They look at this very machine, or stay."
FIRST_CARD = "kzreminder add 87011234567"
STICK = "/media/stick"


def commands(
    command: click.Command = root, words: tuple[str, ...] = ("kzreminder",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from commands(found, (*words, name))


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_the_help_of_a_command_has_an_example_of_it(words: tuple[str, ...]) -> None:
    command = ALL[words]
    assert command.help
    assert command.epilog
    examples = command.epilog.splitlines()
    assert examples
    for example in examples:
        assert re.match(rf"Example: {' '.join(words)}\b", example), example


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("examples"))
    with time_machine.travel(NOW, tick=False):
        card = ("--label", "Mum", "--operator", "kcell", "--period", "30d", "--tag", "family")
        assert made.kz("add", "87051234567", *card).exit_code == 0
        assert made.kz("used", "Mum").exit_code == 0  # for undo
    return made


@pytest.fixture
def home(_made: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A user with a card, and beside it the files that examples name."""
    home = Home(tmp_path)
    shutil.copytree(_made.data, home.data)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cards.csv").write_text("label,expires\nNew,2027-01-01\n")
    shutil.copy(places.shipped("config/operators/kcell.toml"), tmp_path)
    (tmp_path / "stick").mkdir()
    return home


@pytest.mark.parametrize(
    "words", [words for words in ALL if not HARMFUL & set(words)], ids=" ".join
)
def test_the_example_works(words: tuple[str, ...], home: Home) -> None:
    if words[-1] == "archive":
        (home.folder / "cards.csv").write_text("label\nMum\n")
    if words[-1] == "restore-backup":
        assert home.kz("backup", f"{home.folder}/stick/cards.db").exit_code == 0
    for example in str(ALL[words].epilog).splitlines():
        line = example.removeprefix("Example: ")
        if line.startswith(FIRST_CARD):
            shutil.rmtree(home.data)
        program, *args = shlex.split(line.replace(STICK, f"{home.folder}/stick"))
        assert program == "kzreminder"
        with time_machine.travel(NOW, tick=False):
            done = home.asked(*args, typed="y\n")
        assert done.exit_code == 0, done
