"""The user's own systemd keeps the service: unit, timer and drop-in put in place, and asked about.

Not here: their text (unit).
"""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

from kzreminder import places
from kzreminder.errors import N_, KzreminderError
from kzreminder.keeper import unit
from kzreminder.keeper.autostart import Autostart
from kzreminder.keeper.files import put, take_away, text_of
from kzreminder.keeper.look import Kept
from kzreminder.keeper.programs import START_SECONDS, Answer, ask, environment
from kzreminder.keeper.refusals import NoAnswer, NotInstalled, NotStarted
from kzreminder.keeper.setup import Setup, setup_here

_PROBED = (
    "PrivateUsers=yes",
    "ProtectSystem=strict",
    "PrivateDevices=yes",
    "ProtectKernelModules=yes",
    "CapabilityBoundingSet=",
)
_TARGETS = ("default", "graphical-session")
LINES = "100"


def answers() -> bool:
    return _systemctl("show", "--property=Version").is_well


class UserManager:
    def look(self) -> Kept:
        lingers = _lingers()
        said = _systemctl(
            "show",
            unit.SERVICE,
            "--property=FragmentPath",
            "--property=UnitFileState",
            "--property=ActiveState",
        )
        if not said.is_well:
            file = _folder() / unit.SERVICE
            if not file.is_file():
                return Kept("systemd", None, False, False, False, lingers)
            enabled = (file.parent / "default.target.wants" / file.name).is_symlink()
            return Kept("systemd", file, _is_current(file), enabled, False, lingers)
        told = dict(line.split("=", 1) for line in said.out.splitlines() if "=" in line)
        named = told.get("FragmentPath")
        return Kept(
            "systemd",
            Path(named) if named else None,
            bool(named) and _is_current(Path(named or "")),
            told.get("UnitFileState") == "enabled",
            told.get("ActiveState") in ("active", "reloading"),
            lingers,
        )

    def install(self, setup: Setup) -> bool:
        if not answers():
            raise NoAnswer
        folder = _folder()
        drop_in = _drop_in(folder)
        wanted = {
            folder / unit.SERVICE: unit.service_text(setup),
            folder / unit.TIMER: unit.timer_text(),
        }
        if _refuses_user_namespaces():
            wanted[drop_in] = unit.drop_in_text()
        changed = [file for file, text in wanted.items() if text_of(file) != text]
        before = self.look()
        for file in changed:
            put(file, wanted[file])
        if drop_in not in wanted and drop_in.exists():
            changed.append(drop_in)
            take_away(drop_in)
        must(_systemctl("daemon-reload"))
        must(_systemctl("reenable" if changed else "enable", unit.SERVICE))
        if changed:
            self.restart()
        else:
            self.start()
        return bool(changed) or not (before.running and before.enabled)

    def uninstall(self) -> bool:
        kept, folder = self.look(), _folder()
        if kept.file is not None:
            if not answers():
                raise NoAnswer
            must(_systemctl("disable", "--now", unit.SERVICE, unit.TIMER, seconds=START_SECONDS))
        files = [folder / unit.SERVICE, folder / unit.TIMER, _drop_in(folder)]
        files += [folder / f"{target}.target.wants" / unit.SERVICE for target in _TARGETS]
        were_there = [take_away(file) for file in files]
        for empty in (folder, folder.parent):
            with suppress(OSError):
                empty.rmdir()
        _systemctl("daemon-reload")
        _systemctl("reset-failed", unit.SERVICE)
        was_started_at_login = Autostart().uninstall()  # from before there was a systemd
        return any(were_there) or kept.file is not None or was_started_at_login

    def start(self) -> None:
        self._order("start")

    def stop(self) -> None:
        self._order("stop")

    def restart(self) -> None:
        self._order("restart")

    def logs(self, *, follow: bool) -> None:
        words = ["journalctl", "--user", "--unit", unit.SERVICE, "--lines", LINES, "--no-pager"]
        if follow:
            with suppress(KeyboardInterrupt):  # that is how it is ended
                subprocess.run([*words, "--follow"], env=environment(), check=False)
            return
        said = ask(*words)
        if not said.is_well or not said.out.strip() or "-- No entries --" in said.out:
            why = said.err.strip()
            raise KzreminderError(
                N_("the journal has no lines of the service that you may read: {why}")
                if why
                else N_("the journal has no lines of the service that you may read"),
                hint=N_("As administrator: journalctl _UID={uid} --user-unit kzreminder"),
                why=why,
                uid=os.getuid(),
            )
        os.write(1, said.out.encode())

    def _order(self, what: str) -> None:
        if self.look().file is None:
            raise NotInstalled
        if not answers():
            raise NoAnswer
        _systemctl("reset-failed", unit.SERVICE)  # a try by hand is not one too many
        done = _systemctl(what, unit.SERVICE, seconds=START_SECONDS)
        if not done.is_well:
            raise NotStarted(done.why)


def must(answer: Answer) -> None:
    if not answer.is_well:
        raise KzreminderError(N_("systemd: {why}"), why=answer.why)


def _systemctl(*words: str, seconds: float | None = None) -> Answer:
    every = ("systemctl", "--user", "--no-ask-password", *words)
    return ask(*every) if seconds is None else ask(*every, seconds=seconds)


def _folder() -> Path:
    """Where the manager looks for this user's units, which need not be what this shell says."""
    looked_in = _systemctl("show", "--property=UnitPath", "--value").out
    usual = Path.home() / ".config/systemd/user"
    named = places.config_file().parent.parent / "systemd/user"
    for folder in (usual, named):
        if str(folder) in looked_in:
            return folder
    listed = [word for word in looked_in.split() if word.endswith("/systemd/user")]
    return Path(listed[0]) if listed else named


def _is_current(file: Path) -> bool:
    text = text_of(file)
    if text is None:
        return False
    beside = {
        text_of(file.with_name(unit.TIMER)): unit.timer_text(),
        text_of(_drop_in(file.parent)) or unit.drop_in_text(): unit.drop_in_text(),
    }
    is_all_current = all(found == wanted for found, wanted in beside.items())
    return is_all_current and unit.is_current(text, setup_here({}))


def _drop_in(folder: Path) -> Path:
    return folder / f"{unit.SERVICE}.d" / unit.WITHOUT_NAMESPACES


def _refuses_user_namespaces() -> bool:
    """Tried out: no file says it for every distribution. What cannot be tried is hoped for."""
    properties = [word for one in _PROBED for word in ("--property", one)]
    tried = ask(
        "systemd-run",
        "--user",
        "--quiet",
        "--collect",
        "--wait",
        *properties,
        "/usr/bin/env",
        "true",
    )
    return tried.code not in (0, None)


def _lingers() -> bool | None:
    said = ask("loginctl", "show-user", "--property=Linger", "--value", str(os.getuid()))
    return {"yes": True, "no": False}.get(said.out.strip()) if said.is_well else None
