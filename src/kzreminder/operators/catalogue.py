"""All operators: the shipped files with the user's own laid over them; found by id, name, number.

Not here: what one file must hold (operator_file, layers), what to tell the user to do (guide).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kzreminder.errors import N_, ConfigurationInvalid, Fault, OperatorNotFound
from kzreminder.operators.facts import Country, Operator
from kzreminder.operators.layers import Layers, Page, read_page
from kzreminder.operators.operator_file import build, build_country

COUNTRY = "kazakhstan"
"The id of the file that lies under every operator's."
SHIPPED_ORDER = (
    "kcell",
    "activ",
    "beeline",
    "izi",
    "tele2",
    "altel",
    "lycamobile",
    "astelit",
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    operators: tuple[Operator, ...]
    country: Country
    fingerprint: str
    "changes when any file changes: cards are planned again then"

    def get(self, operator_id: str | None) -> Operator | None:
        """None: a card's operator is not told, or is not in the book any more."""
        return next((one for one in self.operators if one.id == operator_id), None)

    def by_id(self, operator_id: str) -> Operator:
        operator = self.get(operator_id)
        if operator is None:
            raise OperatorNotFound(operator_id, self.ids)
        return operator

    def name_of(self, operator_id: str, language: str) -> str:
        """One that is not in the book any more stands for itself."""
        operator = self.get(operator_id)
        return operator_id if operator is None else operator.name(language)

    def find(self, text: str) -> Operator:
        """By id, name in any language or alias, as people type it."""
        wanted = _plain(text)
        if (named := self.get(wanted)) is not None:
            return named
        for operator in self.operators:
            if wanted in _called(operator):
                return operator
        raise OperatorNotFound(text, self.ids)

    def guess(self, e164: str) -> Operator | None:
        """Whose range the number is in; a hint only, because numbers are portable."""
        if not e164.startswith("+7"):
            return None
        for operator in self.operators:
            if e164[2:5] in _sourced_prefixes(operator):
                return operator
        return None

    def guess_by_prefix(self, prefix: str) -> str | None:
        """The operator's id, of a number that begins so: the plus, the seven and three digits."""
        guessed = self.guess(prefix)
        return guessed.id if guessed else None

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(operator.id for operator in self.operators)


def load(shipped: Path, own: Path | None) -> Catalogue:
    """Every *.toml of both folders; refuses with all faults of all files at once."""
    files = [(path, False) for path in _toml_files(shipped)]
    if not files:
        raise ConfigurationInvalid((Fault(str(shipped), None, "", N_("no operator files here")),))
    if own is not None:
        files += [(path, True) for path in _toml_files(own)]
    catalogue, faults = _read(files)
    if faults:
        raise ConfigurationInvalid(faults)
    return catalogue


def faults_in(paths: Iterable[Path], shipped: Path) -> tuple[Fault, ...]:
    """What would be wrong if these files were the user's own; nothing raised."""
    wanted = list(paths)
    files = [(path, False) for path in _toml_files(shipped)]
    alike = {path.resolve() for path in wanted}
    # A shipped file given by name is checked in its own place, not laid over itself.
    files = [(path, own) for path, own in files if path.resolve() not in alike]
    _, faults = _read(files + [(path, True) for path in wanted])
    return faults


def _read(files: Iterable[tuple[Path, bool]]) -> tuple[Catalogue, tuple[Fault, ...]]:
    faults: list[Fault] = []
    digest = hashlib.sha256()
    by_id: dict[str, list[Page]] = {}
    for path, own in files:
        page = read_page(path, own, faults)
        if page is None:
            continue
        digest.update(page.text.encode() + b"\0")
        pages = by_id.setdefault(page.operator_id, [])
        twin = next((other for other in pages if other.own == own), None)
        if twin is not None:
            faults.append(
                page.fault(
                    "id",
                    N_("{id} is described in {other} too"),
                    id=page.operator_id,
                    other=str(twin.path),
                )
            )
            continue
        pages.append(page)
    under = by_id.pop(COUNTRY, [])
    country = build_country(Layers(tuple(under)), faults) if under else Country(())
    built = [build(Layers((*_for_all(under, pages), *pages)), faults) for pages in by_id.values()]
    operators = sorted((operator for operator in built if operator is not None), key=_place)
    faults += _claimed_twice(operators, by_id)
    # A fault in what lies under all of them would be told for each of them.
    found = tuple(dict.fromkeys(faults))
    return Catalogue(tuple(operators), country, digest.hexdigest()), found


def _for_all(under: Iterable[Page], pages: Iterable[Page]) -> list[Page]:
    """What an operator has of the file that lies under all; the country's facts stay there.

    What was looked for in vain was looked for of the shipped operators only.
    """
    is_shipped = any(not page.own for page in pages)
    kept = ("methods", "not_found") if is_shipped else ("methods",)
    return [
        replace(page, table={key: page.table[key] for key in kept if key in page.table})
        for page in under
    ]


def _toml_files(folder: Path) -> list[Path]:
    """In the order of their names; a folder that is not there has none."""
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []


def _place(operator: Operator) -> tuple[int, str]:
    shipped = operator.id in SHIPPED_ORDER
    return (SHIPPED_ORDER.index(operator.id) if shipped else len(SHIPPED_ORDER), operator.id)


def _claimed_twice(
    operators: Iterable[Operator], by_id: Mapping[str, list[Page]]
) -> Iterable[Fault]:
    """A name or a prefix that leads to two operators leads to neither."""
    owner_of: dict[str, str] = {}
    for operator in operators:
        page = by_id[operator.id][-1]
        for name in sorted(_called(operator) | {operator.id}):
            other = owner_of.setdefault(name, operator.id)
            if other != operator.id:
                yield page.fault("aliases", N_("{name} names {other} too"), name=name, other=other)
        for prefix in _sourced_prefixes(operator):
            other = owner_of.setdefault(f"+7{prefix}", operator.id)
            if other != operator.id:
                yield page.fault(
                    "prefixes.numbers",
                    N_("the prefix {prefix} belongs to {other} too"),
                    prefix=prefix,
                    other=other,
                )


def _called(operator: Operator) -> set[str]:
    return {_plain(name) for name in operator.called}


def _sourced_prefixes(operator: Operator) -> tuple[str, ...]:
    """Prefixes that a source gives to this operator: the others are no ground for a guess."""
    fact = operator.prefix_fact
    return operator.prefixes if fact is not None and fact.is_sourced else ()


def _plain(text: str) -> str:
    """As people type it: case, spaces around and the form of an apostrophe do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.split())
