"""The manual page: every command and option stands in it, and it is shown without a complaint."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from kzreminder.cli.manual import manual_page
from tests.cli.test_help import ALL

COMMANDS = {words: one for words, one in ALL.items() if not isinstance(one, click.Group)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("manual") / "kzreminder.1"
    path.write_text(manual_page(), encoding="utf-8")
    return path


def test_it_tells_of_every_command_its_options_and_its_example(page: Path) -> None:
    sections = page.read_text(encoding="utf-8").replace("\\-", "-").split("\n.SS ")[1:]
    told = dict(section.split("\n", 1) for section in sections)
    assert [f'"{" ".join(words[1:])}"' for words in COMMANDS] == list(told)
    for words, command in COMMANDS.items():
        text = told[f'"{" ".join(words[1:])}"']
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                assert param.opts[0] in text
        assert text.count("\nExample:\n") == len(str(command.epilog).splitlines())


@pytest.mark.parametrize(
    "program",
    [
        ("man", "--warnings", "-l"),
        ("mandoc", "-Tlint", "-Wwarning"),
        ("groff", "-man", "-ww", "-z"),
    ],
)
def test_it_is_shown_without_a_complaint(page: Path, program: tuple[str, ...]) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    shown = subprocess.run(
        [*program, page], capture_output=True, text=True, timeout=30, check=False
    )
    complaints = [
        line for line in f"{shown.stderr}{shown.stdout}".splitlines() if "mandoc:" in line
    ]
    assert [line for line in complaints if "missing date" not in line] == []
    assert shown.stderr == ""
