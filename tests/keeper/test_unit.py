"""The installed unit's text, as this machine's systemd reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kzreminder import __version__
from kzreminder.keeper import unit
from kzreminder.keeper.setup import Setup, setup_here

ODD = "50% of $HOME %h 'a' \"b\" \\c"
PLAIN = Setup(("/opt/kz/bin/kzreminder",))


def verified(file: Path, folder: Path) -> tuple[int, str]:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    folder.chmod(0o700)
    done = subprocess.run(
        [analyze, "--user", "--recursive-errors=no", "verify", file],
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stderr


def test_the_unit_names_the_program_and_not_how_to_find_it() -> None:
    lines = unit.service_text(PLAIN).splitlines()
    assert 'ExecStart=:"/opt/kz/bin/kzreminder" run' in lines
    assert not [line for line in lines if "PATH=" in line and "TMPDIR" not in line]
    assert __version__ in lines[0]


def test_systemd_finds_no_fault_in_a_unit_full_of_signs(tmp_path: Path) -> None:
    program = tmp_path / ODD / "kzreminder"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    odd = Setup(
        (str(program),),
        (("XDG_DATA_HOME", f"/{ODD}"),),
        (Path(f"/{ODD}"),),
        (Path(f"/{ODD}"),),
        Path(f"/{ODD}"),
    )
    (tmp_path / unit.SERVICE).write_text(unit.service_text(odd), encoding="utf-8")
    (tmp_path / unit.TIMER).write_text(unit.timer_text(), encoding="utf-8")
    assert verified(tmp_path / unit.SERVICE, tmp_path) == (0, "")


def test_systemd_finds_no_fault_in_the_drop_in(tmp_path: Path) -> None:
    (tmp_path / f"{unit.SERVICE}.d").mkdir()
    for name, place in (
        (unit.SERVICE, tmp_path),
        (unit.TIMER, tmp_path),
        (unit.WITHOUT_NAMESPACES, tmp_path / f"{unit.SERVICE}.d"),
    ):
        (place / name).write_text(unit.shipped(name), encoding="utf-8")
    assert verified(tmp_path / unit.SERVICE, tmp_path) == (0, "")


def test_the_drop_in_takes_back_all_that_needs_a_user_namespace() -> None:
    """Both ways: what is taken back stands in the unit, and nothing of its block is left."""
    lines = unit.shipped(unit.SERVICE).splitlines()
    block = lines[lines.index("PrivateUsers=yes") : lines.index("CapabilityBoundingSet=") + 1]
    needing = {line.partition("=")[0] for line in block if not line.startswith("#")}
    taken_back = {
        line.partition("=")[0]
        for line in unit.shipped(unit.WITHOUT_NAMESPACES).splitlines()
        if "=" in line and not line.startswith("#")
    }
    assert needing - {"ExecStartPre", "Environment"} == taken_back


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/usr/bin/kzreminder", '"/usr/bin/kzreminder"'),
        ("a b", '"a b"'),
        ("50%", '"50%%"'),
        ("$HOME", '"$HOME"'),  # no variable: a colon stands before the command
        ('say "hi"', '"say \\"hi\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("two\nlines", '"two\\x0alines"'),
    ],
)
def test_a_word_is_quoted_as_systemd_reads_it(word: str, written: str) -> None:
    assert unit.quoted(word) == written


def test_a_unit_is_current_whoever_asks_in_whichever_shell() -> None:
    told = Setup(PLAIN.program, (("XDG_DATA_HOME", "/data"),), (Path("/data/kzreminder"),))
    assert unit.is_current(unit.service_text(told), PLAIN)
    assert unit.is_current(unit.service_text(PLAIN), told)


@pytest.mark.parametrize(
    ("of", "by"),
    [(__version__, "0.0.0"), ("kz/bin", "kz/sbin"), ("NoNewPrivileges=yes", "NoNewPrivileges=no")],
)
def test_a_unit_of_another_version_is_not_current(of: str, by: str) -> None:
    assert not unit.is_current(unit.service_text(PLAIN).replace(of, by), PLAIN)


def test_folders_elsewhere_are_made_and_opened_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", f"/srv/{name.lower()}")
    text = unit.service_text(setup_here(os.environ, Path("/srv/own.toml"), Path("/srv/db/kz.db")))
    for folder in ("/srv/data/kzreminder", "/srv/state/kzreminder", "/srv/cache/kzreminder"):
        assert f'mkdir -p -m 0700 "{folder}"\n' in text
        assert f'ReadWritePaths="-{folder}"\n' in text
    assert 'ReadWritePaths="-/srv/db"\n' in text
    assert '"/srv/db"' not in text  # a disk that is not there is not to be made up for
    for told in ("XDG_DATA_HOME=/srv/data", "KZREMINDER_CONFIG=/srv/own.toml"):
        assert f'Environment="{told}"\n' in text
    last = [line for line in text.splitlines() if "TMPDIR" in line][-1]
    assert last == 'Environment="TMPDIR=/srv/cache/kzreminder"'


def test_an_address_with_a_password_is_never_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KZREMINDER_DATABASE", "postgresql://kz:secret@db/kz")
    assert "secret" not in unit.service_text(setup_here(os.environ))
