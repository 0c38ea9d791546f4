"""Makes docs/notification.png: what the demo shows, on a real server without a screen.

python -m tests.e2e.picture [FILE]

Not here: a check of the picture; look at it.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.channels.bus import Bus, end, environment, first_line
from tests.e2e.playing import NOON, User, wait_until

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "notification.png"
SCREEN = "1600x2000x24"
BACKGROUND = "#dfe6ee"
MARGIN = 56
TOASTS = 3
LIMIT_BYTES = 200_000
# Twice as large as in the picture, so that round corners and small letters come out smooth. The
# colour of the frame is the urgency.
_DUNST = f"""[global]
font = DejaVu Sans, WenQuanYi Zen Hei 28
markup = full
format = "<b>%s</b>\\n%b"
width = 1380
height = 800
origin = top-left
offset = {MARGIN}x{MARGIN}
padding = 30
horizontal_padding = 44
line_height = 10
frame_width = 5
corner_radius = 26
gap_size = 28
separator_height = 0
word_wrap = true
notification_limit = 5
stack_duplicates = false
sort = false
[urgency_low]
background = "#ffffff"
foreground = "#1f2933"
frame_color = "#9fb3c8"
[urgency_normal]
background = "#ffffff"
foreground = "#1f2933"
frame_color = "#4f86c6"
[urgency_critical]
background = "#fff5f5"
foreground = "#1f2933"
frame_color = "#d64545"
"""


def show(env: dict[str, str], folder: Path, *words: str) -> None:
    user = User(folder, env)
    user.clock.set(NOON.replace(hour=18))
    user.does(*words)


def count_shown(env: dict[str, str]) -> int:
    done = subprocess.run(
        ["dunstctl", "count", "displayed"],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    return int(done.stdout) if done.returncode == 0 else -1


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
        config = folder / "dunstrc"
        config.write_text(_DUNST, encoding="utf-8")
        server = subprocess.Popen(
            ["dunst", "-conf", str(config)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        running.callback(end, server)
        wait_until(lambda: count_shown(env) == 0, "dunst is there")
        show(env, folder / "user", "demo")
        wait_until(lambda: count_shown(env) == TOASTS, "the toasts are shown")
        shot = folder / "shot.png"
        subprocess.run(["import", "-window", "root", str(shot)], env=env, timeout=30, check=True)
        subprocess.run(
            ["convert", str(shot), *_on_plain_ground(), str(picture)], timeout=30, check=True
        )


def _on_plain_ground() -> tuple[str, ...]:
    """The bare screen is black, and so is the edge of a round corner; the frames are lighter."""
    return (
        *("-bordercolor", "black", "-border", "1"),
        *("-fuzz", "42%", "-fill", BACKGROUND, "-draw", "color 0,0 floodfill"),
        *("-trim", "+repage"),
        *("-bordercolor", BACKGROUND, "-border", str(MARGIN)),
        *("-resize", "50%", "+dither", "-colors", "128"),
        *("-strip", "-define", "png:compression-level=9"),
    )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    take(target)
    size = target.stat().st_size
    print(f"{target}: {size} bytes")
    sys.exit(0 if size < LIMIT_BYTES else f"over {LIMIT_BYTES} bytes")
