"""Guide files: read from TOML, checked, all faults at once.

Not here: what the words are for (book, guide).
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Set
from pathlib import Path
from typing import Any

from kzreminder.core.deadlines import LOSING
from kzreminder.core.standing import Stage
from kzreminder.errors import N_, ConfigurationInvalid, Fault
from kzreminder.operators.best import Because
from kzreminder.operators.book import (
    NOTHING_DUE,
    TOPICS,
    Book,
    ClerkBook,
    Fourfold,
    MethodText,
    StageText,
    TopicText,
)

STEP = frozenset({"operator", "number", "amount", "app", "site", "topup_page", "menu", "loan_code",
                  "hotline", "balance_code", "package_code"})  # fmt: skip
ASK = frozenset({"operator", "number", "amount"})
FIELDS = (
    (r"methods\.\w+\.facts\..*", STEP | {"value"}),
    (r"phrases\..*", frozenset({"operator", "value", "code", "finding", "closed_on", "open_on"})),
    (r"short(_not_found)?\..*", frozenset({"operator", "masked", "amount", "where"})),
    (r"ask_more\..*", frozenset({"operator", "method", "last_day"})),
    (r"(ask|ru|kk|\w+_not_found|\w+_silent)\..*", ASK),
    (r"(because|said|fact_names)\..*|.*\.title|language", frozenset[str]()),
    (r".*", STEP),
)
"What may stand in braces, by the key of the text: the first that fits."
PHRASES = frozenset({"number_unknown", "amount_unknown", "app_unknown", "site_unknown",
                     "topup_page_unknown", "menu_unknown", "loan_code_unknown", "hotline_unknown",
                     "hotline_known", "balance_code_unknown", "balance_code_known",
                     "package_code_unknown", "package_code_known", "real_operator",
                     "not_confirmed", "doubtful", "method_not_confirmed", "method_doubtful",
                     "not_from_abroad", "abroad_unknown", "balance_not_confirmed",
                     "operator_guessed", "esim", "finding", "closed_weekend",
                     "closed_holiday", "closed_throughout"})  # fmt: skip
ASKED = frozenset({"way", "by", "at_once", "silent", "back", "never", "whose"})
_TOP = {"language", "phrases", "because", "short", "short_not_found", "ask", "ask_more", "identify",
        "cautions", "methods", "stages", "topics", "fact_names", "said"}  # fmt: skip
_METHOD = {"name", "where", "steps", "needs", "cautions", "nearest", "facts"}
CLERK_FILE = "clerk.toml"
FALLBACK = "en"


def read_book(path: Path) -> Book:
    """Refuses with all faults at once."""
    reader = _Reader(path)
    table = reader.table
    reader.only(table, _TOP, "")
    texts = reader.sub(table, "methods")
    methods = {method_id: reader.method(texts, method_id) for method_id in texts}
    if not methods:
        reader.wrong("methods", N_("at least one method is needed"))
    because = reader.phrases(table, "because", {reason.value for reason in Because})
    stages, topics = reader.sub(table, "stages"), reader.sub(table, "topics")
    reader.only(stages, {stage.value for stage in Stage}, "stages")
    reader.only(topics, set(TOPICS), "topics")
    book = Book(
        language=reader.text(table, "language", "language"),
        phrases=reader.phrases(table, "phrases", PHRASES),
        because={Because(key): sentence for key, sentence in because.items()},
        short=reader.fourfold(table, "short"),
        short_not_found=reader.fourfold(table, "short_not_found"),
        ask=reader.fourfold(table, "ask"),
        ask_more=reader.phrases(table, "ask_more", ASKED),
        identify=reader.texts(table, "identify", ""),
        cautions=reader.texts(table, "cautions", ""),
        methods=methods,
        stages={stage: reader.stage(stages, stage.value) for stage in Stage},
        topics={topic: reader.topic(topics, topic) for topic in TOPICS},
        fact_names=reader.pairs(table, "fact_names"),
        said=reader.pairs(table, "said"),
    )
    reader.finish()
    return book


def read_clerk(path: Path) -> ClerkBook:
    """Refuses with all faults at once."""
    reader = _Reader(path)
    names = list(ClerkBook.__dataclass_fields__)
    reader.only(reader.table, set(names), "")
    clerk = ClerkBook(**{name: reader.fourfold(reader.table, name) for name in names})
    reader.finish()
    return clerk


def book_path(folder: Path, language: str) -> Path:
    """The file of that language, else of its base language, else the English one."""
    for wanted in (language, language.partition("-")[0]):
        # Compared with what is there, so that no language can name a path elsewhere.
        for path in sorted(folder.glob("*.toml")):
            if path.stem.casefold() == wanted.casefold() and path.name != CLERK_FILE:
                return path
    return folder / f"{FALLBACK}.toml"


class _Reader:
    """One guide file; every check that fails adds a fault and reading goes on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: list[Fault] = []
        self.lines: list[str] = []
        self.table: dict[str, Any] = {}
        try:
            text = path.read_bytes().decode("utf-8-sig")
            self.lines = text.splitlines()
            self.table = tomllib.loads(text)
        except OSError as error:
            self.wrong("", N_("cannot be read: {reason}"), reason=error.strerror)
            self.finish()
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.wrong("", N_("is not TOML: {reason}"), reason=str(error))
            self.finish()

    def method(self, methods: dict[str, Any], name: str) -> MethodText:
        path = f"methods.{name}"
        table = self.sub(methods, name, "methods")
        self.only(table, _METHOD, path)
        return MethodText(
            name=self.text(table, "name", f"{path}.name"),
            where=self.text(table, "where", f"{path}.where"),
            steps=self.texts(table, "steps", path),
            needs=self.texts(table, "needs", path, at_least=0),
            cautions=self.texts(table, "cautions", path, at_least=0),
            nearest=self.text(table, "nearest", f"{path}.nearest") if "nearest" in table else None,
            facts=self.pairs(table, "facts", path),
        )

    def stage(self, stages: dict[str, Any], name: str) -> StageText:
        path = f"stages.{name}"
        table = self.sub(stages, name, "stages")
        self.only(table, {"title", "steps", "for"}, path)
        special = self.sub(table, "for", path)
        self.only(special, {*(kind.value for kind in LOSING), NOTHING_DUE}, f"{path}.for")
        return StageText(
            title=self.text(table, "title", f"{path}.title"),
            steps=self.texts(table, "steps", path),
            special={
                kind: self.texts(
                    self.sub(special, kind, f"{path}.for"), "steps", f"{path}.for.{kind}"
                )
                for kind in special
            },
        )

    def topic(self, topics: dict[str, Any], name: str) -> TopicText:
        path = f"topics.{name}"
        table = self.sub(topics, name, "topics")
        self.only(table, {"title", "lines"}, path)
        return TopicText(
            self.text(table, "title", f"{path}.title"), self.texts(table, "lines", path)
        )

    def phrases(self, table: dict[str, Any], key: str, known: Set[str]) -> dict[str, str]:
        """Just these keys, each with its sentence."""
        phrases = self.sub(table, key)
        self.only(phrases, known, key)
        return {name: self.text(phrases, name, f"{key}.{name}") for name in sorted(known)}

    def pairs(self, table: dict[str, Any], key: str, parent: str = "") -> dict[str, str]:
        """Any keys, each with its sentence."""
        path = f"{parent}.{key}" if parent else key
        pairs = self.sub(table, key, parent)
        return {name: self.text(pairs, name, f"{path}.{name}") for name in pairs}

    def fourfold(self, table: dict[str, Any], key: str) -> Fourfold:
        forms = self.sub(table, key)
        known = list(Fourfold.__dataclass_fields__)
        self.only(forms, set(known), key)
        return Fourfold(*(self.text(forms, form, f"{key}.{form}") for form in known))

    def texts(
        self, table: dict[str, Any], key: str, parent: str, at_least: int = 1
    ) -> tuple[str, ...]:
        path = f"{parent}.{key}" if parent else key
        value = table.get(key, [])
        if not isinstance(value, list) or len(value) < at_least:
            self.wrong(path, N_("a list of texts is needed here"))
            return ()
        return tuple(self.template(text, path) for text in value)

    def text(self, table: dict[str, Any], key: str, path: str) -> str:
        return self.template(table.get(key), path)

    def template(self, text: object, path: str) -> str:
        if not isinstance(text, str) or not text.strip():
            self.wrong(path, N_("a text of one line is needed here"))
            return ""
        try:
            fields = [
                field for _, field, _, _ in string.Formatter().parse(text) if field is not None
            ]
        except ValueError:
            fields = ["{"]
        known = next(known for place, known in FIELDS if re.fullmatch(place, path, re.DOTALL))
        for field in fields:
            if field not in known:
                self.wrong(path, N_("{field} is not a field that can be filled"), field=field)
        return text

    def sub(self, table: dict[str, Any], key: str, parent: str = "") -> dict[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(f"{parent}.{key}" if parent else key, N_("a table is needed here"))
        return {}

    def only(self, table: dict[str, Any], known: Set[str], path: str) -> None:
        for key in table:
            if key not in known:
                self.wrong(f"{path}.{key}" if path else key, N_("{key} is not known here"), key=key)

    def wrong(self, key: str, sentence: str, /, **values: object) -> None:
        # The last part that is found by eye; the heading of its table where the key is missing.
        line = None
        for part in reversed(key.split(".") if key else []):
            entry = re.compile(rf"\s*{re.escape(part)}\s*=|\s*\[(.*\.)?{re.escape(part)}\]")
            line = next((n for n, text in enumerate(self.lines, 1) if entry.match(text)), None)
            if line:
                break
        self.faults.append(Fault(str(self.path), line, key, sentence, tuple(values.items())))

    def finish(self) -> None:
        if self.faults:
            raise ConfigurationInvalid(tuple(self.faults))
