"""The tables of targets: what is read, what is refused and where, and the address nobody sees."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from kzreminder.core.deadlines import DeadlineKind
from kzreminder.core.reminder import Severity
from kzreminder.errors import AddressNotHere, BadValue, ConfigurationInvalid, Fault, KzreminderError
from kzreminder.settings.reading import read_file
from kzreminder.settings.secret import Address, Secret
from kzreminder.settings.targets import TargetSettings

URL = "ntfys://tk_S3CRET@ntfy.sh/S3CRET-topic"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "config.toml"
    made.touch(0o600)
    return made


def targets_in(file: Path, text: str) -> tuple[TargetSettings, ...]:
    file.write_text(text, encoding="utf-8")
    targets = read_file(file)["targets"]
    assert isinstance(targets, tuple)
    return targets


def faults_in(file: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        targets_in(file, text)
    for fault in invalid.value.faults:
        assert fault.sentence.format(**dict(fault.values))
    return invalid.value.faults


def test_a_table_with_no_more_than_an_address_tells_everything_at_once(file: Path) -> None:
    [target] = targets_in(file, "[targets.family]\nurl_env = 'FAMILY'")
    assert target == TargetSettings("family", Address("url_env", "FAMILY"))
    assert target.target == "push:family"
    assert target.deadlines == tuple(DeadlineKind)
    assert (target.severity, target.tags, target.after) == (Severity.INFO, (), None)
    assert (target.digest, target.max_messages) == (False, None)
    assert (target.language, target.show_numbers) == (None, False)


@pytest.mark.parametrize("told", ["3", "0", "[]", "false", '""'])
def test_what_is_no_table_of_targets_is_refused(file: Path, told: str) -> None:
    [fault] = faults_in(file, f"targets = {told}")
    assert (fault.key, fault.sentence) == ("targets", "must be a table")
    assert targets_in(file, "[targets]") == targets_in(file, "targets = {}") == ()


def test_every_key_is_read_and_the_order_is_the_file_s(file: Path) -> None:
    text = f"""
