"""What is known here of single services, by Apprise's schema, that Apprise leaves out.

Not here: sending (push_child).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from kzreminder.channels.message import Urgency

URGENT = {
    **dict.fromkeys(("ntfy", "ntfys", "gotify", "gotifys", "pover"), ("priority", "high")),
    **dict.fromkeys(("bark", "barks"), ("level", "timeSensitive")),
}
"What makes a critical message urgent, where a service knows more than one kind."
WELL = {
    **dict.fromkeys(("wecombot", "wechat", "dingtalk"), ("errcode", 0)),
    **dict.fromkeys(("feishu", "lark", "schan", "pushdeer", "pushdeers"), ("code", 0)),
    **dict.fromkeys(("bark", "barks"), ("code", 200)),
}
"These answer 200 to a wrong token too; what became of the message stands in the body only."

_TAG = r"<(?=/?at\b)"


def with_our_wishes(parsed: dict[str, Any], schema: str, urgency: Urgency) -> dict[str, Any]:
    """Apprise's own reading of an address; what that says itself stays."""
    ours = {"overflow": "truncate"}
    if urgency is Urgency.CRITICAL and schema in URGENT:
        key, value = URGENT[schema]
        ours[key] = value
    if schema == "discord":  # reads Markdown in plain text too, and only in Markdown it is escaped
        ours["format"] = "markdown"
    return ours | parsed


def mend(service: Any, schema: str) -> None:
    """Apprise 2.2 quotes DingTalk's signature, and requests does so again; then it does not fit."""
    if schema == "dingtalk":
        signature = service.get_signature

        def quoted_once() -> tuple[str, str]:
            timestamp, signed = signature()
            return timestamp, unquote(signed)

        service.get_signature = quoted_once


def as_read_there(title: str, body: str, schema: str) -> tuple[str, str]:
    """So that it is read as it was written, where plain text is not taken for what it is."""
    if schema == "schan":  # Markdown, in which a single line break is none
        from apprise.conversion import text_to_markdown

        return title, "\n\n".join(str(text_to_markdown(line)) for line in body.split("\n"))
    if schema in ("feishu", "lark"):  # a tag there calls people by name
        return re.sub(_TAG, "< ", title), re.sub(_TAG, "< ", body)
    return title, body


def refused_in(body: Mapping[str, Any], schema: str) -> str | None:
    """The service's own code for what is wrong; None where nothing is said to be."""
    key, well = WELL.get(schema, ("", 0))
    code = str(body.get(key, well))
    if code == str(well):
        return None
    return code if re.fullmatch(r"-?\d{1,6}", code) else "refused"
