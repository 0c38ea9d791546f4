"""The promises outside the code: the shape of the tree, the unit, the commands of the README."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "kzreminder"
MODULES = sorted(SOURCES.rglob("*.py"))
UNITS = sorted([*ROOT.glob("systemd/*.service"), *ROOT.glob("systemd/*.timer")])

TOP_LEVEL = {"src", "config", "tests", "systemd", "docs"} | {
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
}
MOST_LINES = 320


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_top_level_holds_what_the_house_names() -> None:
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert there - TOP_LEVEL - {"build", "dist"} == set()  # the last two are git-ignored


def test_every_room_has_a_door() -> None:
    rooms = {path.parent for path in MODULES} - {SOURCES / "locale"}  # no room, only its build
    assert [name(room) for room in sorted(rooms) if not (room / "__init__.py").exists()] == []


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_opens_with_the_sign_on_its_door(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    if module.name == "__init__.py":
        assert [ast.unparse(line) for line in tree.body[1:] if not is_version(line)] == []


def is_version(line: ast.stmt) -> bool:
    return isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "__version__"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_module_outgrows_its_room(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("command", ["tests/setup && .venv/bin/kzreminder demo", "tests/run"])
def test_the_readme_gives_the_command_on_a_line_of_its_own(command: str) -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert command in [line.strip() for line in lines]


@pytest.mark.parametrize(
    "script", ["tests/setup", "tests/packages", "tests/run", "tests/catalogues.py", ".ci/run"]
)
def test_scripts_can_be_started(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("unit", UNITS, ids=name)
def test_systemd_finds_no_fault_in_the_unit(unit: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed")
    tmp_path.chmod(0o700)
    done = subprocess.run(
        # Without the second option a misspelt key is printed and forgiven.
        [analyze, "--user", "--recursive-errors=no", "verify", unit],
        env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_service_runs_the_program_of_the_user() -> None:
    unit = (ROOT / "systemd" / "kzreminder.service").read_text(encoding="utf-8")
    assert "ExecStart=/usr/bin/env kzreminder run\n" in unit
    assert "PATH=%h/.local/bin:" in unit


def test_what_ci_checks_is_checked_before_a_commit() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    checks = re.findall(r"^check ([^#\n]*[^#\s])", ci, flags=re.MULTILINE)
    for check in checks:
        if not check.startswith("pytest"):  # the tests take too long for it
            assert f".venv/bin/{check.removesuffix(' --check')}" in hooks
    assert "http" not in hooks, "nothing is fetched from elsewhere"


def test_the_imports_keep_to_the_doors() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    if not linter.exists():
        pytest.skip("import-linter is not installed beside this Python")
    # Its cache can miss a room that has just come.
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
