"""A real browser without a screen, which says what it complains of and what it asks for.

Not here: what a page should show (pages).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--force-device-scale-factor=1", "--enable-logging=stderr",
)  # fmt: skip
NOBODY = "not an origin"
DARK = "--blink-settings=preferredColorScheme=0"


@dataclass(frozen=True, slots=True)
class Seen:
    picture: Path
    complaints: list[str]
    "what the page's console was told"
    requests: list[str]
    "every address that the page made it ask the network for"


def look_at(page: Path, width: int, height: int, *, dark: bool = False) -> Seen:
    """The page as it is drawn in a window of that size; skips where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("chromium is not installed")
    picture = page.with_suffix(f".{width}.png")
    with TemporaryDirectory(prefix="kz-browser-", ignore_cleanup_errors=True) as profile:
        net_log = Path(profile, "net.json")
        done = subprocess.run(
            [
                chromium,
                *QUIET,
                *([DARK] if dark else []),
                f"--user-data-dir={profile}",
                f"--log-net-log={net_log}",
                f"--window-size={width},{height}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        assert picture.exists(), done.stderr
        log = json.loads(net_log.read_text(encoding="utf-8"))
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    events = [event.get("params", {}) for event in log["events"]]
    # What a browser asks for of its own accord, such as the time, has no origin.
    asked = [
        event["url"]
        for event in events
        if "url" in event and event.get("initiator", NOBODY) != NOBODY
    ]
    return Seen(picture, complaints, asked)


def scanned(picture: Path) -> list[str]:
    """What a phone would read from the picture, each QR code's content."""
    if shutil.which("zbarimg") is None:
        pytest.skip("zbarimg is not installed")
    done = subprocess.run(
        ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return sorted(done.stdout.split())
