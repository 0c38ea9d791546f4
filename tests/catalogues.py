#!/usr/bin/env python
"""The habit of the catalogues: every sentence of the sources has its translation. No texts here.

python tests/catalogues.py update    take new sentences into each kzreminder.po
python tests/catalogues.py check     say what is missing, exit 1 if anything is
python tests/catalogues.py compile   write the .mo files
"""

from __future__ import annotations

import importlib.util
import string
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "kzreminder"
LOCALE = SOURCES / "locale"

# Header lines that change with the day or the tool, and would make every file stale.
RESTLESS = (
    b'"Report-Msgid-Bugs-To:',
    b'"POT-Creation-Date:',
    b'"PO-Revision-Date:',
    b'"Last-Translator:',
    b'"Language-Team:',
    b'"Generated-By:',
)

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "N_": None,
    "N2_": (1, 2),
    "gettext": None,
    "ngettext": (1, 2),
    "Nn_": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def compile_all() -> list[Path]:
    """What the build hook does, with the same code; the hook's file is no module of the program."""
    spec = importlib.util.spec_from_file_location("catalogue_hook", LOCALE / "build.py")
    assert spec
    assert spec.loader
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    written: list[Path] = hook.compile_catalogues()
    return written


def extract() -> Catalog:
    template = Catalog(project="kzreminder", charset="utf-8", fuzzy=False)
    found = extract_from_dir(
        SOURCES,
        [("**.py", "python"), ("**.html", "jinja2")],
        options_map={"**.html": {"silent": "false"}},
        keywords=KEYWORDS,
        comment_tags=("translators:",),
    )
    for name, _line, sentence, comments, context in sorted(found, key=lambda each: each[:2]):
        # Without line numbers, else every edit of a source would make the catalogues stale.
        template.add(sentence, locations=[(name, 0)], auto_comments=set(comments), context=context)
    return template


def merged(source: Path, template: Catalog) -> bytes:
    """The .po file as it should be; a new sentence gets no guess that would pass for done."""
    language = source.parents[1].name.replace("-", "_")
    with source.open("rb") as lines:
        catalogue = read_po(lines, locale=language, abort_invalid=True)
    catalogue.update(
        template, no_fuzzy_matching=True, keep_user_comments=True, update_creation_date=False
    )
    text = BytesIO()
    write_po(
        text, catalogue, width=100, ignore_obsolete=True, sort_output=True, include_lineno=False
    )
    written = text.getvalue().splitlines(keepends=True)
    return b"".join(line for line in written if not line.startswith(RESTLESS))


def update() -> None:
    template = extract()
    for source in catalogues():
        source.write_bytes(merged(source, template))


def check() -> list[str]:
    """One line for each fault."""
    faults = []
    template = extract()
    for source in catalogues():
        name = source.relative_to(ROOT)
        text = merged(source, template)
        if text != source.read_bytes():
            faults.append(f"{name}: not up to date, run: python tests/catalogues.py update")
        for message in read_po(BytesIO(text)):
            if message.id:
                faults += [f"{name}: {fault}" for fault in faults_of(message)]
    return faults


def faults_of(message: Message) -> list[str]:
    originals, translations = forms(message.id), forms(message.string)
    title = repr(originals[0])
    if not all(translations):
        return [f"{title} is not translated"]
    faults = [f"{title} is marked fuzzy"] if message.fuzzy else []
    try:
        wanted = [fields(text) for text in originals]
        given = [fields(text) for text in translations]
    except ValueError as error:
        return [*faults, f"{title} has a broken placeholder: {error}"]
    # A singular may leave out its number ("one day"), so a plural form has some freedom.
    least, most = set.intersection(*wanted), set.union(*wanted)
    for translation, names in zip(translations, given, strict=True):
        if not least <= names <= most:
            faults.append(f"{title} and {translation!r} differ in {sorted(names ^ most)}")
    return faults


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def fields(text: str) -> set[str]:
    """The {names} of a sentence, each with its conversion and its format."""
    return {
        "!".join(part or "" for part in parts)
        for _literal, *parts in string.Formatter().parse(text)
        if parts[0] is not None
    }


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/kzreminder.po"))


def main(words: list[str]) -> int:
    match words:
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case ["check"]:
            faults = check()
            print("\n".join(faults) or "The catalogues are complete.")
            return 1 if faults else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
