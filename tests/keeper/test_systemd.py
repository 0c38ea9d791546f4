"""The service under a real `systemd --user`: up again whatever happens, shut in, gone at last.

One session serves all tests here, one after the other; each begins with the service installed.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from kzreminder import clock
from tests.channels.bus import end, first_line, wait_until
from tests.channels.fake_server import MARKUP
from tests.keeper.user_session import PYTHON, ROOT, UserSession, need_root_and_systemd

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

pytestmark = [pytest.mark.xdist_group("systemd"), pytest.mark.timeout(120)]

UNIT = "kzreminder.service"
UNITS = ".config/systemd/user"
BACK_SECONDS = 2.0
WATCHDOG_SECONDS = 3.0
SLACK_SECONDS = 2.0
"for what systemd does besides waiting, on a busy machine"
SETTINGS = '[reminders]\nquiet = "off"\n'


@pytest.fixture(scope="module")
def session() -> Iterator[UserSession]:
    need_root_and_systemd()
    with UserSession() as started:
        own = started.home / ".config/kzreminder"
        started.does("mkdir", "-p", f"/home/{started.user}/.config/kzreminder")
        own.joinpath("config.toml").write_text(SETTINGS, encoding="utf-8")
        own.joinpath("config.toml").chmod(0o644)
        yield started


@pytest.fixture
def installed(session: UserSession) -> UserSession:
    if session.shows(UNIT, "ActiveState") != "active":
        session.does("kzreminder", "service", "install")
    session.does("systemctl", "--user", "reset-failed")  # no test's restarts count in the next one
    return session


def main_pid(session: UserSession) -> str:
    return session.shows(UNIT, "MainPID")


def seconds_until_another(session: UserSession, before: str, at_most: float) -> float:
    began = time.monotonic()
    wait_until(lambda: main_pid(session) not in ("0", before), "another process", at_most)
    took = time.monotonic() - began
    wait_until(lambda: session.shows(UNIT, "ActiveState") == "active", "it is ready")
    return took


def kept(session: UserSession) -> Any:
    done = session.runs("kzreminder", "service", "status", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == (0 if said["running"] else 1)
    return said


def add_to_unit(session: UserSession, unit: str, text: str) -> None:
    """A drop-in of the test's own, which counts from now on."""
    folder = f"/home/{session.user}/{UNITS}/{unit}.d"
    session.does("mkdir", "-p", folder)
    session.does(
        "sh", "-c", f"printf '%s' '{text}' >{folder}/test.conf; systemctl --user daemon-reload"
    )


def take_from_unit(session: UserSession, unit: str) -> None:
    folder = f"/home/{session.user}/{UNITS}/{unit}.d"
    session.does(
        "sh", "-c", f"rm {folder}/test.conf; rmdir {folder}; systemctl --user daemon-reload"
    )


def test_an_installed_service_runs_and_starts_by_itself(installed: UserSession) -> None:
    assert kept(installed) == {
        "by": "systemd",
        "file": f"/home/{installed.user}/{UNITS}/{UNIT}",
        "current": True,
        "enabled": True,
        "running": True,
        "lingers": None,  # no logind in this session to ask
    }
    assert not (installed.home / UNITS / f"{UNIT}.d").exists()  # user namespaces work here
    for target in ("default", "graphical-session"):
        assert (installed.home / UNITS / f"{target}.target.wants" / UNIT).is_symlink()


def test_a_second_install_leaves_the_running_service_alone(installed: UserSession) -> None:
    before = main_pid(installed)
    again = installed.runs("kzreminder", "service", "install")
    assert "already" in again.stderr
    assert main_pid(installed) == before


@pytest.mark.long
def test_an_install_of_another_version_rewrites_and_restarts(installed: UserSession) -> None:
    before, file = main_pid(installed), installed.home / UNITS / UNIT
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("# kzreminder ", "# kzreminder 0.0.", 1), encoding="utf-8")
    assert kept(installed)["current"] is False
    installed.does("kzreminder", "service", "install")
    assert file.read_text(encoding="utf-8") == text
    assert main_pid(installed) not in ("0", before)
    assert kept(installed)["current"] is True


def test_start_and_stop_do_as_they_say(installed: UserSession) -> None:
    installed.does("kzreminder", "service", "stop")
    assert kept(installed)["running"] is False
    assert installed.shows("kzreminder.timer", "ActiveState") == "inactive"  # it stays stopped
    started = json.loads(installed.does("kzreminder", "service", "start", "--json"))
    assert started["running"] is True


def test_a_killed_service_is_back_in_two_seconds(
    installed: UserSession, record_property: Any
) -> None:
    before = main_pid(installed)
    installed.does("kill", "-KILL", before)
    took = seconds_until_another(installed, before, BACK_SECONDS)
    record_property("seconds", took)
    print(f"back {took:.2f} s after kill -9")


