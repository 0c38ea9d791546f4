"""A real spreadsheet: what it saves is imported, and what it made of an export is no news."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.running import Home

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice here"),
    pytest.mark.timeout(300),
]

HERE = Path(__file__).parents[1] / "exchange"
RUSSIAN, ENGLISH = 1049, 1033


def saved(file: Path, folder: Path, language: int) -> Path:
    """The file as LibreOffice saves it as CSV: UTF-8, in that language, cells as they are shown."""
    delimiter = ord(";" if language == RUSSIAN else ",")
    written = f"csv:Text - txt - csv (StarCalc):{delimiter},34,76,1,,{language},false,true,false"
    read = f"Text - txt - csv (StarCalc):44,34,76,1,,{language},false,true"
    subprocess.run(
        [
            *("soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"),
            *([f"--infilter={read}"] if file.suffix == ".csv" else []),
            *("--convert-to", written, "--outdir", str(folder / str(language)), str(file)),
        ],
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=True,
    )
    return folder / str(language) / f"{file.stem}.csv"


def test_a_spreadsheet_saved_in_russian_is_imported(home: Home) -> None:
    file = saved(HERE / "libreoffice.fods", home.folder, RUSSIAN)
    assert file.read_bytes() == (HERE / "libreoffice_ru.csv").read_bytes()
    assert home.kz("import", str(file), "--json").json == {"added": 3, "dry_run": False}


@pytest.mark.parametrize("language", [RUSSIAN, ENGLISH])
def test_an_export_opened_and_saved_again_changes_no_card(home: Home, language: int) -> None:
    home.kz("import", str(HERE / "libreoffice_ru.csv"))
    home.kz("add", "87079876543", "--label", "=1+1", "--note", "'x", "--period", "1mo")
    exported = home.folder / "cards.csv"
    home.kz("export", "--output", str(exported))
    result = home.kz("import", str(saved(exported, home.folder, language)), "--update", "--json")
    assert result.json == {"added": 0, "changed": 0, "unchanged": 4, "dry_run": False}
