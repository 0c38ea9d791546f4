"""Commands on a database that is on a server: what is refused, what is said, who else is there."""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from kzreminder import clock, places
from kzreminder.alive.lock import only_one
from kzreminder.assembly import Parts, load_settings
from kzreminder.settings.reading import Given
from kzreminder.settings.shared import rules_of
from kzreminder.storage.store import Store
from tests.cli.disks import fill
from tests.cli.running import Home
from tests.postgres import GUARDED, ON_POSTGRES, Server, Timed
from tests.storage.samples import a_member

pytestmark = ON_POSTGRES
WRONG, STORAGE, HELD, INVALID = 2, 6, 8, 9
SECRET = "geheim"
ZONE = '[reminders]\nzone = "Asia/Almaty"\n'


@pytest.fixture
def shared(postgres: Server, home: Home) -> Home:
    """A user whose database is on a server, and empty."""
    home.environ["KZREMINDER_DATABASE"] = postgres.database()
    return home


@contextmanager
def joined(
    home: Home, host: str = "office-2", settings: str = ZONE, **told: object
) -> Iterator[None]:
    """A service of another machine shares the database, with these settings."""
    file = home.folder / f"{host}.toml"
    file.write_text(settings, encoding="utf-8")
    parts = Parts(load_settings(Given(file=file), home.environ), throw_away=True)
    with closing(store_of(home)) as store:
        store.services.join(a_member(host, rules=rules_of(parts.settings), **told), clock.now())
    yield


def store_of(home: Home) -> Store:
    return Store(home.environ["KZREMINDER_DATABASE"], places.make_private)


def lock_of(home: Home, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(home.state))
    return Parts(load_settings(Given(), home.environ)).lock_file


# Day by day


def test_cards_are_kept_and_found_as_on_a_file(shared: Home) -> None:
    added = shared.kz("add", "87011234567", "--label", "Mum", "--tag", "бай", "--expires", "+1d")
    assert added.exit_code == 0, added
    assert shared.kz("add", "--label", "Mum").exit_code == 5
    assert [one["label"] for one in shared.kz("list", "--json", "--tag", "бай").json] == ["Mum"]
    assert shared.kz("renew", "567", "--for", "30d", "--paid", "10").exit_code == 0
    assert shared.kz("undo", "mum").exit_code == 0
    assert shared.kz("status", "--json").json["database"]["cards"] == 1
    for words in (("stats",), ("timeline",), ("upcoming",), ("why", "Mum"), ("history",)):
        assert shared.kz(*words).exit_code == 0, words
    assert shared.kz("remove", "1", "--yes").exit_code == 0
    assert not shared.database.exists()


def test_a_file_of_cards_goes_in_whole_or_not_at_all(shared: Home) -> None:
    lines = [f"+7701{number:07},Card {number},5000" for number in range(2000)]
    cards = shared.folder / "cards.csv"
    cards.write_text("\n".join(["number,label,price", *lines]), encoding="utf-8")
    assert shared.kz("import", str(cards), "--dry-run").exit_code == 0
    assert shared.kz("list", "--json").json == []
    assert shared.kz("import", str(cards)).exit_code == 0
    assert len(shared.kz("list", "--json").json) == 2000
    cards.write_text("label\nCard 7\n", encoding="utf-8")
    assert shared.kz("import", str(cards)).exit_code == 5


# What keeps it from being used


def test_without_the_server_each_command_says_so_in_a_line(postgres: Server, shared: Home) -> None:
    shared.kz("add", "--label", "Mum")
    url = shared.environ["KZREMINDER_DATABASE"].replace("kz@", f"kz:{SECRET}@")
    commands = (
        *(("list",), ("show", "Mum"), ("add", "--label", "Dad"), ("edit", "Mum", "--note", "x")),
        *(("renew", "Mum"), ("remove", "Mum", "--yes"), ("status",), ("history",), ("stats",)),
        *(("run", "--once"), ("export", "--format", "csv"), ("import", "-"), ("upcoming",)),
    )
    postgres.stop()
    try:
        for words in commands:
            refused = shared.kz(*words, KZREMINDER_DATABASE=url)
            assert refused.exit_code == STORAGE, (words, refused)
            assert "cannot be reached: connection" in refused.error
            assert "psycopg" not in refused.err, "nobody wrote it"
            assert SECRET not in refused.out + refused.err
        found = shared.kz("doctor", "--json", KZREMINDER_DATABASE=url)
        assert found.exit_code == 1
        assert SECRET not in found.out + found.err
    finally:
        postgres.start()
    assert shared.kz("show", "Mum").exit_code == 0


