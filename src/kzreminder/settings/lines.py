"""The text of config.toml: read, parsed, and on which line a setting stands.

Not here: what a setting may be (values, declared, targets).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from kzreminder.errors import N_, BadValue, ConfigurationInvalid, Fault, toml_line


def text_of(path: Path, must_exist: bool) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Notepad begins with a mark
    except FileNotFoundError:
        if not must_exist:
            return ""
        raise BadValue(N_("there is no configuration file {path}"), path=path) from None
    except (OSError, UnicodeDecodeError) as error:
        why = "not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        fault = Fault(str(path), None, "", N_("cannot be read: {why}"), (("why", why),))
        raise ConfigurationInvalid((fault,)) from error


def parsed(path: Path, text: str) -> tuple[dict[str, Any], list[Fault]]:
    if not text.strip():
        return {}, []
    import tomllib

    try:
        return tomllib.loads(text), []
    except (ValueError, RecursionError) as error:  # tomllib has more than its own
        why = str(error).partition(" (at ")[0]
        line = toml_line(error, text)
        fault = Fault(str(path), line, "", N_("not valid TOML: {why}"), (("why", why),))
        return {}, [fault]


def line_of(text: str, key: str) -> int | None:
    """Where a setting stands; None where the key is written in an unusual way."""
    table, _, name = key.rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\]]+)\]", line):
            current = header.group(1).strip()
        written = re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line)
        if written and (current, written.group(1)) in ((table, name), ("", key)):
            return number
    return None


def fault_of(path: Path, line: int | None, key: str, error: BadValue) -> Fault:
    return Fault(str(path), line, key, error.sentence, tuple(error.values.items()))


def line_of_table(text: str, table: str) -> int | None:
    """Where its `[header]` stands."""
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header and header.group(1).strip() == table:
            return number
    return None
