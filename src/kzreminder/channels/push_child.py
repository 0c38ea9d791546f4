"""The child process in which Apprise runs: an address and a message on stdin, what became of it on
stdout (JSON).

Apprise says no more than yes or no, and with some services yes to what they refuse: so its requests
are watched, and what it logs is read. Nothing leaves this process that shows the address.

Not here: the time limit (child), what may be told of a failure (telling), what is known of single
services (push_services).
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from kzreminder.channels.child import outcome_as_json
from kzreminder.channels.message import APP_NAME, Accepted, Outcome, Refused, TargetAway, Urgency
from kzreminder.channels.push_services import as_read_there, mend, refused_in, with_our_wishes
from kzreminder.channels.telling import plain_words

if TYPE_CHECKING:
    from apprise.plugins.base import NotifyBase
    from requests import Response

KINDS = {Urgency.LOW: "info", Urgency.NORMAL: "warning", Urgency.CRITICAL: "failure"}
REASONS = ("description", "errmsg", "message", "msg", "error", "detail")
"Where the body of an answer says in words what is wrong."
OF_THE_MESSAGE = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
"May be about this one text, so others are tried all the same; never said to be for good."
CAUSES = re.compile(
    r"\[Errno -?\d+\] (?P<system>[A-Z][A-Za-z ]+[a-z])"
    r"|certificate verify failed: (?P<certificate>[A-Za-z -]+[a-z])"
    r"|(?P<tls>wrong version number|UNEXPECTED_EOF_WHILE_READING|EOF occurred in violation)"
    r"|(?P<late>timed out)"
    r"|(?P<closed>Remote end closed|Connection aborted|unexpectedly closed|IncompleteRead)"
    r"|(?P<proxy>Tunnel connection failed: \d{3})"
    r"|\((?P<smtp>[45]\d\d), b?['\"](?P<words>.*)['\"]"
)


class NotUnderstood(Exception):
    """Apprise can do nothing with the address. `told` is what the parent process says of it."""

    def __init__(self, fault: str, **values: str) -> None:
        super().__init__(fault)
        self.told = {"fault": fault, **values}


@dataclass
class Watched(logging.Handler):
    """What is answered to Apprise, and what it logs of that."""

    answers: list[Response] = field(default_factory=list)
    lines: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.DEBUG)

    __hash__ = logging.Handler.__hash__

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(TypeError, ValueError):  # a line that cannot be put together
            self.lines.append((record.levelno, record.getMessage()))

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        import requests

        log, send = logging.getLogger("apprise"), requests.Session.send

        def watched_send(session: requests.Session, *args: Any, **kwargs: Any) -> Response:
            answer = send(session, *args, **kwargs)
            self.answers.append(answer)
            return answer

        log.addHandler(self)
        log.setLevel(logging.DEBUG)
        log.propagate = False
        requests.Session.send = watched_send  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            requests.Session.send = send  # type: ignore[method-assign]
            log.removeHandler(self)


def service_of(url: str, urgency: Urgency) -> tuple[str, NotifyBase]:
    """Which of Apprise's schemas the address has, and the service behind it."""
    from apprise import Apprise, AppriseAsset, PersistentStoreMode
    from apprise.manager_plugins import NotificationManager
    from apprise.plugins import url_to_dict

    known = NotificationManager()
    parsed = url_to_dict(url)
    schema = str(parsed["schema"]) if parsed else url.partition("://")[0].lower()
    if schema not in known:
        raise NotUnderstood("unknown_service")
    kind = known[schema]
    about = {"service": str(kind.service_name), "page": str(kind.setup_url)}
    if not kind.enabled:
        raise NotUnderstood("lacks_package", packages=_packages(kind), **about)
    if not parsed:
        raise NotUnderstood("not_understood", **about)
    asset = AppriseAsset(
        app_id=APP_NAME,
        app_desc=APP_NAME,
        app_url="",
        # Else whoever receives a message fetches its picture from a stranger.
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        interpret_emojis=False,
        async_mode=False,
        storage_mode=PersistentStoreMode.MEMORY,
        language="en",
        service_timeout=0,  # ours is the process's own
    )
    try:
        service = Apprise.instantiate(with_our_wishes(parsed, schema, urgency), asset=asset)
    except TypeError:  # of a plugin that is handed less than it takes for granted
        service = None
    if service is None or len(service) < 1:
        raise NotUnderstood("not_understood", **about)
    mend(service, schema)
    return schema, service


