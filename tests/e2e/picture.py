"""Makes docs/notification.png: what the demo shows, on the server of Xfce without a screen.

python -m tests.e2e.picture [FILE]

Not here: a check of the picture; look at it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from kzreminder.channels.desktop_dbus import DesktopDbus
from kzreminder.channels.message import Server
from tests.channels.bus import Bus, end, environment, first_line
from tests.e2e.playing import NOON, User, wait_until

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "notification.png"
SCREEN = "1600x2000x24"
BACKGROUND = "#dfe6ee"
MARGIN = 56
FADING_SECONDS = 2.0
LIMIT_BYTES = 120_000


def show(env: dict[str, str], folder: Path, *words: str) -> None:
    user = User(folder, env)
    user.clock.set(NOON.replace(hour=18))
    user.does(*words)


def server_program() -> str:
    found = sorted(Path("/usr/lib").glob("**/xfce4/notifyd/xfce4-notifyd"))
    if not found:
        sys.exit("xfce4-notifyd is not installed")
    return str(found[0])


def take(picture: Path) -> None:
    with ExitStack() as running:
        folder = Path(running.enter_context(TemporaryDirectory(prefix="kz-picture-")))
        bus = running.enter_context(Bus())
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.callback(end, screen)
        env = environment(bus, DISPLAY=f":{first_line(screen, 'Xvfb')}", LC_ALL="C.UTF-8")
        # Twice as large as in the picture, so that round corners and small letters come out smooth.
        server = subprocess.Popen(
            [server_program()],
            env=env | {"GDK_SCALE": "2"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.callback(end, server)
        channel = DesktopDbus(address=bus.address)
        running.callback(channel.close)
        wait_until(lambda: isinstance(channel.describe(), Server), "the server is there")
        show(env, folder / "user", "demo")
        time.sleep(FADING_SECONDS)
        shot = folder / "shot.png"
        subprocess.run(["import", "-window", "root", str(shot)], env=env, timeout=30, check=True)
        subprocess.run(
            ["convert", str(shot), *_on_plain_ground(), str(picture)], timeout=30, check=True
        )


def _on_plain_ground() -> tuple[str, ...]:
    """The bare screen is black, and so is nothing in a notification of that size."""
    return (
        *("-bordercolor", "black", "-border", "1"),
        *("-fill", BACKGROUND, "-draw", "color 0,0 floodfill"),
        *("-trim", "+repage"),
        *("-bordercolor", BACKGROUND, "-border", str(MARGIN)),
        *("-resize", "60%", "+dither", "-colors", "128"),
        *("-strip", "-define", "png:compression-level=9"),
    )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    take(target)
    size = target.stat().st_size
    print(f"{target}: {size} bytes")
    sys.exit(0 if size < LIMIT_BYTES else f"over {LIMIT_BYTES} bytes")
