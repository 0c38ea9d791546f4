"""A log-in session of an ordinary user with a real `systemd --user`, made by root for a test.

Not here: what is installed in it (test_systemd). On the way out everything in it ends.
"""

from __future__ import annotations

import compileall
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

import kzreminder
from tests.channels.bus import end, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PYTHON = "/run/kz/venv/bin/python"
ROOT = Path(kzreminder.__file__).resolve().parents[2]
PROGRAMS = ("unshare", "nsenter", "setpriv", "findmnt", "systemctl", "systemd-run", "dbus-daemon")
USERS = ("games", "daemon", "mail")
"every system has one of them, and nothing of theirs is touched"
CALL_SECONDS = 60.0
_STARTER = f"#!{PYTHON}\nfrom kzreminder.cli.main import main\n\nmain()\n"


class UserSession:
    """`home` is the user's home as seen from outside, `programs` what is first on their PATH."""

    def __init__(self) -> None:
        self.user = next(name for name in USERS if _known(name))
        self.uid = pwd.getpwnam(self.user).pw_uid
        self.folder = Path(tempfile.mkdtemp(prefix="kz-user-"))
        self.home = self.folder / "home"
        self.programs = self.folder / "venv" / "bin"
        self._namespace = ""
        self._session: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        for name in ("home", "run"):
            (self.folder / name).mkdir(mode=0o755)
            os.chown(self.folder / name, self.uid, pwd.getpwnam(self.user).pw_gid)
            (self.folder / name).chmod(0o700)
        self._install()
        with (self.folder / "errors").open("w") as errors:
            self._session = subprocess.Popen(
                [
                    "bash",
                    Path(__file__).with_name("user-manager.sh"),
                    self.folder,
                    self.user,
                    sys.base_prefix,
                    sysconfig.get_path("purelib"),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            assert self._session.stdout is not None
            self._namespace = self._session.stdout.readline().strip()
            if not self._namespace:
                pytest.skip(f"no place for a user's systemd: {self._said('errors')}")
            wait_until(self._is_up, "the user's systemd is up")
            if not (self.folder / "run" / "bus").exists():
                pytest.skip("not installed: dbus-user-session")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            assert self._session.stdin is not None
            self._session.stdin.close()  # it ends with that, and clears up
            self._session.stdin = None
            try:
                self._session.wait(timeout=CALL_SECONDS)
            finally:
                end(self._session)
        shutil.rmtree(self.folder, ignore_errors=True)

    def runs(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(words, env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=CALL_SECONDS,
            check=False,
        )

    def starts(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """Whoever starts it ends it, else it goes with the session."""
        return subprocess.Popen(
            self._command(words, env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _command(self, words: Sequence[str], env: Mapping[str, str]) -> list[str]:
        """As the user, inside, with nothing in the environment but a log-in and what is named."""
        environment = {
            "HOME": f"/home/{self.user}",
            "USER": self.user,
            "LOGNAME": self.user,
            "PATH": f"/run/kz/venv/bin:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "XDG_RUNTIME_DIR": f"/run/user/{self.uid}",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path=/run/user/{self.uid}/bus",
            **env,
        }
        return [*self._inside(), *(f"{key}={value}" for key, value in environment.items()), *words]

    def does(self, *words: str) -> str:
        done = self.runs(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr, self._said("manager.log"))
        return done.stdout

    def shows(self, unit: str, name: str) -> str:
        return self.does(
            "systemctl", "--user", "show", unit, f"--property={name}", "--value"
        ).strip()

    def files(self) -> set[str]:
        return {str(path.relative_to(self.home)) for path in self.home.rglob("*")}

    def _install(self) -> None:
        """A copy of the program, compiled, for where it runs it may not write; and a venv."""
        checkout = self.folder / "checkout"
        unneeded = shutil.ignore_patterns("__pycache__", "*.po")
        for name in ("src", "config", "systemd", "tests/channels"):
            shutil.copytree(ROOT / name, checkout / name, ignore=unneeded)
        compileall.compile_dir(checkout, quiet=2)
        venv = self.folder / "venv"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = venv / "lib" / version / "site-packages"
        packages.mkdir(parents=True)
        packages.joinpath("kzreminder.pth").write_text(
            "/run/kz/checkout/src\n/run/kz/site\n", encoding="utf-8"
        )
        venv.joinpath("pyvenv.cfg").write_text("home = /run/kz/python/bin\n", encoding="utf-8")
        self.programs.mkdir()
        self.programs.joinpath("python").symlink_to(f"/run/kz/python/bin/{version}")
        starter = self.programs / "kzreminder"
        starter.write_text(_STARTER, encoding="utf-8")
        starter.chmod(0o755)

    def _inside(self) -> list[str]:
        namespaces = f"/proc/{self._namespace}/ns"
        group = pwd.getpwnam(self.user).pw_gid
        return [
            *("nsenter", f"--mount={namespaces}/mnt", f"--pid={namespaces}/pid_for_children"),
            *("--wd=/", "setpriv", f"--reuid={self.uid}", f"--regid={group}", "--clear-groups"),
            "--pdeathsig=KILL",
            *("env", "-i"),
        ]

    def _is_up(self) -> bool:
        assert self._session is not None
        assert self._session.poll() is None, self._said("errors")
        said = self.runs("systemctl", "--user", "show", "--property=SystemState", "--value")
        return said.stdout.strip() in ("running", "degraded")

    def _said(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8", errors="replace").strip()[-2000:]


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def need_root_and_systemd() -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can make a session of another user")
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
