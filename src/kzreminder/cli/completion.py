"""completion: the script that lets a shell complete our commands, and the answers to that script.

Not here: what there is to offer (offering). The scripts are beside: completion.bash, .zsh, .fish.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from kzreminder.cli.base import App, command
from kzreminder.errors import N_

SHELLS = ("bash", "zsh", "fish")
BETWEEN = "\x1f"
"What no word has in it."


@command(
    "completion",
    help=N_(
        "Print the script with which your shell completes commands, options and the labels of your"
        " cards when you press Tab. It belongs, for bash, into"
        " ~/.local/share/bash-completion/completions/kzreminder; for zsh, as _kzreminder into a"
        " folder of $fpath; for fish, into ~/.config/fish/completions/kzreminder.fish."
    ),
    epilog=N_("Example: kzreminder completion bash"),
)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(_app: App, shell: str) -> None:
    click.echo(_script(shell), nl=False)


def _script(shell: str) -> str:
    return Path(__file__).with_suffix(f".{shell}").read_text(encoding="utf-8")


class _Answer(ShellComplete):
    """Answers in Click's form. The question is our own, for Click's loses how a word is quoted.

    Whatever goes wrong, there is nothing to offer and nothing is said: somebody is still typing.
    """

    def source(self) -> str:
        return _script(self.name)

    def complete(self) -> str:
        try:
            return super().complete()
        except Exception:  # noqa: BLE001 - as above
            return ""

    def get_completion_args(self) -> tuple[list[str], str]:
        if "COMP_WORDS" in os.environ:  # asked as Click's own scripts do
            self._typed = Typed()
            return super().get_completion_args()
        self._typed = self._asked()
        return self._typed.words[1:], self._typed.value

    def _asked(self) -> Typed:
        """The last word is as it was typed for fish, and without its quotes for zsh."""
        *words, last = os.environ["KZREMINDER_TYPED"].split(BETWEEN)
        typed = Typed(last) if self.name == "fish" else Typed(value=last)
        typed.words[:] = words
        return typed

    def format_completion(self, item: CompletionItem[Any]) -> str:
        words = self.ctx_args["obj"].words
        item.help = " ".join(words.gettext(item.help).split()) if item.help else None
        item.value = self._value(item)
        return super().format_completion(item)

    def _value(self, item: CompletionItem[Any]) -> str:
        return f"{self._typed.option}{item.value}"


@add_completion_class
class _Zsh(_Answer, ZshComplete):
    pass


@add_completion_class
class _Fish(_Answer, FishComplete):
    pass


@add_completion_class
class _Bash(_Answer, BashComplete):
    """bash takes what we say as it is, in place of what was typed since the last quote or sign that
    breaks words: so we quote, and leave out what stays."""

    def _asked(self) -> Typed:
        return Typed(os.environ["COMP_LINE"], os.environ.get("COMP_WORDBREAKS", ""))

    def _value(self, item: CompletionItem[Any]) -> str:
        return quoted(super()._value(item)[self._typed.stays :], self._typed.quote)


@dataclass
class Typed:
    """A line as a shell takes it apart: the words that are finished, and the one at the cursor."""

    line: str = ""
    breaks: str = ""
    "signs that break a word for bash"
    words: list[str] = field(default_factory=list)
    value: str = ""
    "of the last word, without its quotes"
    quote: str = ""
    "the quote that is still open"
    stays: int = 0
    "how much of the value stands before the last break"
    _has_begun: bool = False

    def __post_init__(self) -> None:
        signs = iter(self.line)
        for sign in signs:
            if sign == "\\" and self.quote != "'":
                self._take(self._escaped(next(signs, "")))
            elif sign == self.quote:
                self.quote = ""
            elif self.quote:
                self._take(sign)
            elif sign in "\"'":
                self._take("")
                self.quote, self.stays = sign, len(self.value)
            elif sign in " \t\n":
                self._end()
            else:
                self._take(sign)
                if sign in self.breaks:  # bash keeps an @ with what follows it
                    self.stays = len(self.value) - (sign == "@")

    @property
    def option(self) -> str:
        """`--operator=`, where the last word begins so."""
        option, equals, _ = self.value.partition("=")
        return f"{option}=" if equals and option.startswith("--") else ""

    def _take(self, text: str) -> None:
        self._has_begun = True
        self.value += text

    def _end(self) -> None:
        if self._has_begun:
            self.words.append(self.value)
        self.value, self.stays, self._has_begun = "", 0, False

    def _escaped(self, sign: str) -> str:
        return f"\\{sign}" if self.quote and sign not in '"\\$`' else sign


def quoted(text: str, quote: str) -> str:
    """The text as bash reads it back, inside the quote that is open. None of it is obeyed."""
    if not quote:
        return re.sub(r"([\x00-\x7f])", lambda sign: _plain(sign[0]), text)
    if quote == "'":
        text = text.replace("'", r"'\''")
    else:
        text = re.sub(r'([\\"$`])', r"\\\1", text).replace("!", r'"\!"')
    # bash writes the opening and the closing quote, but where it sees one there already
    return f"{quote * text.startswith(quote)}{text}{quote * text.endswith(quote)}"


def _plain(sign: str) -> str:
    return sign if sign.isalnum() or sign in "_./+-@%,:=" else f"\\{sign}"
