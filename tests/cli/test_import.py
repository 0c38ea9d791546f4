"""import: the cards of a file as `add` would take each, all of them or none."""

from __future__ import annotations

import os
import shutil
import signal
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


def test_the_format_is_told_or_seen(home: Home) -> None:
    file = home.folder / "cards.txt"
    file.write_text('[{"label": "Mum"}]', encoding="utf-8")
    assert home.kz("import", str(file), "--format", "csv").exit_code == 2
    assert home.kz("import", str(file), "--dry-run", "--json").json["added"] == 1
    file.write_text("label\nMum\nDad\n", encoding="utf-8")
    assert home.kz("import", str(file), "--dry-run", "--json").json["added"] == 2
    assert home.kz("import", str(file), "--format", "json").exit_code == 2
    named = file.rename(home.folder / "cards.JSON")
    assert "cards.JSON:1:1: this is no JSON array of cards" in home.kz("import", str(named)).err


def test_json_that_list_prints_makes_the_same_cards(registered: Home, tmp_path: Path) -> None:
    registered.kz("archive", "Bare")
    registered.kz("mute", "Mum", "--until", "+10d")
    registered.kz("snooze", "Office 2", "2d")
    listed = registered.kz("list", "--all", "--sort", "added", "--json")
    file = registered.folder / "cards.json"
    file.write_text(listed.out, encoding="utf-8")
    other = Home(tmp_path / "other")
    other.folder.mkdir()
    assert other.kz("import", str(file), "--json").json == {"added": 4, "dry_run": False}
    again = other.kz("list", "--all", "--sort", "added", "--json")
    assert [same(card) for card in again.json] == [same(card) for card in listed.json]
    no_news = {"added": 0, "changed": 0, "unchanged": 4, "dry_run": False}
    before = registered.contents()
    assert registered.kz("import", str(file), "--update", "--json").json == no_news
    assert registered.contents() == before


def test_a_fault_in_json_names_the_card_and_the_key(home: Home) -> None:
    file = home.folder / "cards.json"
    file.write_text(
        '[{"label": "Mum"}, {"label": "Mum", "plan": {"prise": "1"}}]', encoding="utf-8"
    )
    result = home.kz("import", str(file), "--json")
    assert result.exit_code == 2
    assert result.err.splitlines()[1:3] == [
        f"{file}: card 2: plan.prise: there is no such key",
        f"{file}: card 2: label: Mum is the card 1 already",
    ]
    assert [fault["key"] for fault in result.json["faults"]] == ["plan.prise", "label"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[{"label": "A"}, {"label": "B", "plan": {"price": "0"}}]', {
            "line": None, "column": None, "card": 2, "key": "plan.price",
            "message": "the amount must be more than zero", "value": "0"}),
        ('[{"label": "A"},\n{"label" 1}]', {
            "line": 2, "column": 10, "card": None, "key": "", "value": None}),
        ("label,expires\nA,soon\n", {
            "line": 2, "column": None, "card": None, "key": "expires", "value": None}),
        ("label,esim\nA,yes\nB,maybe\n", {"line": 3, "hint": "Write true or false"}),
    ],
)  # fmt: skip
def test_a_fault_tells_where_it_is_and_what_would_be_right(
    home: Home, text: str, fault: dict[str, Any]
) -> None:
    form = "json" if text.startswith("[") else "csv"
    [told] = imported(home, text, "--json", "--format", form).json["faults"]
    assert set(told) == {"file", "line", "column", "card", "key", "message", "value", "hint"}
    assert told | fault == told


def test_an_update_changes_what_is_told_and_adds_the_rest(registered: Home) -> None:
    text = (
        "number,label,price,note,tags,operator\n"
        "87011234567,,5990,paid by Aigul,a|b,\n"  # Mum
        "87051234567,Office one,,,,\n"
        ",Bare,100,,,altel\n"
        "87071112233,New,,,,\n"
        "87051234568,,,,,\n"
    )
    result = imported(registered, text, "--update", "--dry-run")
    assert "Would be registered: 1, changed: 3; as they are: 1." in result.err
    before = registered.contents()
    assert imported(registered, text, "--update", "--dry-run").exit_code == 0
    assert registered.contents() == before
    counts = {"added": 1, "changed": 3, "unchanged": 1, "dry_run": False}
    assert imported(registered, text, "--update", "--json").json == counts
    found = {card["label"]: card for card in cards(registered)}
    assert set(found) == {"Mum", "Office one", "Office 2", "Bare", "New"}
    mum = found["Mum"]
    assert (mum["plan"]["price"], mum["note"], mum["tags"]) == ("5990", "paid by Aigul", ["a", "b"])
    assert (found["Bare"]["operator"], found["New"]["operator"]) == ("altel", "tele2")
    [edited, _added] = registered.kz("history", "Mum", "--json").json
    assert (edited["what"], edited["changes"]["price"]) == ("edited", ["4990", "5990"])
    assert len(registered.kz("history", "Office 2", "--json").json) == 1
    counts = {"added": 0, "changed": 0, "unchanged": 5, "dry_run": False}
    text = text.replace("Office one", "")
    assert imported(registered, text, "--update", "--json").json == counts
    assert registered.kz("undo", "Mum", "--json").json["plan"]["price"] == "4990"