def test_a_service_that_hangs_is_started_anew(installed: UserSession, record_property: Any) -> None:
    add_to_unit(installed, UNIT, f"[Service]\nWatchdogSec={WATCHDOG_SECONDS:g}\n")
    try:
        installed.does("systemctl", "--user", "restart", UNIT)
        before = main_pid(installed)
        time.sleep(WATCHDOG_SECONDS + 0.5)
        assert main_pid(installed) == before  # it is heard of
        installed.does("kill", "-STOP", before)
        limit = WATCHDOG_SECONDS + 1.0 + SLACK_SECONDS
        took = seconds_until_another(installed, before, limit)
        record_property("seconds", took)
        print(
            f"started anew {took:.2f} s after it was stopped, heard of every {WATCHDOG_SECONDS:g} s"
        )
        assert installed.shows(UNIT, "NRestarts") == "1"
    finally:
        take_from_unit(installed, UNIT)


def test_the_sandbox_is_in_force(installed: UserSession) -> None:
    free, shut_in = probed(installed, sandboxed=False), probed(installed, sandboxed=True)
    assert {name for name, got in free.items() if got == "done"} == set(REFUSED) | set(ALLOWED)
    assert {name: shut_in[name] for name in REFUSED} == REFUSED
    assert {name: shut_in[name] for name in ALLOWED} == dict.fromkeys(ALLOWED, "done")
    assert free["open a packet socket"] == "EPERM"  # as anybody; in the sandbox there are none
    assert shut_in["open a packet socket"] == "EAFNOSUPPORT"
    assert (shut_in["NoNewPrivs"], shut_in["Seccomp"], shut_in["umask"]) == ("1", "2", "0077")
    assert int(shut_in["CapBnd"], 16) == 0


REFUSED = {
    "write into the home": "EROFS",
    "change the settings": "EROFS",
    "write into /tmp": "EROFS",
    "see the devices": "ENOENT",
    "make a namespace": "EPERM",
    "open a netlink socket": "EAFNOSUPPORT",
    "write memory and run it": "EPERM",
    "make a setuid program": "EPERM",
    "become another machine": "EPERM",
}
ALLOWED = (
    "write into /dev/shm",
    "write where cards are",
    "write where backups are",
    "write where guides are",
    "open an internet socket",
    "reach the bus",
    "start a browser elsewhere",
)


def probed(session: UserSession, *, sandboxed: bool) -> dict[str, str]:
    """What the probe got, run as the service would be."""
    home = f"/home/{session.user}"
    report = f".local/state/kzreminder/probe-{sandboxed}.json"
    (session.programs / "probe.py").write_text(
        (ROOT / "tests/keeper/probe.py").read_text(encoding="utf-8"), encoding="utf-8"
    )
    command = f"{PYTHON} /run/kz/venv/bin/probe.py {home}/{report}"
    unit = (session.home / UNITS / UNIT).read_text(encoding="utf-8")
    aside = (
        "ExecStart=",
        "Type=",
        "NotifyAccess=",
        "WatchdogSec=",
        "Restart",
        "Wants=",
        "WantedBy=",
    )
    text = "\n".join(line for line in unit.splitlines() if not line.startswith(aside))
    if not sandboxed:
        text = "[Service]"
    lines = f"[Service]\nType=oneshot\nExecStart={command}\n"
    (session.home / UNITS / "kz-probe.service").write_text(f"{text}\n{lines}", encoding="utf-8")
    try:
        session.does("systemctl", "--user", "daemon-reload")
        session.does("systemctl", "--user", "start", "kz-probe.service")
        got: dict[str, str] = json.loads((session.home / report).read_text(encoding="utf-8"))
        return got
    finally:
        (session.home / UNITS / "kz-probe.service").unlink()
        (session.home / report).unlink(missing_ok=True)


def test_a_notification_arrives_from_inside_the_sandbox(
    installed: UserSession,
) -> None:
    server = server_in(installed)
    try:
        overdue = f"{clock.now() - timedelta(days=5):%Y-%m-%d}"
        installed.does("kzreminder", "add", "87011234567", "--label", "Mum", "--expires", overdue)
        installed.does("systemctl", "--user", "restart", UNIT)
        shown = installed.home / "server" / "shown"
        wait_until(lambda: shown.is_file() and "Mum" in shown.read_text(), "the reminder is shown")
    finally:
        end(server)


def server_in(session: UserSession) -> subprocess.Popen[str]:
    """A notification server on the session's own bus."""
    folder = f"/home/{session.user}/server"
    session.does("mkdir", folder)
    (session.home / "server" / "orders").write_text('{"order": "accept"}', encoding="ascii")
    words = (
        PYTHON,
        "-m",
        "tests.channels.fake_server",
        f"{folder}/shown",
        f"{folder}/orders",
        *MARKUP,
    )
    server = session.starts(*words, PYTHONPATH="/run/kz/checkout")
    first_line(server, "the notification server")
    return server


