"""Kills an upgrade, a copy or a restore before or after any of its steps, and at odd moments.

A process that has everything imported forks for each of them: a strike takes milliseconds. Many
more than the tests take, on demand: python -m tests.storage.striking ROUNDS

Not here: which databases they are struck over, and what must hold then (test_kills).
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CHILD = "kzreminder.storage.upgrades.child"
BACKUP = "kzreminder.storage.backup"
RESTORING = "kzreminder.storage.restoring"
COPYING = ("copy_online", "examine", "settle", "publish")
STEPS = {
    "upgrade": [
        *((CHILD, name) for name in ("still_older", "keep_a_copy", "take_steps", "set_number")),
        *((CHILD, name) for name in ("check",)),
        *((BACKUP, name) for name in COPYING),
    ],
    "backup": [(BACKUP, name) for name in COPYING],
    "restore": [
        (RESTORING, name)
        for name in ("copy_online", "plan_anew", "examine", "settle", "set_aside", "take_place")
    ],
}


@dataclass(frozen=True, slots=True)
class Strike:
    work: str
    folder: str
    module: str = ""
    step: str = ""
    after: bool = False
    milliseconds: float = 0
    "without a step: the moment; 0: it is let go on to its end"


def strikes_at(work: str, folder: Path) -> list[Strike]:
    """Before and after each step."""
    return [
        Strike(work, str(folder), module, step, after)
        for module, step in STEPS[work]
        for after in (False, True)
    ]


class Striker:
    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def __call__(self, strike: Strike) -> int:
        """How the struck process ended: minus the signal, or its exit code."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asdict(strike)) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


@contextmanager
def a_striker() -> Iterator[Striker]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.storage.striking", "serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as server:
        yield Striker(server)
        assert server.stdin is not None
        server.stdin.close()


def serve() -> None:
    for name in {module for steps in STEPS.values() for module, _ in steps}:
        importlib.import_module(name)
    for line in sys.stdin:
        strike = Strike(**json.loads(line))
        child = os.fork()
        if child == 0:
            _be_struck(strike)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _be_struck(strike: Strike) -> None:
    os.close(1)
    if strike.step:
        module = importlib.import_module(strike.module)
        setattr(module, strike.step, _struck(getattr(module, strike.step), strike.after))
    else:
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, strike.milliseconds / 1000)
    try:
        WORK[strike.work](Path(strike.folder))
    except BaseException:  # noqa: BLE001 - the end of this process
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _struck(step: Callable[..., Any], after: bool) -> Callable[..., Any]:
    def struck(*args: Any, **rest: Any) -> None:
        if after:
            step(*args, **rest)
        os.kill(os.getpid(), signal.SIGKILL)

    return struck


def _upgrade(folder: Path) -> None:
    from kzreminder.storage.upgrades.child import carry_out
    from tests.storage.old_databases import keeping_in
    from tests.storage.samples import NOW, url_of

    keeping = keeping_in(folder)
    keeping.make_folder(keeping.backups)
    carry_out(url_of(folder), str(keeping.backups), NOW.isoformat())


def _backup(folder: Path) -> None:
    from tests.storage.old_databases import backups_of
    from tests.storage.samples import NOW

    backups_of(folder).make(NOW)


def _restore(folder: Path) -> None:
    from kzreminder.storage.restoring import restore
    from tests.storage.old_databases import keeping_in
    from tests.storage.samples import NOW, url_of

    restore(folder / "copy.db", url_of(folder), keeping_in(folder), NOW)


WORK = {"upgrade": _upgrade, "backup": _backup, "restore": _restore}


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    else:
        from tests.storage.test_kills import campaign

        campaign(int(sys.argv[1]))
