"""What a shell is told when somebody presses Tab: the right words, quoted, obeyed by nobody."""

from __future__ import annotations

import os
import pty
import re
import shutil
import sys
import time
from pathlib import Path
from select import select

import pytest

from kzreminder.cli.completion import Typed, quoted
from tests.cli.running import SOURCES, Home

BREAKS = " \t\n\"'@><=;|&(:"
"What breaks words in bash, unless somebody has changed it."
HOSTILE = (
    "Mum's card", "Мама", "妈妈 的卡", "a:b:c d", "$(touch obeyed)", "`touch obeyed`", 'say "hi"',
    "Wow! really", "back\\slash", "star *", "~tilde", "x=y@z", "!bang", "end'", "-dash", "a;b|c&d",
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("labels"))
    for label in HOSTILE:
        done = made.kz("add", "--label", label, "--tag", "family", "--operator", "kcell")
        assert done.exit_code == 0, done
    return made


def offered(home: Home, line: str, shell: str = "bash", **environ: str) -> list[str]:
    """The lines of the answer; for zsh and fish, words are parted by \\x1f."""
    asked = {"_KZREMINDER_COMPLETE": f"{shell}_complete"} | (
        {"COMP_LINE": line, "COMP_WORDBREAKS": BREAKS}
        if shell == "bash"
        else {"KZREMINDER_TYPED": line}
    )
    done = home.kz(**asked, **environ)
    assert (done.exit_code, done.err) == (0, "")
    return [one for one in done.out.splitlines() if one]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("kzreminder show M", ["Mum\\'s\\ card"]),
        ("kzreminder show mum", ["Mum\\'s\\ card"]),
        ("kzreminder show 'Mum", ["Mum'\\''s card"]),
        ("kzreminder show мам", ["Мама"]),
        ("kzreminder show a:", ["b:c\\ d"]),
        ('kzreminder show "a:b', ["a:b:c d"]),
        ("kzreminder show x=y", ["y@z"]),
        ("kzreminder show x=y@z", ["@z"]),
        ("kzreminder show 'sa", ['say "hi"']),
        ("kzreminder show \\$", ["\\$\\(touch\\ obeyed\\)"]),
        ("kzreminder show nobody", []),
        ("kzreminder show -", ["--json", "--qr", "--help", "-h"]),
        ("kzreminder guide bee", ["beeline"]),
        ("kzreminder edit Мама --tag f", ["family"]),
        ("kzreminder renew Мама --method kas", ["kaspi"]),
        ("kzreminder list --operator=b", ["beeline"]),
        ("kzreminder list --state o", ["overdue", "ok"]),
        ("kzreminder list --sort o", ["operator"]),
        ("kzreminder --lang zh", ["zh", "zh-Hant"]),
        ("kzreminder operators show kaz", ["kazakhstan"]),
        ("kzreminder service un", ["uninstall"]),
        ("kzreminder comp", ["completion"]),
        ("kzreminder completion f", ["fish"]),
    ],
)
def test_bash_is_told_what_may_follow(home: Home, line: str, found: list[str]) -> None:
    assert sorted(offered(home, line)) == sorted(f"plain,{one}" for one in found)


@pytest.mark.parametrize("line", ["import car", "restore-backup ", "guide --html x", "--config "])
def test_a_file_is_left_to_the_shell(home: Home, line: str) -> None:
    assert offered(home, f"kzreminder {line}") == [f"file,{line.rpartition(' ')[2]}"]


def test_zsh_and_fish_quote_for_themselves_and_show_what_it_is(home: Home) -> None:
    assert offered(home, "kzreminder\x1fshow\x1fa:b", "zsh") == ["plain", "a:b:c d", "_"]
    assert offered(home, "kzreminder\x1fshow\x1f'a:b", "fish") == ["plain,a:b:c d"]
    found = offered(home, "kzreminder\x1fack", "fish", KZREMINDER_LANG="ru")
    assert found[0].startswith("plain,ack\t")
    assert re.search("[а-я]", found[0])
    options = offered(home, "kzreminder\x1flist\x1f--operator=b", "zsh")
    assert options == ["plain", "--operator=beeline", "_"]