def test_a_fault_that_lasts_is_tried_again_slowly_until_it_is_mended(
    installed: UserSession,
) -> None:
    fault = (
        "[Unit]\nStartLimitIntervalSec=2\n[Service]\nExecStart=\nExecStart=false\nRestartSec=0.1\n"
    )
    patience = "[Timer]\nOnUnitInactiveSec=\nOnUnitInactiveSec=3\nAccuracySec=100ms\n"
    add_to_unit(installed, "kzreminder.timer", patience)
    add_to_unit(installed, UNIT, fault)
    try:
        refused = installed.runs("kzreminder", "service", "restart")
        assert refused.returncode == 1
        assert refused.stderr.startswith("Error: the service does not start")
        # Given up for now, and not for good.
        wait_until(lambda: installed.shows(UNIT, "ActiveState") == "failed", "it gives up")
        assert installed.shows("kzreminder.timer", "ActiveState") == "active"
        take_from_unit(installed, UNIT)
        wait_until(lambda: installed.shows(UNIT, "ActiveState") == "active", "it is back")
    finally:
        installed.runs("rm", "-rf", f"/home/{installed.user}/{UNITS}/{UNIT}.d")
        take_from_unit(installed, "kzreminder.timer")


def test_the_desktop_brings_the_service_and_does_not_take_it_away(installed: UserSession) -> None:
    desktop = installed.home / UNITS / "desktop.target"
    desktop.write_text("[Unit]\nBindsTo=graphical-session.target\n", encoding="utf-8")
    installed.does("systemctl", "--user", "stop", UNIT)
    installed.does("systemctl", "--user", "daemon-reload")
    installed.does("systemctl", "--user", "start", "desktop.target")
    wait_until(
        lambda: installed.shows(UNIT, "ActiveState") == "active", "it comes with the desktop"
    )
    before = main_pid(installed)
    installed.does("systemctl", "--user", "stop", "desktop.target")
    assert installed.shows("graphical-session.target", "ActiveState") == "inactive"
    assert (main_pid(installed), installed.shows(UNIT, "ActiveState")) == (before, "active")
    desktop.unlink()


@pytest.mark.long
def test_names_full_of_signs_are_taken_as_they_are(session: UserSession) -> None:
    odd = "50% of $HOME %h 'a' \"b\" \\c"
    session.does("kzreminder", "service", "uninstall")
    folder = session.programs / odd
    folder.mkdir()
    starter = folder / "kzreminder"
    starter.write_bytes((session.programs / "kzreminder").read_bytes())
    starter.chmod(0o755)
    data = f"/home/{session.user}/{odd}"
    done = session.runs(
        f"/run/kz/venv/bin/{odd}/kzreminder", "service", "install", XDG_DATA_HOME=data
    )
    assert done.returncode == 0, done.stderr
    command = session.does("cat", f"/proc/{main_pid(session)}/cmdline").split("\0")
    assert f"/run/kz/venv/bin/{odd}/kzreminder" in command
    assert (session.home / odd / "kzreminder/kzreminder.db").exists()
    session.does("kzreminder", "service", "uninstall")


@pytest.mark.long
def test_where_user_namespaces_are_refused_the_service_starts_without(session: UserSession) -> None:
    refusing = session.programs / "systemd-run"
    refusing.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    refusing.chmod(0o755)
    try:
        session.does("kzreminder", "service", "install")
    finally:
        refusing.unlink()
    assert session.shows(UNIT, "PrivateUsers") == "no"
    assert session.shows(UNIT, "ProtectSystem") == "no"
    assert session.shows(UNIT, "MemoryDenyWriteExecute") == "yes"
    assert session.shows(UNIT, "ActiveState") == "active"
    session.does("kzreminder", "service", "install")  # they work again
    assert session.shows(UNIT, "PrivateUsers") == "yes"


def test_an_uninstalled_service_leaves_nothing_but_what_is_the_user_s(
    installed: UserSession,
) -> None:
    pid = main_pid(installed)
    done = installed.runs("kzreminder", "service", "uninstall")
    assert "untouched" in done.stderr
    assert installed.shows(UNIT, "LoadState") == "not-found"
    assert installed.runs("kill", "-0", pid).returncode == 1
    left = {file for file in installed.files() if "systemd" in file}
    assert left == set()
    assert (installed.home / ".local/share/kzreminder/kzreminder.db").exists()
    assert (installed.home / ".config/kzreminder/config.toml").exists()
    again = installed.runs("kzreminder", "service", "uninstall")
    assert (again.returncode, again.stderr) == (0, "The service was not installed.\n")
    refused = installed.runs("kzreminder", "service", "start")
    assert refused.returncode == 1
    assert refused.stderr.splitlines() == [
        "Error: the service is not installed",
        "Install it: kzreminder service install",
    ]
