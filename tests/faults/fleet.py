"""Several services on one PostgreSQL: killed, frozen, cut off, its server restarted; what was told?

python -m tests.faults.fleet 20000    so many due cards, four services; exit 1 if one was lost

Each service is a process that makes the real passes; its screen writes down which cards it was told
of, in a ledger that is safely on the disk before the pass hears that it was shown.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kzreminder import clock, places
from kzreminder.assembly import Parts
from kzreminder.channels.message import Accepted, Life, Message, Outcome, Server, TargetAway
from kzreminder.core.digest import Telling
from kzreminder.core.policy import Policy
from kzreminder.core.reminder import Reminder
from kzreminder.core.zone import almaty
from kzreminder.daemon.membership import join
from kzreminder.errors import KzreminderError
from kzreminder.reminding import telling
from kzreminder.reminding.desk import Desk
from kzreminder.reminding.passing import run_pass, take_over
from kzreminder.settings.declared import Desktop
from kzreminder.settings.reading import Settings
from kzreminder.storage import delivery
from kzreminder.storage.listening import Listener
from kzreminder.storage.store import Store
from kzreminder.wording.reminders import Scribe, Text
from tests.postgres import Server as Postgres
from tests.postgres import a_server
from tests.storage.samples import add_all, ending

POLICY = Policy(zone=almaty(), quiet=None, max_toasts=20)
MEMBERS = 4
Reminded = tuple[int, str, str]
"Card, kind of deadline, lead."


class Ledger:
    """A screen that writes down what it shows, and a scribe that tells it what that is about."""

    target = "desktop:here"
    name = "ledger"

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")
        self._about: Sequence[Reminder] = ()
        self._number = 0

    def worded(self, reminders: Sequence[Reminder]) -> Text:
        self._about = reminders
        return Text("a title", "a body")

    def send(self, message: Message) -> Outcome:
        self._number += 1
        told = [(r.card.id, r.deadline.kind.value, str(r.lead)) for r in self._about]
        self._file.write(json.dumps(told) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        return Accepted(self._number, None)

    def describe(self) -> Server | TargetAway:
        return Server("ledger", "tests", "1", ())

    def attend(self) -> Life | None:
        return None

    def take_away(self, message_id: int, server: str) -> None:
        pass

    def close(self) -> None:
        self._file.close()


class Dictating(Scribe):
    """Says nothing itself: what it is asked to word goes to the ledger."""

    ledger: Ledger

    def message(self, reminders: Sequence[Reminder], now: datetime) -> Text:
        return self.ledger.worded(reminders)

    def digest(self, tellings: Sequence[Telling], now: datetime) -> Text:
        return self.ledger.worded([r for telling in tellings for r in telling.reminders])


def member(url: str, file: Path, lease_seconds: float, batch: int) -> None:
    """One service: passes at once, when it hears news, and each second, until it is ended."""
    for room in (delivery, telling):
        room.__dict__["LEASE"] = timedelta(seconds=lease_seconds)
    telling.__dict__["BATCH"] = batch
    ledger = Ledger(file)
    heard, ending_now = threading.Event(), threading.Event()

    def end(*_: Any) -> None:
        ending_now.set()
        heard.set()

    signal.signal(signal.SIGTERM, end)
    settings = Settings(file.with_suffix(".toml"), "en", url, POLICY, Desktop.AUTO, True)
    Listener(url, heard.set).start()
    desk: Desk | None = None
    while not ending_now.is_set():
        try:
            desk = desk or _desk(Parts(settings, throw_away=True), ledger)
            run_pass(desk, clock.now())
        except KzreminderError as error:
            print(f"{os.getpid()}: {error}", file=sys.stderr, flush=True)
        heard.wait(1.0)
        heard.clear()


def _desk(parts: Parts, ledger: Ledger) -> Desk:
    join(parts, clock.now(), clock.now(), has_desktop=True)
    desk = parts.desk(ledger)
    usual = desk.scribe
    scribe = Dictating(usual.catalogue, parts.book, usual.policy, "en", True, parts.wishes)
    Dictating.ledger = ledger
    take_over(desk, parts.is_gone, clock.now())
    return replace(
        desk, scribe=scribe, outlets=(replace(desk.outlets[0], scribe=scribe, channel=ledger),)
    )


def store_of(url: str) -> Store:
    return Store(url, places.make_private)


def fill(url: str, count: int, name: str = "Card") -> None:
    """Cards that are all due: their plans end tomorrow."""
    store = store_of(url)
    now = clock.now()
    add_all(store, [ending(f"{name} {n}", in_days=1, at=now) for n in range(count)], now)
    store.close()


@contextmanager
def members(
    url: str,
    folder: Path,
    count: int,
    lease_seconds: float = 5,
    batch: int = 1000,
    elsewhere: tuple[Sequence[str], str] | None = None,
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`batch`: how many cards each claims at once, so that each has some of a few; `elsewhere`:
    what runs the first of them in another place, and the address from there."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            before, address = ((), url) if number or elsewhere is None else elsewhere
            words = [*before, sys.executable, "-m", "tests.faults.fleet", "member", address]
            words += [str(folder / f"{number}.told"), str(lease_seconds), str(batch)]
            with (folder / f"{number}.log").open("ab") as log:
                running.append(subprocess.Popen(words, stderr=log))
        yield running
    finally:
        for one in running:
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.terminate()
        for one in running:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def told_by(folder: Path) -> dict[int, list[list[Reminded]]]:
    """Of each member its messages, each with what it told."""
    found: dict[int, list[list[Reminded]]] = {}
    for file in sorted(folder.glob("*.told")):
        lines = file.read_text(encoding="utf-8").splitlines()
        found[int(file.stem)] = [[tuple(one) for one in json.loads(line)] for line in lines]
    return found


def marked(url: str) -> set[int]:
    """The cards that are believed to have been told of."""
    import psycopg

    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain) as connection:
        rows = connection.execute("select distinct card_id from marks where believed").fetchall()
    return {card_id for (card_id,) in rows}


def counted(folder: Path) -> Counter[Reminded]:
    return Counter(
        reminder
        for messages in told_by(folder).values()
        for message in messages
        for reminder in message
    )


def wait_until_told(url: str, count: int, seconds: float) -> float:
    begun = time.monotonic()
    while len(marked(url)) < count:
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"only {len(marked(url))} of {count} after {seconds} s")
        time.sleep(0.2)
    return time.monotonic() - begun


@dataclass(frozen=True)
class Blow:
    """Which member was struck, and how many messages it had told until then."""

    member: int
    told: int

    def in_hand(self, messages: Sequence[Sequence[Reminded]]) -> set[Reminded]:
        """What it may have told and not recorded: the last message before it was struck, or the one
        that it was about to tell."""
        return {
            one for message in messages[max(0, self.told - 1) : self.told + 1] for one in message
        }


def strike(server: Postgres, folder: Path, count: int, lease_seconds: float = 5) -> Counter[str]:
    """One service killed, one frozen past its lease and continued, the server restarted."""
    url = server.database()
    with members(url, folder, MEMBERS, lease_seconds, batch_of(count)) as running:
        wait_until_joined(url, MEMBERS)
        fill(url, count)
        killed = struck_by(running, folder, signal.SIGKILL, besides=())
        frozen = struck_by(running, folder, signal.SIGSTOP, besides=(killed,))
        frozen_at = time.monotonic()
        server.stop(signal.SIGQUIT)
        server.start()
        time.sleep(max(0.0, frozen_at + lease_seconds + 1 - time.monotonic()))
        running[frozen.member].send_signal(signal.SIGCONT)
        wait_until_told(url, count, 120)
        time.sleep(1)  # the frozen one goes on with what it takes for its own
    return counts(folder, count, killed, frozen)


def batch_of(count: int) -> int:
    return min(1000, count // 20)


def struck_by(
    running: Sequence[subprocess.Popen[bytes]],
    folder: Path,
    number: signal.Signals,
    besides: Sequence[Blow],
    most: int = 15,
) -> Blow:
    """Whoever is the first to tell some more is struck in the midst of it."""
    spared = {blow.member for blow in besides}
    before = {member: len(told) for member, told in told_by(folder).items()}
    more = random.randint(1, most)
    for _ in range(6000):
        for member, told in told_by(folder).items():
            if member not in spared and len(told) >= before.get(member, 0) + more:
                running[member].send_signal(number)
                if number is signal.SIGKILL:
                    running[member].wait()
                return Blow(member, len(told_by(folder)[member]))
        time.sleep(0.005)
    raise AssertionError("nobody tells anything")


def counts(folder: Path, count: int, *blows: Blow) -> Counter[str]:
    told = told_by(folder)
    in_hand = set().union(*(blow.in_hand(told[blow.member]) for blow in blows))
    doubled = {one for one, times in counted(folder).items() if times > 1}
    return Counter(
        cards=count,
        lost=count - len({card_id for card_id, _, _ in counted(folder)}),
        in_hand=len(in_hand),
        told_twice=len(doubled),
        told_twice_for_no_reason=len(doubled - in_hand),
    )


def wait_until_joined(url: str, services: int) -> None:
    store = store_of(url)
    while len(store.services.alive(clock.now())) < services:
        time.sleep(0.1)
    store.close()


def throughput(server: Postgres, folder: Path, count: int, services: int) -> float:
    """Cards a second that so many services tell of together, from when they hear of them."""
    url = server.database()
    with members(url, folder, services):
        wait_until_joined(url, services)
        fill(url, count)
        return count / wait_until_told(url, count, 300)


def is_well(found: Counter[str]) -> bool:
    return not found["lost"] and not found["told_twice_for_no_reason"]


def main(count: int) -> int:
    with tempfile.TemporaryDirectory() as named:
        folder = Path(named)
        with a_server(folder) as server:
            for services in (1, 2, 4):
                place = folder / f"with {services}"
                place.mkdir()
                print(f"{services}: {throughput(server, place, count, services):.0f} cards/s")
            place = folder / "struck"
            place.mkdir()
            found = strike(server, place, count)
            print(dict(found))
            for log in sorted(place.glob("*.log")):
                print(log.name, log.read_text()[-2000:])
    return int(not is_well(found))


if __name__ == "__main__":
    if sys.argv[1] == "member":
        member(sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(main(int(sys.argv[1])))