def test_a_label_with_a_dash_is_not_offered_for_an_option(home: Home) -> None:
    assert not any("dash" in each for each in offered(home, "kzreminder show "))


@pytest.mark.parametrize("fault", ["server", "memory", "junk", "missing", "configuration"])
def test_where_the_cards_cannot_be_read_nothing_is_offered_or_said(
    tmp_path: Path, fault: str
) -> None:
    user, url = Home(tmp_path), ""
    if fault == "server":
        url = "postgresql+psycopg://nobody:secret@localhost:1/none"
    elif fault == "memory":
        url = "sqlite://"
    elif fault == "junk":
        user.database.parent.mkdir(parents=True)
        user.database.write_bytes(b"junk" * 2000)
    elif fault == "configuration":
        user.configure("database = 7\n")
    environ = {"KZREMINDER_DATABASE": url} if url else {}
    assert offered(user, "kzreminder show ", **environ) == []
    assert fault == "junk" or not user.data.exists()


def test_to_complete_leaves_the_database_as_it_is(home: Home) -> None:
    folder = home.database.parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    offered(home, "kzreminder show ")
    offered(home, "kzreminder list --tag ")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_shell_reads_back_what_was_quoted(quote: str) -> None:
    for label in HOSTILE:
        word = quoted(label, quote)
        # bash writes both quotes, but where it sees one there already
        opening = "" if word.startswith(quote) else quote
        closing = "" if word.endswith(quote) else quote
        typed = Typed(f"{opening}{word}{closing}")
        assert (typed.words, typed.value, typed.quote) == ([], label, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_can_read(home: Home, shell: str, tmp_path: Path) -> None:
    printed = home.kz("completion", shell)
    assert (printed.exit_code, printed.err) == (0, "")
    assert home.kz(_KZREMINDER_COMPLETE=f"{shell}_source").out == printed.out
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(printed.out, encoding="utf-8")
    assert os.spawnl(os.P_WAIT, program, shell, "-n", str(script)) == 0


class Bash:
    """A bash on a terminal, that has our script and says what words a command would get."""

    def __init__(self, home: Home, folder: Path) -> None:
        program = folder / "kzreminder"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kzreminder "$@"\n')
        program.chmod(0o755)
        script = folder / "script"
        script.write_text(home.kz("completion", "bash").out)
        path = f"{folder}:{os.environ['PATH']}"
        environ = home.environ | {"PATH": path, "PYTHONPATH": str(SOURCES), "TERM": "dumb"}
        self._child, self._terminal = pty.fork()
        if not self._child:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], environ)
        self.types(f"bind 'set enable-bracketed-paste off'; . {script}\n")
        self.types("kzreminder() { printf '\\n<%s>' \"$@\"; printf '\\n'; }\n")
        self.types("PS1='rea''dy'\n", until="\nready")

    def types(self, text: str, until: str = "") -> str:
        """What is shown after it, up to when it shows that."""
        os.write(self._terminal, text.encode())
        shown, ends_at = b"", time.monotonic() + 10
        while until and until.encode() not in shown and time.monotonic() < ends_at:
            if select([self._terminal], [], [], 0.1)[0]:
                shown += os.read(self._terminal, 65536)
        return shown.decode()

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self._child, 0)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_a_real_bash_gives_the_label_whole_and_runs_nothing_of_it(
    home: Home, tmp_path: Path
) -> None:
    bash = Bash(home, tmp_path)
    try:
        for typed, label in (
            ("a:", "a:b:c d"), ("\\$", "$(touch obeyed)"), ("\\`", "`touch obeyed`"),
            ('"say', 'say "hi"'), ("'Mum", "Mum's card"), ("'en", "end'"), ("x=y", "x=y@z"),
            ('"Wow', "Wow! really"), ("妈", "妈妈 的卡"),
        ):  # fmt: skip
            shown = bash.types(f"kzreminder show {typed}\t\n", until="\nready")
            assert f"<show>\r\n<{label}>" in shown
    finally:
        bash.close()
    assert not list(tmp_path.glob("**/obeyed"))
