"""Lines of docs/threat-model.md about what is sent to chats, mail and phones.

Not here: how it is sent (channels/test_push).
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
import traceback
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kzreminder.assembly import Parts, load_settings
from kzreminder.channels.message import Message, TargetAway
from kzreminder.channels.push import Push
from kzreminder.channels.push_child import answer
from kzreminder.channels.telling import plain_words
from kzreminder.core.correcting import register
from kzreminder.daemon.logs import log_to_stderr
from kzreminder.errors import KzreminderError
from kzreminder.reminding.passing import run_pass
from kzreminder.settings.reading import Given
from tests.channels.push_server import PlainWebServer, WebServer
from tests.cli.running import Home, run_here
from tests.storage.samples import NOW

pytestmark = pytest.mark.filterwarnings("ignore")  # of Apprise's own; its child is told so too

# Addresses of many services; what stands in them between the signs is the secret.
ADDRESSES = (
    "tgram://123456789:AAzyxwvutsrqponmlk_jihgfedcbaS3CRET/-1009876543210:77",
    "wecombot://5ECRET1f-ab12-cd34-ef56-5ECRET1f5ECRET1f",
    "dingtalk://SECsignatureS3CRETsignature@tokenS3CRETtokenS3CRET/13800138000",
    "feishu://feishuS3CRETtoken0123456789",
    "schan://SCT987654TsendkeyS3CRETsendkey",
    "pushdeers://PDU98765TpushkeyS3CRET",
    "barks://me:S3CRETpass@api.day.app/deviceS3CRETdevice",
    "ntfys://tk_tokenS3CRETtoken@ntfy.sh/topicS3CRET",
    "ntfys://user:p%40ss%2FS3CRET@ntfy.sh/topicS3CRET",
    "pover://uuS3CRETuserkeyabcdefghijklmno@aaS3CRETtokenabcdefghijklmnop",
    "discord://123456789012345678/tokenS3CRETtoken_abcdefghijklmnopqrstuvwxyzABCD",
    "pushplus://plusS3CRETtoken0123456789abcdef",
    "wxpusher://AT_tokenS3CRETtoken012345/UID_userS3CRET0123456789",
    "slack://TS3CRETAA/BS3CRETBB/tokenS3CRETtoken12345678/",
    "jsons://user:passS3CRETpass@ntfy.sh/hookS3CRET?+X-Key=headerS3CRET&:field=fieldS3CRET",
    "mailto://me:passS3CRET@localhost:1?smtp=127.0.0.1&mode=insecure&to=S3CRET@example.kz",
    "mailtos://userS3CRET:passS3CRET@example.kz:1?smtp=127.0.0.1&mode=ssl",
    "matrixs://user:passS3CRET@localhost:1/!roomS3CRET:localhost",
    "https://oapi.dingtalk.com/robot/send?access_token=tokenS3CRETtokenS3CRET",
    "tgrm://botS3CRET/chat",
    "S3CRET",
)
WORDS = re.compile(r"[^/:@?&=+!]{4,}")
PUBLIC = {*("ntfy.sh", "api.day.app", "localhost", "127.0.0.1", "example.kz"),
          *("oapi.dingtalk.com", "mode", "insecure", "ssl", "smtp", "robot", "send"),
          *("access_token", "X-Key", "field", "user", "chat")}  # fmt: skip


def secrets_of(address: str) -> set[str]:
    """Made by other means than ours: every word between two signs."""
    rest = address.partition("://")[2] or address
    return {word for word in WORDS.findall(rest) if word not in PUBLIC}


def shows(text: str, address: str) -> list[str]:
    folded = text.casefold()
    return [word for word in ["S3CRET", *secrets_of(address)] if word.casefold() in folded]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """Every service of the world, and a bad one: it answers with all that it was sent."""
    with WebServer() as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        yield server


def echo(web: WebServer, status: int, address: str) -> None:
    parts = [address, *secrets_of(address)]
    coded = [b64encode(part.encode()).decode() for part in parts]
    said = f"no, {address} is wrong: {' '.join(parts)} {' '.join(coded)} {address.upper()}"
    asked = web.requests[-1] if web.requests else None
    body = {"errcode": 4, "code": 4, "errmsg": said, "msg": said, "message": f"{said} {asked}"}
    web.says(status, body)


@pytest.mark.parametrize("address", ADDRESSES)
def test_t22_no_part_of_an_address_comes_back_as_an_error(
    web: WebServer, address: str, pytestconfig: pytest.Config
) -> None:
    job = {"url": address, "title": "3 days left", "body": "Kcell", "urgency": "normal"}
    for status in (200, 400, 401, 500, 401) if pytestconfig.getoption("--long") else (200, 401):
        echo(web, status, address)
        told = answer(job)
        assert shows(told, address) == [], told
        assert json.loads(told).keys() & {"error", "fault", "id"}
    web.manner = "cut"
    assert shows(answer(job), address) == []
    web.manner = "answer"
    assert shows(answer({"url": address}), address) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_t22_whatever_is_said_about_an_address_it_is_not_in_it(address: str) -> None:
    for secret in secrets_of(address):
        for said in (secret, secret.lower(), f"bot{secret}x", f"/{secret}/", f"'{secret}',",
                     b64encode(secret.encode()).decode(), f"{secret[:1]}...{secret[-1:]}",
                     b64encode(f"user:{secret}".encode()).decode()):  # fmt: skip
            shown = plain_words(f"Not Found: chat {said} is gone, error=404.", address)
            assert shows(shown, address) == []
            assert shown.startswith("Not Found: ")


def test_t22_no_command_shows_an_address(tmp_path: Path, web: WebServer) -> None:
    address = "ntfys://tk_tokenS3CRETtoken@ntfy.sh/topicS3CRET"
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o700)
    (kept / "family").write_text(address)
    (kept / "family").chmod(0o600)
    home = Home(tmp_path, FAMILY=address, WRONG="tgram://S3CRET/S3CRET",
                CREDENTIALS_DIRECTORY=str(kept), **web.environ())  # fmt: skip
    places = {
        "url": f'"{address}"',
        "url_file": f'"{kept}/family"',
        "url_env": '"FAMILY"',
        "url_credential": '"family"',
    }
    tables = [f"[targets.{place}]\n{place} = {told}\n" for place, told in places.items()]
    home.configure("".join([*tables, "[targets.wrong]\nurl_env = 'WRONG'\n"]))
    home.config_file.chmod(0o600)
    echo(web, 401, address)
    codes = {
        ("config", "show"): 0,
        ("config", "check"): 9,
        ("doctor", "--json"): 1,
        ("status", "--json"): 1,
        ("-v", "test-notification", "--target", "url_env"): 7,
        ("test-notification", "--target", "push:url_file", "--json"): 7,
        ("test-notification", "--target", "wrong"): 7,
        ("test-notification", "--target", "nobody"): 2,
    }
    for words, code in codes.items():
        done = home.kz(*words)
        assert done.exit_code == code, done
        assert shows(done.out + done.err, address) == [], done
        assert "Traceback" not in done.err
    shown = home.kz("config", "show", "--json").json["targets"]
    assert [shown[place][place] for place in places] == [
        *("***", f"{kept}/family", "FAMILY", "family")
    ]
    home.config_file.chmod(0o644)
    done = home.kz("list")
    assert (done.exit_code, shows(done.err, address)) == (9, [])


def test_t22_an_address_where_a_file_s_name_belongs_is_shown_nowhere(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.configure('[targets.x]\nurl_file = "tgram://12345:S3CRETtoken/678"\n')
    for words in ("config check", "config show", "doctor", "test-notification", "status", "list"):
        done = home.kz(*words.split())
        assert done.exit_code == (1 if words == "doctor" else 9), done
        assert "S3CRET" not in done.out + done.err
        assert "the address itself goes into it" in done.out + done.err, done


def test_t22_no_log_and_no_history_shows_an_address(
    tmp_path: Path, web: WebServer, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "tgram://123456789:AAzyxwvutsrqponmlk_jihgfedcbaS3CRET/9876543210"
    home = Home(tmp_path)
    settings = load_settings(Given(database_url=f"sqlite:///{home.database}"), home.environ)
    home.database.parent.mkdir(parents=True)
    parts = Parts(settings, throw_away=True)
    ours = logging.getLogger("kzreminder")
    kept = list(ours.handlers), ours.level
    now = NOW + timedelta(hours=5)
    for label in ("Mum", "Dad"):
        parts.store.add(
            register({"label": label, "expires": now.date()}, settings.policy, now), now
        )
    try:
        log_to_stderr(verbose=True, quiet=False)
        for hours, status in enumerate((400, 401)):
            echo(web, status, address)
            run_pass(parts.desk(Push("family", lambda: address)), now + timedelta(hours=hours))
    finally:
        ours.handlers = kept[0]
        ours.setLevel(kept[1])
        parts.close()
    logged = capsys.readouterr().err
    assert "401 Unauthorized" in logged
    assert shows(logged, address) == []
    told = run_here(home.environ, "--db", settings.database_url, "history", "--json")
    assert "push:family" in told.out
    assert "400 Bad Request" in told.out
    assert shows(told.out + told.err, address) == []
    assert shows(repr(home.contents()), address) == []


def test_t22_no_trace_shows_an_address() -> None:
    address = "tgram://botS3CRET/chatS3CRET"
    with pytest.raises(KzreminderError) as refused:
        Push("family", lambda: address).check()
    assert shows("".join(traceback.format_exception(refused.value)), address) == []
    assert shows(repr(refused.value) + repr(refused.value.values), address) == []


def test_t23_no_list_of_processes_shows_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """While its process waits for a server that hangs."""
    monkeypatch.setenv("FAMILY", "jsons://S3CRET")
    monkeypatch.setenv("KZREMINDER_DATABASE", "postgresql://me:S3CRET@localhost/cards")
    with PlainWebServer(manner="hang") as server:
        address = f"json://me:S3CRET@127.0.0.1:{server.port}/S3CRET"
        channel = Push("family", lambda: address, limit_seconds=8)
        sending = threading.Thread(target=lambda: channel.send(Message("S3CRET label", "body")))
        sending.start()
        while not server.requests:
            assert sending.is_alive()
            time.sleep(0.02)
        [child] = [
            place
            for place in Path("/proc").glob("[0-9]*")
            if b"push_child" in (place / "cmdline").read_bytes()
            and f"\nPPid:\t{os.getpid()}\n" in (place / "status").read_text()
        ]
        for name in ("cmdline", "environ"):
            assert b"S3CRET" not in (child / name).read_bytes()
    sending.join(10)
    assert not sending.is_alive()


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_t24_an_address_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    home = Home(tmp_path)
    place = tmp_path / "family"
    place.write_text("ntfys://ntfy.sh/S3CRET")
    place.chmod(mode)
    home.configure(f'[targets.family]\nurl_file = "{place}"\n')
    for words, code in (
        (("test-notification", "--target", "family"), 7),
        (("config", "check"), 9),
    ):
        done = home.kz(*words)
        assert done.exit_code == code
        assert "others on this computer can read it" in done.err
    [finding] = [
        one for one in home.kz("doctor", "--json").json["checks"] if one["id"] == "push:family"
    ]
    assert finding["mend"] == f"Type: chmod 600 {place}"


def test_t25_nobody_answers_in_a_service_s_place(web: WebServer) -> None:
    """The proxy leads to a server that bears other names."""
    told = json.loads(
        answer({"url": "ntfys://bank.example/t", "title": "t", "body": "b", "urgency": "low"})
    )
    assert "certificate" in told["error"]
    assert web.requests == [], "nothing was sent"


def test_t25_who_answers_for_ever_is_left(web: WebServer) -> None:
    web.manner = "drip"
    outcome = Push("x", lambda: "ntfys://ntfy.sh/t", limit_seconds=2).send(Message("t", "b"))
    assert outcome == TargetAway("no answer within 2 s")