[targets.z]
url = "{URL}"
deadlines = ["charge", "plan", "plan"]
severity = "critical"
tags = ["Family", "bank"]
after = "6h"
digest = true
max_messages = 20
language = "zh_TW"
show_numbers = true
[targets.a-1_]
url_credential = "phone.url"
"""
    z, a = targets_in(file, text)
    assert (z.name, a.name) == ("z", "a-1_")
    assert z.deadlines == (DeadlineKind.CHARGE, DeadlineKind.PLAN)
    assert (z.severity, z.tags, z.after) == (
        Severity.CRITICAL,
        ("Family", "bank"),
        timedelta(hours=6),
    )
    assert (z.digest, z.max_messages, z.language, z.show_numbers) == (True, 20, "zh-Hant", True)


@pytest.mark.parametrize(
    ("written", "minutes"), [("15m", 15), ("90 m", 90), ("1h", 60), ("14d", 20160)]
)
def test_a_wait_is_read(file: Path, written: str, minutes: int) -> None:
    [target] = targets_in(file, f"[targets.x]\nurl_env = 'X'\nafter = '{written}'")
    assert target.after == timedelta(minutes=minutes)


WRONG = {
    "deadlines": ("[]", '"plan"', '["plans"]', "[1]", "true"),
    "severity": ('"high"', "1", "[]"),
    "tags": ("[]", '"family"', '["a|b"]', '[""]', "[1]"),
    "after": ('"14m"', '"15d"', '"6"', '"1mo"', '"6 hours"', "6", '"-6h"', "true"),
    "digest": ('"yes"', "1"),
    "max_messages": ("0", "21", "true", '"3"'),
    "language": ('"xx"', "1"),
    "show_numbers": ("1",),
    "colour": ('"red"',),
}


@pytest.mark.parametrize(("key", "value"), [(key, one) for key in WRONG for one in WRONG[key]])
def test_a_wrong_value_is_a_fault_with_its_key_and_line(file: Path, key: str, value: str) -> None:
    [fault] = faults_in(file, f"[targets.x]\nurl_env = 'X'\n{key} = {value}")
    assert (fault.key, fault.line) == (f"targets.x.{key}", 3)


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("[targets.x]\ndigest = true", "targets.x", 1),
        ("\n[targets.x]\nurl_env = 'X'\nurl_file = 'x'", "targets.x", 2),
        ("[targets.x]\nurl_env = ''", "targets.x.url_env", 2),
        ("[targets.x]\nurl_env = 'A B'", "targets.x.url_env", 2),
        ("[targets.x]\nurl_env = 3", "targets.x.url_env", 2),
        ("[targets.x]\nurl_credential = '../x'", "targets.x.url_credential", 2),
        ("[targets.x]\nurl_file = ' '", "targets.x.url_file", 2),
        ("[targets.x]\nurl_file = 'tgram://1:S3CRET/2'", "targets.x.url_file", 2),
        ("[targets.x]\nurl_file = ' mailto:S3CRET@x'", "targets.x.url_file", 2),
        ("[targets.x]\nurl_file = '/home/me/tgram://1:S3CRET/2'", "targets.x.url_file", 2),
        ("[targets.x]\nurl = 'json://S3CRET/, json://S3CRET/'", "targets.x.url", 2),
        ("[targets.x]\nurl = 'json://S3CRET/,json://S3CRET/'", "targets.x.url", 2),
        ("[targets.x]\nurl = ''", "targets.x.url", 2),
        ("[targets.x]\nurl = ['a']", "targets.x.url", 2),
        ("[targets.x]\nurl = 'a\u202eb'", "targets.x.url", 2),
        ("targets = 3", "targets", 1),
        ("[targets]\nx = 'ntfy://S3CRET'", "targets.x", 2),
        ("[targets.X]\nurl_env = 'X'", "targets", 1),
        ("[targets.desktop]\nurl_env = 'X'", "targets", 1),
        ("[targets.'ntfy://S3CRET']\nurl_env = 'X'", "targets", None),
        ("[targets.x]\nurl_env = 'X'\n'ntfy://S3CRET' = 1", "targets.x", 1),
        ("[delivery]\ndesktop = 'off'", "delivery.desktop", 2),
    ],
)
def test_a_faulty_table_is_a_fault_where_it_stands(
    file: Path, text: str, key: str, line: int | None
) -> None:
    [fault] = faults_in(file, text)
    assert fault.key == key
    assert fault.line in (line, 1)
    assert "S3CRET" not in repr(fault)


def test_a_name_that_is_taken_is_told_so(file: Path) -> None:
    [fault] = faults_in(file, "[targets.desktop]\nurl_env = 'X'")
    assert fault.sentence == "the name {name} is taken: choose another"


def test_a_drive_is_no_address(file: Path) -> None:
    [target] = targets_in(file, "[targets.x]\nurl_file = 'C:/Users/me/team.url'")
    assert target.address.place.endswith("C:/Users/me/team.url")


def test_all_faults_of_all_tables_are_told_with_the_others(file: Path) -> None:
    text = "abroad = 3\n[targets.a]\nafter = 1\ndigest = 1\n[targets.b]\nurl_env = 1"
    keys = ["abroad", "targets.a", "targets.a.after", "targets.a.digest", "targets.b.url_env"]
    assert [fault.key for fault in faults_in(file, text)] == keys


def test_without_a_desktop_somebody_else_must_be_told(file: Path) -> None:
    text = "[delivery]\ndesktop = 'off'\n[targets.x]\nurl_env = 'X'"
    assert len(targets_in(file, text)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_an_address_stands_in_no_settings_that_others_can_read(file: Path, mode: int) -> None:
    file.chmod(mode)
    [fault] = faults_in(file, f"[targets.x]\nurl = '{URL}'")
    assert (fault.key, fault.line) == ("targets.x.url", 2)
    assert f"chmod 600 {file}" in fault.sentence.format(**dict(fault.values))
    assert "S3CRET" not in repr(fault)


def test_a_file_lies_beside_the_settings_and_is_read_when_it_is_asked_for(file: Path) -> None:
    [target] = targets_in(file, "[targets.x]\nurl_file = 'x.url'")
    beside = file.with_name("x.url")
    with pytest.raises(KzreminderError, match="cannot be read"):
        target.address.read({})
    beside.write_text(f"\ufeff{URL}\n")
    beside.chmod(0o600)
    assert target.address.read({}).reveal() == URL
    beside.write_text("ntfys://other")
    assert target.address.read({}).reveal() == "ntfys://other"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    place = tmp_path / "x.url"
    place.write_text(URL)
    place.chmod(mode)
    with pytest.raises(KzreminderError) as refused:
        Address("url_file", str(place)).read({})
    assert f"chmod 600 {place}" in str(refused.value.hint).format(**refused.value.values)
    assert "S3CRET" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", URL.encode() * 2000, b"a\nS3CRET", b"\xffS3CRET", b"json://A/, json://S3CRET/"],
)
def test_what_is_no_address_on_one_line_is_refused_unseen(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "x.url"
    place.write_bytes(content)
    place.chmod(0o600)
    with pytest.raises(BadValue) as refused:
        Address("url_file", str(place)).read({})
    assert "S3CRET" not in "".join(traceback.format_exception(refused.value))


def test_a_folder_or_a_pipe_is_no_address(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name in ("pipe", "folder"):
        with pytest.raises(KzreminderError):
            Address("url_file", str(tmp_path / name)).read({})


def test_a_variable_and_a_credential_are_read_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "phone").write_text(URL)
    environ = {"X": URL, "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert Address("url_env", "X").read(environ).reveal() == URL
    assert Address("url_credential", "phone").read(environ).reveal() == URL
    for address in (Address("url_env", "X"), Address("url_credential", "phone")):
        with pytest.raises(AddressNotHere):
            address.read({})


def test_a_secret_shows_itself_only_when_it_is_asked_to() -> None:
    secret = Secret(URL)
    target = TargetSettings("x", Address("url", secret=secret))
    for shown in (repr(secret), str(secret), f"{secret:>9}", f"{secret!r}", "%s" % secret,  # noqa: UP031
                  repr(target), repr([asdict(target)]), json.dumps({"a": secret}, default=str),
                  repr(copy.deepcopy(target)), target.address.shown):  # fmt: skip
        assert "S3CRET" not in shown
        assert "***" in shown
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert secret.reveal() == URL
    assert secret == Secret(URL) != Secret("other")
    assert len({secret, Secret(URL)}) == 1
