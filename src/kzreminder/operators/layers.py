"""Operator files as they were read, and the user's own laid over the shipped ones.

Not here: what a file must hold (operator_file), which files there are (catalogue).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kzreminder.errors import N_, Fault, toml_line

Table = dict[str, Any]
_FACT_DEPTHS = {"network": 1, "prefixes": 1, "balance": 2, "facts": 2, "methods": 3}
"How deep under each top table the facts stand."
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Page:
    """One file as it was read."""

    path: Path
    own: bool
    text: str
    table: Table

    @property
    def operator_id(self) -> str:
        return str(self.table.get("id", self.path.stem))

    def has(self, key: str) -> bool:
        table: object = self.table
        for part in key.split("."):
            if not isinstance(table, dict) or part not in table:
                return False
            table = table[part]
        return True

    def line(self, key: str) -> int | None:
        """Where that key stands, as near as a search by eye finds it."""
        parts = key.split(".")
        lines = list(enumerate(self.text.splitlines(), start=1))
        for depth in range(len(parts), -1, -1):
            heading = re.compile(rf"\s*\[{re.escape('.'.join(parts[:depth]))}\]\s*(#.*)?")
            start = next((n for n, text in lines if heading.fullmatch(text)), None) if depth else 0
            if start is None:
                continue
            if depth == len(parts):
                return start
            entry = re.compile(rf"\s*\"?{re.escape(parts[depth])}\"?\s*[=.]")
            for number, text in lines[start:]:
                if text.lstrip().startswith("["):
                    break
                if entry.match(text):
                    return number
            if start:
                return start
        return None

    def fault(self, key: str, sentence: str, /, **values: object) -> Fault:
        return Fault(str(self.path), self.line(key), key, sentence, tuple(values.items()))


@dataclass(frozen=True, slots=True)
class Layers:
    """The pages about one operator, the user's own last."""

    pages: tuple[Page, ...]

    def merged(self) -> Table:
        table: Table = {}
        unknown: list[object] = []
        for page in self.pages:
            table = _laid_over(table, page.table)
            listed = page.table.get("not_found", [])
            unknown += listed if isinstance(listed, list) else [None]  # refused where it is read
        return table | {"not_found": unknown}

    def is_own(self, key: str) -> bool:
        """Whether it is the user's own file that says this."""
        return next((page.own for page in reversed(self.pages) if page.has(key)), False)

    def fault(self, key: str, sentence: str, /, **values: object) -> Fault:
        """A fault where it was written or left out: the last file that has a part in it."""
        parent = key.rpartition(".")[0]
        path = parent.split(".")
        is_part_of_fact = len(path) == _FACT_DEPTHS.get(path[0])  # which is replaced whole
        for page in reversed(self.pages):
            if page.has(key) or (is_part_of_fact and page.has(parent)):
                return page.fault(key, sentence, **values)
        for page in reversed(self.pages):
            if parent and page.has(parent):
                return page.fault(key, sentence, **values)
        return self.pages[-1].fault(key, sentence, **values)


def read_page(path: Path, own: bool, faults: list[Fault]) -> Page | None:
    """None, and a fault, when the file cannot be read."""
    text = ""
    if path.exists() and not (path.is_file() or path.is_dir()):
        faults.append(Fault(str(path), None, "", N_("is no file")))  # a pipe would be waited for
        return None
    try:
        text = path.read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        faults.append(
            Fault(str(path), None, "", N_("cannot be read: {reason}"), (("reason", reason),))
        )
    except UnicodeDecodeError:
        faults.append(Fault(str(path), None, "", N_("is not UTF-8 text")))
    except (ValueError, RecursionError) as error:  # tomllib has more than its own
        said = (("reason", str(error)),)
        line = toml_line(error, text)
        faults.append(Fault(str(path), line, "", N_("is not TOML: {reason}"), said))
    else:
        page = Page(path, own, text, table)
        if isinstance(table.get("id", ""), str) and _ID.fullmatch(page.operator_id):
            return page
        faults.append(
            page.fault("id", N_("an id is written with small letters, digits and dashes"))
        )
    return None


def _laid_over(under: Table, over: Table, path: tuple[str, ...] = ()) -> Table:
    """Tables are merged key by key; a fact is replaced whole: its source goes with its value."""
    merged = dict(under)
    for key, value in over.items():
        below, here = merged.get(key), (*path, key)
        is_fact = len(here) == _FACT_DEPTHS.get(here[0])
        if isinstance(value, dict) and isinstance(below, dict) and not is_fact:
            merged[key] = _laid_over(below, value, here)
        else:
            merged[key] = value
    return merged
