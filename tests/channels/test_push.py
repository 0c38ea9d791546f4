"""Push, against servers on loopback: what arrives, what is told of what does not, and how long.

Not here: what of a failure is a secret (test_push_secrets).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import parse_qs, urlsplit

import pytest

from kzreminder.channels.message import (
    Accepted,
    Message,
    Outcome,
    Refused,
    Server,
    TargetAway,
    Urgency,
)
from kzreminder.channels.push import Push
from kzreminder.channels.push_child import answer
from kzreminder.errors import BadValue, KzreminderError
from tests.channels.push_server import MailServer, PlainWebServer, WebServer, closed_port

pytestmark = pytest.mark.filterwarnings("ignore")  # of Apprise's own; its child is told so too

TYPED = "<b>Mum</b> *x* _y_ [a](b) `c` &amp; :smile: \\n {0} ${X}"
MESSAGE = Message(f"3 days left: {TYPED}", f"Kcell: 4 990 ₸\n{TYPED}", Urgency.CRITICAL)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """All services of the world."""
    with WebServer() as server:
        for name, value in server.environ().items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def plain() -> Iterator[PlainWebServer]:
    with PlainWebServer() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def sent(url: str, message: Message = MESSAGE) -> Outcome:
    """Through what runs in the child, here: a process for each would cost most of the time."""
    words = {"title": message.title, "body": message.body, "urgency": message.urgency.value}
    told = json.loads(answer({"url": url, **words}))
    kinds = {kind.__name__: kind for kind in (Accepted, TargetAway, Refused)}
    outcome: Outcome = kinds[told.pop("kind")](**told)
    return outcome


def push(url: str, limit_seconds: float = 20, command: tuple[str, ...] = ()) -> Push:
    return Push("family", lambda: url, limit_seconds=limit_seconds, command=command)


# -- through a process of its own --------------------------------------------------------------


def test_a_message_arrives_as_it_was_written(plain: PlainWebServer) -> None:
    channel = push(f"json://127.0.0.1:{plain.port}/here")
    assert (channel.target, channel.name) == ("push:family", "push")
    channel.attend()
    assert channel.send(MESSAGE) == Accepted(None)
    channel.take_away(1, "x")
    channel.close()
    [request] = plain.requests
    assert request.path == "/here"
    assert (request.json["title"], request.json["message"]) == (MESSAGE.title, MESSAGE.body)
    assert request.json["type"] == "failure"
    assert "github" not in json.dumps(request.json) + str(request.headers)
    assert request.headers["user-agent"] == "kzreminder"


def test_it_says_who_would_send_and_asks_once_for_each_address(plain: PlainWebServer) -> None:
    addresses = [f"json://127.0.0.1:{plain.port}"]
    channel = Push("x", lambda: addresses[0])
    first = channel.describe()
    assert isinstance(first, Server)
    assert (first.name, first.vendor) == ("JSON", "Apprise")
    assert channel.describe() is first
    addresses[0] = "nonsense"
    wrong = channel.describe()
    assert isinstance(wrong, TargetAway)
    assert channel.describe() is wrong
    assert plain.requests == [], "nothing was sent"


@pytest.mark.parametrize("manner", ["hang", "drip", pytest.param("mute", marks=pytest.mark.long)])
def test_a_server_that_takes_its_time_is_left_at_the_limit(web: WebServer, manner: str) -> None:
    web.manner = manner
    began = time.monotonic()
    outcome = push("ntfys://ntfy.sh/topic?rto=60", limit_seconds=3).send(MESSAGE)
    assert outcome == TargetAway("no answer within 3 s")
    assert time.monotonic() - began < 6


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "print('nonsense')",
        "print('[]')",
        "print('{}')",
        'print(\'{"kind": "Accepted", "more": 1}\')',
        "import os; os.kill(os.getpid(), 9)",
        "raise ImportError('tgram://S3CRET')",
    ],
)
def test_a_child_that_fails_is_never_a_success_and_tells_nothing(code: str) -> None:
    channel = push("json://S3CRET", command=(sys.executable, "-c", code))
    outcome = channel.send(MESSAGE)
    assert isinstance(outcome, TargetAway)
    assert "S3CRET" not in outcome.error
    assert isinstance(channel.describe(), TargetAway)


def test_without_apprise_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.partition(".")[0] == "apprise"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(KzreminderError) as lacking:
        push("json://x").check()
    assert lacking.value.hint == "Install kzreminder with it: pipx install '.[push]'"
    assert isinstance(push("json://x").send(MESSAGE), TargetAway)


def test_an_address_that_cannot_be_had_is_away() -> None:
    def gone() -> str:
        raise BadValue("{place} must hold one address", place="x.url")

    channel = Push("x", gone)
    assert channel.send(MESSAGE) == channel.describe() == TargetAway("x.url must hold one address")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("tgrm://123/456", "Apprise knows no service by the beginning of the address"),
        ("nonsense", "Apprise knows no service by the beginning of the address"),
        ("tgram://123/456", "not one that Telegram has"),
        ("mailto://", "not one that E-Mail has"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_unseen(url: str, says: str) -> None:
    with pytest.raises(BadValue, match=says) as refused:
        push(url).check()
    assert refused.value.hint
    assert "https://appriseit.com" in refused.value.hint.format(**refused.value.values)


# -- what is told of what does not arrive ------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {}, Accepted(None)),
        (401, {}, TargetAway("JSON: 401 Unauthorized")),
        (403, {"error": "forbidden"}, TargetAway("JSON: 403 Forbidden")),
        (404, b"<html>", TargetAway("JSON: 404 Not Found")),
        (429, {"message": "slow down"}, TargetAway("JSON: 429 Too Many Requests (slow down)")),
        (500, b"", TargetAway("JSON: 500 Internal Server Error")),
        (599, [], TargetAway("JSON: 599")),
        (400, {"msg": "no such chat"}, Refused("JSON: 400 Bad Request (no such chat)", False)),
        (422, {}, Refused("JSON: 422 Unprocessable Entity", False)),
    ],
)
def test_an_answer_is_told_by_its_number_and_its_words(
    plain: PlainWebServer, status: int, body: object, outcome: Outcome
) -> None:
    plain.says(status, body)
    assert sent(f"json://127.0.0.1:{plain.port}") == outcome


def test_where_nobody_answers_it_is_told_why(web: WebServer) -> None:
    with closed_port() as port:
        assert sent(f"json://127.0.0.1:{port}") == TargetAway("JSON: Connection refused")
    web.manner = "cut"
    assert sent("ntfys://ntfy.sh/topic") == TargetAway("ntfy: closed half way")
    web.manner = "hang"
    assert sent("ntfys://ntfy.sh/topic?rto=0.2") == TargetAway("ntfy: timed out")
    web.manner = "answer"
    untrusted = sent("ntfys://stranger.example/topic")
    assert isinstance(untrusted, TargetAway)
    assert untrusted.error.startswith("ntfy: its certificate is not to be trusted")


def test_a_page_that_is_not_the_service_is_not_believed(web: WebServer) -> None:
    """As of a Wi-Fi that wants to be paid first."""
    web.says(302)
    web.location = "https://api.telegram.org/elsewhere"
    assert isinstance(sent("tgram://123456789:AAaabbccddeeff_gghhiijjkkllmm/98765"), TargetAway)


# -- services ----------------------------------------------------------------------------------

KEY = "aabbccddeeff00112233445566778899"
SERVICES: dict[str, tuple[str, object, object]] = {
    "Telegram": (f"tgram://123456789:{KEY}_x/98765", {"ok": True}, None),
    "WeCom Bot": (f"wecombot://{KEY}", {"errcode": 0, "errmsg": "ok"}, {"errcode": 93000}),
    "DingTalk": (f"dingtalk://SEC{KEY}@{KEY}", {"errcode": 0}, {"errcode": 310000}),
    "Feishu": (f"feishu://{KEY}", {"code": 0, "msg": "success"}, {"code": 19001}),
    "ServerChan": (f"schan://SCT{KEY}", {"code": 0}, {"code": 40001}),
    "PushDeer": (f"pushdeers://PDU{KEY}", {"code": 0}, {"code": 80501}),
    "Bark": (f"barks://api.day.app/{KEY}", {"code": 200, "message": "success"}, {"code": 400}),
    "ntfy": (f"ntfys://tk_{KEY}@ntfy.sh/topic", {"id": "x"}, None),
    "Discord": (f"discord://123456789012345678/{KEY}{KEY}", {}, None),
    "Pushplus": (f"pushplus://{KEY}", {"code": 200}, {"code": 903}),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_believed_by_what_it_says_itself(web: WebServer, name: str) -> None:
    url, well, wrong = SERVICES[name]
    web.says(200, well)
    assert sent(url) == Accepted(None)
    web.says(401, {"description": "bad key"})
    assert sent(url) == TargetAway(f"{name}: 401 Unauthorized (bad key)")
    if wrong is not None:
        assert isinstance(wrong, dict)
        web.says(200, wrong | {"msg": "the key is wrong", "errmsg": "the key is wrong"})
        outcome = sent(url)
        assert isinstance(outcome, TargetAway), "200, and not taken"
        assert outcome.error.startswith(f"{name}: ")


def test_a_body_without_the_code_or_with_nonsense_is_no_refusal(web: WebServer) -> None:
    for body in (b"", b"ok", b"[]", b"null", {"errmsg": "ok"}, b"[" * 50_000):
        web.says(200, body)
        assert sent(SERVICES["WeCom Bot"][0]) == Accepted(None)


def test_what_was_typed_is_no_markup_anywhere(web: WebServer) -> None:
    escaped = "&lt;b&gt;Mum&lt;/b&gt; *x* _y_ [a](b) `c` &amp;amp; :smile: \\n {0} ${X}"
    marked = r"\[a\]\(b\) \`c\`"
    for name, (url, well, _) in SERVICES.items():
        web.says(200, well)
        web.requests.clear()
        sent(url, Message("t", f"one {TYPED}\ntwo <at user_id='all'>"))
        [request] = web.requests
        told = request.body.decode()
        if name in ("Telegram", "Pushplus"):
            assert escaped in request.json.get("text", escaped)
            assert "<b>Mum" not in told
        elif name == "Discord":
            assert marked in request.json["embeds"][0]["description"]
        elif name == "ServerChan":
            [body] = parse_qs(told)["desp"]
            assert marked in body
            assert "\n\ntwo" in body
        elif name == "PushDeer":
            assert TYPED in parse_qs(told)["desp"][0]
        else:
            assert TYPED in json.dumps(request.json, ensure_ascii=False).replace("\\\\", "\\")
        if name == "Feishu":
            assert "<at" not in told


def test_a_tag_that_feishu_obeys_is_none_in_the_title_either(web: WebServer) -> None:
    web.says(200, {"code": 0})
    sent(SERVICES["Feishu"][0], Message("<at user_id='all'></at>", "x"))
    assert web.requests[0].json["content"]["text"].startswith("< at user_id='all'>< /at>")


def test_what_is_critical_is_urgent_where_a_service_knows_it(web: WebServer) -> None:
    for urgency, priority, level in (
        (Urgency.CRITICAL, "high", "timeSensitive"),
        (Urgency.NORMAL, None, None),
    ):
        web.requests.clear()
        web.says(200, {"code": 200})
        sent(SERVICES["ntfy"][0], Message("t", "b", urgency))
        sent(SERVICES["Bark"][0], Message("t", "b", urgency))
        ntfy, bark = web.requests
        assert ntfy.headers.get("x-priority", ntfy.json.get("priority")) == priority
        assert bark.json.get("level") == level
    web.requests.clear()
    sent(SERVICES["ntfy"][0] + "?priority=min", Message("t", "b", Urgency.CRITICAL))
    assert "min" in (
        web.requests[0].headers.get("x-priority"),
        web.requests[0].json.get("priority"),
    )


def test_dingtalk_s_signature_fits(web: WebServer) -> None:
    web.says(200, {"errcode": 0})
    sent(SERVICES["DingTalk"][0])
    told = parse_qs(urlsplit(web.requests[0].path).query)
    secret, [timestamp] = f"SEC{KEY}", told["timestamp"]
    signed = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    assert told["sign"] == [base64.b64encode(signed.digest()).decode()]


def test_a_long_message_is_cut_and_arrives_once(web: WebServer) -> None:
    web.says(200, {"ok": True})
    assert sent(SERVICES["Telegram"][0], Message("t", "line\n" * 5000)) == Accepted(None)
    [request] = web.requests
    assert 2000 < len(request.json["text"]) <= 4096


# -- mail --------------------------------------------------------------------------------------


def mailbox(server: MailServer) -> str:
    return (
        f"mailto://me:pa55@localhost:{server.port}?smtp=127.0.0.1&mode=insecure&to=you@example.kz"
    )


def test_a_mail_arrives_with_what_was_typed(mail: MailServer) -> None:
    assert sent(mailbox(mail)) == Accepted(None)
    [raw] = mail.mails
    read = message_from_bytes(raw, policy=policy.default)
    assert read["subject"] == MESSAGE.title
    assert "kzreminder" in read["from"]
    assert [line.upper() for line in mail.to] == ["RCPT TO:<YOU@EXAMPLE.KZ>"]
    bodies = {part.get_content_type(): part.get_content() for part in read.walk()
              if not part.is_multipart()}  # fmt: skip
    assert TYPED in bodies.get("text/plain", TYPED)
    assert "<b>Mum" not in bodies.get("text/html", "")


@pytest.mark.parametrize(
    ("command", "says", "told"),
    [
        ("AUTH", b"535 5.7.8 authentication failed", "E-Mail: 535 (5.7.8 authentication failed)"),
        ("RCPT", b"550 5.1.1 no such user", "E-Mail: 550 (5.1.1 no such user)"),
        ("DATA", b"552 5.2.2 mailbox full", "E-Mail: 552 (5.2.2 mailbox full)"),
    ],
)
def test_a_mail_server_that_refuses_is_told_by_its_own_words(
    mail: MailServer, command: str, says: bytes, told: str
) -> None:
    mail.refuses = (command, says)
    assert sent(mailbox(mail)) == TargetAway(told)


def test_a_mail_server_that_is_not_there_is_away() -> None:
    with closed_port() as port:
        server = f"mailto://me:pa55@localhost:{port}?smtp=127.0.0.1&mode=insecure&to=y@example.kz"
        assert sent(server) == TargetAway("E-Mail: Connection refused")


def test_the_child_is_handed_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import json, os, sys; print(json.dumps({'service': json.dumps(dict(os.environ))}))"
    monkeypatch.setenv("KZREMINDER_DATABASE", "postgresql://u:S3CRET@h/d")
    monkeypatch.setenv("FAMILY_URL", "tgram://S3CRET")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/S3CRET")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    given = json.loads(push("x://S3CRET", command=(sys.executable, "-c", code)).check())
    assert given["HTTPS_PROXY"] == "http://127.0.0.1:1"
    assert given["NETRC"] == os.devnull
    assert "S3CRET" not in json.dumps(given)
