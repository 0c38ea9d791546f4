"""Makes the catalogues that gettext reads: for hatchling and the tests, never for the program."""

from __future__ import annotations

import os
from pathlib import Path
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
        compile_catalogues(Path(self.root, "src", "kzreminder", "locale"))
