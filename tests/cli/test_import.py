"""import: the cards of a file as `add` would take each, all of them or none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import SECONDS, Home, Result

FULL = {
    "number": "8 (701) 123-45-67",
    "label": "Mum",
    "operator": "Билайн",
    "esim": "true",
    "plan": "Unlimited 30",
    "period": "30 days",
    "started": "01.11.2026",
    "expires": "2199-12-20",
    "price": "4 990 ₸",
    "auto_renew": "yes",
    "balance": "-12,50",
    "threshold": "0",
    "keep_alive": "90d",
    "last_used": "2026-11-01",
    "device_entered": "2026-11-02",
    "protects": "eGov, Kaspi",
    "leads": "7d,0d",
    "lang": "zh_TW",
    "tags": "family|bank",
    "note": "two\nlines",
    "archived": "",
}


def a_file(home: Home, text: str | bytes) -> str:
    path = home.folder / "cards.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def imported(home: Home, text: str | bytes, *options: str) -> Result:
    return home.kz("import", a_file(home, text), *options)


def row(cells: dict[str, str]) -> str:
    quoted = ('"{}"'.format(cell.replace('"', '""')) for cell in cells.values())
    return f"{','.join(cells)}\n{','.join(quoted)}\n"


def cards(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.kz("list", "--all", "--json").json
    return found


def same(card: dict[str, Any]) -> dict[str, Any]:
    """Without what depends on the moment at which it was registered."""
    balance = {**card["balance"], "read_at": None, "runs_low_on": None}
    return {**card, "balance": balance, "next_reminder": None, "deadlines": None}


@pytest.mark.parametrize("left_out", [(), ("expires",), ("started", "number"), ("label",)])
def test_a_row_makes_the_card_that_add_makes(tmp_path: Path, left_out: tuple[str, ...]) -> None:
    typed = {name: text for name, text in FULL.items() if name not in left_out}
    by_file, by_hand = Home(tmp_path / "file"), Home(tmp_path / "hand")
    by_file.folder.mkdir()
    by_hand.folder.mkdir()
    flags = ["--esim", "--auto-renew", "--tag", "family", "--tag", "bank"]
    rest = {"esim", "auto_renew", "tags", "archived", "number"}
    options = [f"--{name.replace('_', '-')}={typed[name]}" for name in typed if name not in rest]
    numbers = [typed["number"]] if "number" in typed else []
    assert by_hand.kz("add", *numbers, *options, *flags).exit_code == 0
    result = imported(by_file, row(typed), "--json")
    assert (result.exit_code, result.json) == (0, {"added": 1, "dry_run": False})
    assert [same(card) for card in cards(by_file)] == [same(card) for card in cards(by_hand)]


def test_operators_are_guessed_and_it_is_said(home: Home) -> None:
    result = imported(home, "number,expires\n87011234567,2026-01-01\n87051234567,\n")
    assert result.exit_code == 0, result
    assert "Registered 2 cards." in result.err
    assert "guessed from the number: 2" in result.err
    assert "ended already: 1" in result.err
    assert [
        (card["label"], card["operator"], card["operator_guessed"]) for card in cards(home)
    ] == [
        ("+7 701 123 45 67", "kcell", True),
        ("+7 705 123 45 67", "beeline", True),
    ]


def test_an_archived_card_comes_archived_and_begins_with_one_event(home: Home) -> None:
    imported(home, "label,archived\nMum,true\nDad,false\n")
    assert home.kz("list", "--json").json[0]["label"] == "Dad"
    assert home.kz("restore", "Mum", "--json").json["archived"] is False
    events = home.kz("history", "Dad", "--json").json
    assert [event["what"] for event in events] == ["added"]


def test_a_dry_run_changes_nothing(registered: Home) -> None:
    before = registered.contents()
    result = imported(registered, "label\nNew\n", "--dry-run", "--json")
    assert (result.exit_code, result.json) == (0, {"added": 1, "dry_run": True})
    assert imported(registered, "label\nNew\nMum\n", "--dry-run").exit_code == 5
    assert registered.contents() == before


def test_one_fault_and_nothing_is_added(registered: Home) -> None:
    before = registered.contents()
    result = imported(registered, "label,price\nNew,10\nMum,10\nOther,0\nNew,\n")
    assert result.exit_code == 2
    assert "faults: 3" in result.error
    file = registered.folder / "cards.csv"
    assert result.err.splitlines()[1:5] == [
        f"{file}:3: label: a card called Mum is registered already",
        f"{file}:4: price: the amount must be more than zero: 0",
        f"{file}:5: label: New stands in line 2 already",
        "price: Write tenge as 4990, 4 990 or 12.50",
    ]
    assert registered.contents() == before


def test_what_is_registered_already_is_five_where_nothing_else_is_wrong(registered: Home) -> None:
    before = registered.contents()
    result = imported(registered, "label,number\nNew,\nMum,\nMother,87011234567\n")
    assert result.exit_code == 5
    assert (
        "cards.csv:4: number: the number +77011234567 is registered already, as Mum" in result.err
    )
    assert registered.contents() == before


def test_a_number_of_another_country_needs_the_word(home: Home) -> None:
    text = "number\n+44 7911 123456\n"
    assert imported(home, text).exit_code == 2
    assert imported(home, text, "--any-country").exit_code == 0


WRONG = {
    "nothing": b"",
    "not UTF-8": b"label\n\xff\n",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a database": b"SQLite format 3\0",
    "JSON": b'[{"label": "Mum"}]',
    "steers a terminal": b"label,\x1b[31mred\nMum,\n",
    "braces": b"label,{sentence.__class__}\n{0},%s\n",
}


@pytest.mark.parametrize("raw", WRONG.values(), ids=WRONG)
def test_what_is_no_such_file_is_refused(registered: Home, raw: bytes) -> None:
    before = registered.contents()
    result = imported(registered, raw)
    assert result.exit_code == 2, result
    assert result.error
    assert "Traceback" not in result.err
    assert "\x1b" not in result.err
    assert registered.contents() == before


def test_what_stands_in_a_cell_is_text(home: Home) -> None:
    texts = [
        "=1+1",
        "-x",
        "--help",
        "<b>x</b>",
        "{label}",
        "%s%n",
        "'; drop table cards; --",
        "../../etc/passwd",
        "$(reboot)",
        "@SUM(A1)",
    ]
    body = "\n".join(f'"{text}","{text}","{text}"' for text in texts)
    assert imported(home, f"label,note,plan\n{body}\n").exit_code == 0
    found = {card["label"]: card for card in cards(home)}
    assert set(found) == set(texts)
    assert all(card["note"] == card["plan"]["name"] == label for label, card in found.items())


@pytest.mark.parametrize("name", ["missing.csv", "", "."])
def test_a_missing_file_is_refused(home: Home, name: str) -> None:
    result = home.kz("import", str(home.folder / name) if name else "")
    assert result.exit_code == 2
    assert result.error


def test_only_csv_is_offered_yet(home: Home) -> None:
    file = a_file(home, "label\nMum\n")
    assert home.kz("import", file, "--format", "json").exit_code == 2
    assert home.kz("import", file, "--format", "csv").exit_code == 0


def test_a_pipe_is_read(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kzreminder", "import", "-", "--json"],
        input=b"label\nMum\n",
        env=home.process_environ(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert cards(home)[0]["label"] == "Mum"
    result = home.shell("import - <&-")
    assert result.exit_code == 2, result
    assert result.error
    assert "Traceback" not in result.err


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_an_endless_file_is_refused_at_once(home: Home) -> None:
    assert home.process("import", "/dev/zero").exit_code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_refused(home: Home) -> None:
    file = Path(a_file(home, "label\nMum\n"))
    file.chmod(0)
    assert home.kz("import", str(file)).exit_code == 2
