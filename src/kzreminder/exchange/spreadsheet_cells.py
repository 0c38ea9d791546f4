"""Texts as cells that no spreadsheet takes for a formula, and back again.

A spreadsheet runs a cell that begins with = + - or @, and reads over blanks before it. With an
apostrophe in front it is a text; that is taken away again when the file is read. A telephone number
stays as it is: a plus with nothing after it but digits and blanks calculates nothing, and is to be
found, dialled and read by other programs.

Where the comma stands in amounts a spreadsheet parts a file at semicolons, in the middle of a text
and whatever is quoted; others part it at tabs. What begins anew there gets an apostrophe too.

Not here: which cells are texts (csv_out), commas and quotes (the csv module).
"""

from __future__ import annotations

import re

SHIELD = "'"
_SIGN = r"[=+\-@＝＋－＠]"
_BEGINS_FORMULA = re.compile(rf"[\t\r\n]|\s*{_SIGN}")
_TELEPHONE = re.compile(r"\+[0-9 ]+")
# Seen without the apostrophes before it, a text and its shielded form are judged alike: so '=1
# becomes ''=1 and comes back, and 's-Gravenhage is never touched.
_PARTED = re.compile(rf"([;\t\r\n])(?=[\s'\"]*{_SIGN})")
_PARTED_SHIELDED = re.compile(rf"([;\t\r\n]){SHIELD}(?=[\s'\"]*{_SIGN})")


def shielded(text: str) -> str:
    """The text as a cell that is a text; `unshielded` gives it back, whatever it was."""
    return _PARTED.sub(rf"\1{SHIELD}", SHIELD + text if _wants_shield(text) else text)


def unshielded(cell: str) -> str:
    """The text that was shielded; a cell that never was is left alone, apostrophe and all."""
    if SHIELD not in cell:
        return cell
    cell = _PARTED_SHIELDED.sub(r"\1", cell)
    bare = cell.removeprefix(SHIELD)
    return bare if _wants_shield(bare) else cell


def _wants_shield(text: str) -> bool:
    core = text.lstrip(SHIELD)
    return _BEGINS_FORMULA.match(core) is not None and _TELEPHONE.fullmatch(core) is None