def test_an_update_finds_a_label_in_another_case_and_leaves_it(registered: Home) -> None:
    assert registered.kz("add", "--label", "MAMA").exit_code == 0
    assert registered.kz("add", "--label", "mama").exit_code == 0
    text = "label,price\nmUM,1\nmama,2\nMama,3\n"
    counts = {"added": 1, "changed": 2, "unchanged": 0, "dry_run": False}
    assert imported(registered, text, "--update", "--json").json == counts
    prices = {card["label"]: card["plan"]["price"] for card in cards(registered)}
    assert (prices["Mum"], prices["mama"], prices["MAMA"], prices["Mama"]) == ("1", "2", None, "3")
    twice = imported(registered, "label,price\nmum,1\nMUM,2\n", "--update")
    assert "stands in line 2 already" in twice.err


def test_an_update_is_not_told_to_update(registered: Home) -> None:
    text = "number,label\n87071112233,Mum\n"
    assert "--update" in imported(registered, text).err
    refused = imported(registered, text, "--update")
    assert (refused.exit_code, "--update" in refused.err) == (5, False)


def test_cards_that_are_registered_are_counted_however_many(home: Home) -> None:
    text = "label\n" + "".join(f"Card {nth}\n" for nth in range(150))
    assert imported(home, text).exit_code == 0
    assert "faults: 150, shown: 100" in imported(home, text).error


def test_an_update_is_what_edit_makes_of_it(registered: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    shutil.copytree(registered.data, other.data)
    typed = {"expires": "31.01.2030", "price": "-", "note": "x", "leads": "3d", "tags": "a"}
    names = {"tags": "tag"}
    options = [f"--{names.get(name, name)}={text}" for name, text in typed.items()]
    assert other.kz("edit", "Mum", *options).exit_code == 0
    assert imported(registered, row({"label": "Mum"} | typed), "--update").exit_code == 0
    assert [same(card) for card in cards(registered)] == [same(card) for card in cards(other)]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("number,label\n87011234567,Bare\n", "2: label: a card called Bare is registered already"),
        ("label,price\nMum,0\nNew,\n", "2: price: the amount must be more than zero: 0"),
        ("label,number\nMum,\n,87011234567\n", "3: label: Mum stands in line 2 already"),
        ("number,label\n87011234567,A\n87051234567,A\n", "3: label: A stands in line 2 already"),
        ("label,expires,started\nMum,1.1.2026,2.1.2026\n", "2: the plan would end on 2026-01-01"),
        ("label,balance_at\nMum,2026-01-01\n", "2: a time of the balance is told, and no balance"),
        ("label\n-\nMum\n", None),
    ],
)
def test_an_update_with_a_fault_changes_nothing(
    registered: Home, text: str, fault: str | None
) -> None:
    before = registered.contents()
    result = imported(registered, text, "--update")
    if fault is None:
        assert result.exit_code == 0, result
        return
    assert result.exit_code in (2, 5)
    assert f"{registered.folder / 'cards.csv'}:{fault}" in result.err
    assert registered.contents() == before


def test_a_balance_of_a_file_is_news_only_when_it_is_newer(registered: Home) -> None:
    def counted(row: str) -> int:
        text = f"label,balance,balance_at\n{row}\n"
        changed: int = imported(registered, text, "--update", "--json").json["changed"]
        return changed

    assert counted("Office 1,1200,") == 0
    assert counted("Office 1,900,2020-01-01") == 0
    assert counted("Office 1,900,") == 1
    [known] = [card for card in cards(registered) if card["label"] == "Office 1"]
    read_at = known["balance"]["read_at"]
    assert counted(f"Office 1,900,{read_at}") == 0
    result = imported(registered, f"label,balance,balance_at\nOffice 1,1,{read_at}\n", "--update")
    assert "of that time another balance is known: 900 ₸" in result.err
    assert counted("Office 1,-,") == 1


def test_whoever_is_stopped_leaves_nothing_behind(registered: Home) -> None:
    before = registered.contents()
    with subprocess.Popen(
        [sys.executable, "-m", "kzreminder", "import", "-", "--format", "csv"],
        env=registered.process_environ(),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(b"label\n" + b"".join(b"Card %d\n" % one for one in range(20_000)))
        child.stdin.flush()  # a pipe holds less: what came through was read
        child.send_signal(signal.SIGINT)
        err = child.stderr.read().decode()
        child.stdin.close()
        assert child.wait(SECONDS) == 1
    assert err.strip() == "Error: stopped; nothing was changed"
    assert registered.contents() == before


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
