"""Makes the catalogues that gettext reads, and the manual page: for hatchling and the tests, never
for the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCALE = Path(__file__).parent


def compile_catalogues(locale: Path = LOCALE) -> list[Path]:
    """Write kzreminder.mo beside each kzreminder.po; several processes may do so at once."""
    written = []
    for source in sorted(locale.glob("*/LC_MESSAGES/kzreminder.po")):
        with source.open("rb") as lines:
            catalogue = read_po(lines, abort_invalid=True)
        target = source.with_suffix(".mo")
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as binary:
            write_mo(binary, catalogue)
        draft.replace(target)  # never half a file for a process that reads it now
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sources = Path(self.root, "src")
        compile_catalogues(sources / "kzreminder" / "locale")
        self._drafts = TemporaryDirectory()  # kept until the wheel has what is in it
        page = Path(self._drafts.name, "kzreminder.1")
        page.write_text(_manual_page(sources), encoding="utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/kzreminder.1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        self._drafts.cleanup()


def _manual_page(sources: Path) -> str:
    sys.path.insert(0, str(sources))  # of what is built, not of what may be installed
    try:
        from kzreminder.cli.manual import manual_page

        return manual_page()
    finally:
        sys.path.remove(str(sources))