def test_who_is_not_let_in_is_told_by_whom_and_why(postgres: Server, shared: Home) -> None:
    shared.kz("add", "--label", "Mum")
    postgres.guard()
    name = shared.environ["KZREMINDER_DATABASE"].rpartition("/")[2]
    there = f"127.0.0.1:{postgres.port}"
    for address, words in {
        f"{GUARDED}:wrong@{there}/{name}": "password authentication failed",
        f"{GUARDED}@{there}/{name}": "no password supplied",
        f"nobody:{SECRET}@{there}/{name}": 'role "nobody" does not exist',
        f"kz:{SECRET}@{there}/nowhere": 'database "nowhere" does not exist',
    }.items():
        refused = shared.kz("list", KZREMINDER_DATABASE=f"postgresql://{address}")
        assert refused.exit_code == STORAGE, refused
        assert words in refused.error
        assert "user, password and the name of the database" in refused.err
        assert "wrong@" not in refused.err
        assert SECRET not in refused.err


@pytest.mark.parametrize("slip", ["sslmod=require", "connect_timeout=abc"])
def test_a_slip_in_the_address_is_told_in_a_line(shared: Home, slip: str) -> None:
    url = shared.environ["KZREMINDER_DATABASE"].replace("kz@", f"kz:{SECRET}@")
    refused = shared.kz("list", KZREMINDER_DATABASE=f"{url}?{slip}")
    assert refused.exit_code == STORAGE, refused
    assert slip.partition("=")[0] in refused.error
    assert SECRET not in refused.out + refused.err
    found = shared.kz("doctor", "--json", KZREMINDER_DATABASE=f"{url}?{slip}")
    assert SECRET not in found.out + found.err


def test_who_may_only_look_is_told_so(postgres: Server, shared: Home) -> None:
    shared.kz("add", "--label", "Mum")
    url = shared.environ["KZREMINDER_DATABASE"]
    guest = url.replace("kz@", f"{postgres.guard()}@")
    postgres.ask(url, f"grant select on all tables in schema public to {GUARDED}")
    assert shared.kz("show", "Mum", KZREMINDER_DATABASE=guest).exit_code == 0
    refused = shared.kz("add", "--label", "Dad", KZREMINDER_DATABASE=guest)
    assert refused.exit_code == STORAGE
    assert "may not be written by this user: permission denied" in refused.error
    name = url.rpartition("/")[2]
    postgres.ask(url, f"alter database {name} set default_transaction_read_only = on")
    refused = shared.kz("add", "--label", "Dad")
    assert (refused.exit_code, "is read-only" in refused.error) == (STORAGE, True)


def test_a_full_disk_is_told_and_nothing_is_half_done(
    postgres: Server, shared: Home, small_disk: Path
) -> None:
    shared.kz("add", "--label", "Mum")
    url = shared.environ["KZREMINDER_DATABASE"]
    postgres.own(small_disk)
    postgres.ask(url, f"create tablespace small location '{small_disk}'")
    postgres.ask(url, "alter table events set tablespace small")
    fill(small_disk)
    notes = ["".join(random.Random(n).choices(string.ascii_letters, k=1900)) for n in range(20)]
    edited = (shared.kz("edit", "Mum", "--note", note) for note in notes)
    kept, refused = next((n, one) for n, one in enumerate(edited) if one.exit_code)
    assert refused.exit_code == STORAGE, refused
    assert "the disk is full" in refused.error
    note = shared.kz("show", "Mum", "--json").json["note"]
    assert note == (notes[kept - 1] if kept else None)
    postgres.ask("postgres", f"drop database {url.rpartition('/')[2]} (force)")
    postgres.ask("postgres", "drop tablespace small")


