"""Which language is meant, and which one of several sources decides.

Not here: any words (wording). All that `--help` needs of the settings: it stays light.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LANGUAGES = ("en", "zh", "zh-Hant", "ru", "kk")
_TRADITIONAL = frozenset(("hant", "tw", "hk", "mo"))
_NAMED = re.compile(
    r"(?P<tongue>[a-z]{2})(?P<places>(-[a-z0-9]{2,8})*)(\.[a-z0-9-]{1,20})?(@[a-z0-9]{1,20})?"
)


def language_named(text: str) -> str | None:
    """One of ours: `zh_CN`, `zh-TW` and `ru_RU.UTF-8` are understood; None for all else."""
    match = _NAMED.fullmatch(text.strip().lower().replace("_", "-"))
    if not match or match["tongue"] not in LANGUAGES:
        return None
    places = set(match["places"].split("-"))
    if match["tongue"] == "zh" and "hans" not in places and places & _TRADITIONAL:
        return "zh-Hant"
    return match["tongue"]


def language_of_locale(environ: Mapping[str, str]) -> str:
    """The first locale variable that is set decides; one without words, such as C, is English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return language_named(environ[name]) or "en"
    return "en"


def language_unconfigured(given: str | None, environ: Mapping[str, str]) -> str:
    """Before any file is read: for help, and for what is wrong with the file."""
    for named in (given, environ.get("KZREMINDER_LANG")):
        if named:
            return language_named(named) or "en"
    return language_of_locale(environ)
