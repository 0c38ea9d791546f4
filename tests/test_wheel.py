"""What is shipped works away from the checkout: the wheel, made from the sdist, in a clean venv."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import kzreminder
from kzreminder.cli.manual import manual_page

ROOT = Path(__file__).resolve().parents[1]
DAY = "2099-12-31"

# One process builds and installs; with the tests spread over processes each would do so.
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("wheel")]


def run(*words: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        words, cwd=cwd, env=env, capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel made from it, from a copy without anything compiled."""
    place = tmp_path_factory.mktemp("build")
    copy = place / "copy"
    clutter = shutil.ignore_patterns(
        ".git", ".venv", "*.mo", "__pycache__", ".*_cache", ".hypothesis"
    )
    shutil.copytree(ROOT, copy, ignore=clutter)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", place / "dist", cwd=copy)
    return place / "dist"


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a clean venv that holds the wheel and nothing else."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place)
    pip = (
        sys.executable,
        "-m",
        "pip",
        "--python",
        place / "bin" / "python",
        "install",
        "--quiet",
        "--no-compile",
    )
    run(*pip, "-c", ROOT / "tests" / "constraints.txt", wheel, cwd=place)
    return place / "bin" / "kzreminder"


class User:
    """Somebody with an empty home, in another folder, on a machine without a desktop."""

    def __init__(self, program: Path, home: Path) -> None:
        self.program = program
        self.home = home

    def runs(self, *words: str) -> str:
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        return run(self.program, *words, cwd=self.home, env=env)

    def reads(self, *words: str) -> Any:
        return json.loads(self.runs(*words, "--json"))


@pytest.fixture
def user(installed: Path, tmp_path: Path) -> User:
    return User(installed, tmp_path)


def files_under(folder: str) -> set[str]:
    return {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file()}


def test_the_wheel_carries_what_ships_as_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        f"kzreminder/shipped/{name}" for name in files_under("config") | files_under("systemd")
    }
    assert wanted - names == set()


def test_the_wheel_carries_compiled_catalogues_and_not_their_sources(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if "/locale/" in name}
    languages = {path.parents[1].name for path in ROOT.glob("src/kzreminder/locale/*/*/*.po")}
    assert names == {f"kzreminder/locale/{each}/LC_MESSAGES/kzreminder.mo" for each in languages}


def test_the_wheel_brings_the_manual_page_and_not_what_makes_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [page] = [name for name in names if name.endswith("share/man/man1/kzreminder.1")]
        assert archive.read(page).decode() == manual_page()
    assert "kzreminder/cli/manual.py" not in names


def test_the_sdist_can_be_tested_and_holds_nothing_compiled(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    scripts = {"tests/setup", "tests/packages", "tests/run"}
    assert names >= scripts | {"config/config.toml", "LICENSE", "CHANGELOG.md"}
    assert [name for name in names if name.endswith((".mo", ".pyc"))] == []


def test_an_installed_program_says_its_version_and_helps(user: User) -> None:
    assert kzreminder.__version__ in user.runs("--version")
    assert "Usage:" in user.runs("--help")


def test_an_installed_program_knows_the_operators(user: User) -> None:
    assert {"kcell", "beeline"} <= {operator["id"] for operator in user.reads("operators", "list")}


def test_an_installed_program_draws_pages_in_other_languages(user: User) -> None:
    for language, words in LANGUAGES.items():
        page = user.runs("guide", "kcell", "--html", "-", "--lang", language)
        assert words in page


LANGUAGES = {"zh-Hant": "來源", "kk": "Дереккөздер"}


def test_an_installed_program_reads_messages(user: User) -> None:
    assert user.reads("sms", "Ваш баланс 350 тг.")["amount"] == "350"


def test_an_installed_program_keeps_cards(user: User) -> None:
    added = user.reads("add", "+77011234567", "--label", "Mum", "--expires", DAY)
    assert added["number"] == "+77011234567"
    assert [card["label"] for card in user.reads("list")] == ["Mum"]
    assert (user.home / ".local/share/kzreminder/kzreminder.db").exists()