def _packages(kind: type[NotifyBase]) -> str:
    wanted = kind.requirements.get("packages_required") or []
    return ", ".join([wanted] if isinstance(wanted, str) else [str(one) for one in wanted])


def send(job: Mapping[str, str]) -> Outcome:
    from apprise import Apprise, NotifyFormat

    url, urgency = job["url"], Urgency(job["urgency"])
    watched = Watched()
    with watched.watching():
        schema, service = service_of(url, urgency)
        way = Apprise(service, asset=service.asset)
        title, body = as_read_there(job["title"], job["body"], schema)
        is_taken = bool(
            way.notify(
                title=title,
                body=body,
                notify_type=KINDS[urgency],
                body_format=NotifyFormat.TEXT,  # so it is escaped for whoever reads markup
            )
        )
    return outcome_of(is_taken, watched, schema, str(service.service_name), url)


def outcome_of(
    is_taken: bool, watched: Watched, schema: str, service: str, address: str
) -> Outcome:
    for answer in watched.answers:
        refused = refused_in(_body(answer), schema)
        if refused is not None and answer.ok:
            return TargetAway(_told(service, refused, _reason(answer), address))
    if is_taken:
        return Accepted(None)
    failed = next((one for one in reversed(watched.answers) if not one.ok), None)
    if failed is None:
        return TargetAway(_told(service, *_cause(watched.lines), address))
    error = _told(service, _named(failed.status_code), _reason(failed), address)
    if failed.status_code in OF_THE_MESSAGE:
        return Refused(error, permanent=False)
    return TargetAway(error)


def _told(service: str, cause: str, words: str, address: str) -> str:
    said = plain_words(words, address)
    if said.casefold() in cause.casefold():
        return f"{service}: {cause or said or 'it was not taken, and no reason given'}"
    return f"{service}: {cause} ({said})" if cause else f"{service}: {said}"


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _body(answer: Response) -> dict[str, Any]:
    try:
        read = json.loads(answer.content[:100_000])
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _reason(answer: Response) -> str:
    body = _body(answer)
    return next((str(body[key]) for key in REASONS if isinstance(body.get(key), str)), "")


def _cause(lines: list[tuple[int, str]]) -> tuple[str, str]:
    """Why nobody answered, and words to it, by what was logged."""
    for _, line in reversed(lines):
        found = list(CAUSES.finditer(line))
        if found:
            return _said_by(found[-1])
    warnings = [line for level, line in lines if level >= logging.WARNING]
    return "", warnings[-1] if warnings else ""


def _said_by(found: re.Match[str]) -> tuple[str, str]:
    kind = str(found.lastgroup)
    if kind == "words":
        return found["smtp"], found["words"]
    if kind == "certificate":
        return "its certificate is not to be trusted", found["certificate"]
    fixed = {"tls": "no TLS is spoken there", "late": "timed out", "closed": "closed half way"}
    return fixed.get(kind) or found[kind], ""


def answer(job: Mapping[str, str]) -> str:
    try:
        if "title" in job:
            return outcome_as_json(send(job))
        with Watched().watching():
            _, service = service_of(job["url"], Urgency.NORMAL)
        return json.dumps({"service": str(service.service_name)})
    except NotUnderstood as error:
        return json.dumps(error.told)
    except Exception as error:  # noqa: BLE001 - its words, and a trace of it, may show the address
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {place.name}, line {place.lineno}"
        return outcome_as_json(TargetAway(f"Apprise failed: {where}"))


def main() -> None:
    job = json.loads(sys.stdin.read())
    with contextlib.redirect_stdout(sys.stderr):  # what a library prints is not our answer
        answered = answer(job)
    print(answered)  # noqa: T201 - the answer to the parent process


if __name__ == "__main__":
    main()