def test_without_its_driver_the_extra_is_named(
    shared: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused = shared.kz("list")
    assert refused.exit_code == STORAGE
    assert "[postgres]" in refused.err


# Several services


def test_a_second_service_by_other_rules_ends_and_names_them(shared: Home) -> None:
    other = '[reminders]\nzone = "Asia/Almaty"\nhour = "09:00"\nleads = "5d,0d"\n'
    with joined(shared, settings=other):
        for words in (("run",), ("run", "--once")):
            refused = shared.kz(*words)
            assert refused.exit_code == INVALID, refused
            assert "office-2" in refused.error
            assert "reminders.hour, reminders.leads" in refused.error
            assert "zone" not in refused.error
        with closing(store_of(shared)) as store:
            assert [one.host for one in store.services.alive(clock.now())] == ["office-2"]
        state, text = findings(shared)["services"]
        assert state == "failed"
        assert text.endswith("other settings: reminders.hour, reminders.leads")


def test_one_pass_beside_a_service_is_made(shared: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file the lock is held: there it would be 8."""
    shared.kz("add", "--label", "Bare")
    with only_one(lock_file := lock_of(shared, monkeypatch)):
        assert shared.kz("run", "--once").exit_code == 0
        assert shared.kz("run").exit_code == HELD
    assert lock_file.exists()
    with closing(store_of(shared)) as store:
        assert store.services.alive(clock.now()) == [], "it has left"


def test_status_names_the_services_of_a_shared_database_alone(home: Home, shared: Home) -> None:
    assert "services" not in home.kz("status", "--json", "--db", f"sqlite:///{home.database}").json
    assert shared.kz("status", "--json").json["services"] == []
    with joined(shared, host="office-2", watches=("almaty",)), joined(shared, host="office-3"):
        told = shared.kz("status", "--json").json["services"]
        assert [one["host"] for one in told] == ["office-2", "office-3"]
        assert told[0]["watches"] == ["almaty"]
        assert set(told[0]) == {
            *("host", "pid", "version", "watches", "desktop", "started_at", "seen_at"),
        }
        assert "2 share the database: office-2, office-3" in shared.kz("status").out


def findings(home: Home) -> dict[str, tuple[str, str]]:
    result = home.kz("doctor", "--json")
    assert "{" not in "".join(f"{one['text']} {one['mend']}" for one in result.json["checks"])
    return {one["id"]: (one["state"], one["text"]) for one in result.json["checks"]}


def test_doctor_knows_the_other_services(postgres: Server, shared: Home) -> None:
    shared.kz("add", "--label", "Mum")
    url = shared.environ["KZREMINDER_DATABASE"]
    found = findings(shared)
    assert found["server_clock"][0] == "ok"
    assert found["services"] == ("warning", "none is heard of: nothing reminds anybody")
    assert found["service"][0] == "failed"
    assert found["watchers"] == (*("skipped", "not checked, because no service is heard of"),)
    with joined(shared, host="office-2", has_desktop=True):
        found = findings(shared)
        assert found["services"] == ("ok", "1 lives: office-2")
        assert found["service"][0] == "warning", "another machine reminds"
        assert found["watchers"][0] == "ok", "there is one desk only"
    with joined(shared, host="office-3", has_desktop=True, version="2"):
        found = findings(shared)
        assert "several versions: 1, 2" in found["services"][1]
        assert found["watchers"][0] == "warning"
        assert "any of these desks: office-2, office-3" in found["watchers"][1]
        shared.configure('[targets.team]\nurl_env = "TEAM"\n')
        assert findings(shared)["watchers"][0] == "ok"
        shared.config_file.unlink()
    postgres.ask(url, "update services set seen_at = seen_at - 300000000 where host = 'office-3'")
    state, text = findings(shared)["services"]
    assert (state, "1 has died or stands still" in text, "office-3" in text) == (
        *("warning", True, True),
    )
    postgres.ask(url, "update cards set watcher = 'almaty'")
    state, text = findings(shared)["watchers"]
    assert (state, text) == (
        *("warning", "1 card waits for a watcher whom no living service bears: almaty"),
    )
    unheard = "Only a service that bears the name almaty speaks of it, and none is heard of."
    assert unheard in shared.kz("why", "Mum").out
    with joined(shared, host="office-4", watches=("almaty",)):
        assert findings(shared)["watchers"][0] == "ok"
        assert unheard not in shared.kz("why", "Mum").out


def test_doctor_tells_when_our_clock_is_not_the_servers(timed: Timed, shared: Home) -> None:
    shared.environ["KZREMINDER_DATABASE"] = timed.emptied(clock.now() - timedelta(minutes=3))
    shared.kz("add", "--label", "Mum")
    state, text = findings(shared)["server_clock"]
    assert state == "warning"
    assert "seconds ahead of the server" in text
    timed.tell_time(clock.now() + timedelta(minutes=3))
    assert "seconds behind the server" in findings(shared)["server_clock"][1]
