"""One spelling for every keyboard and alphabet, and how a pattern spells money and days.

Not here: which patterns there are (sms_patterns), what a message says (messages).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count, pairwise

from kzreminder.core.spellings import KEYBOARD, NAMED_DAYS, WRITTEN_DAYS
from kzreminder.core.typed import MOST_TENGE

# Senders mix alphabets: Latin letters in Russian words, Russian letters for Kazakh ones. All that
# look alike become one sign in texts and in patterns, so that neither need say which was meant.
_ALIKE = dict(
    zip(
        "abcehikmoptxy" + "ёқғңөұүәіїһ" + "ıҡҳӊѕј‐‑‒–—―。、“”„«»",
        "авсеникмортху" + "екгноууаиих" + 'икхнsj------.,"""""',
        strict=True,
    )
)
_LATIN_BEYOND_ASCII = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")

_FAR = (timedelta(days=400), timedelta(days=1100))
"A day longer ago or further ahead is no operator's: another calendar, or a slip."
_TRANSLITERATED_DAYS = {"segodnya": 0, "zavtra": 1, "poslezavtra": 2, "bugin": 0, "erten": 1}

_DAY_WORDS = NAMED_DAYS | _TRANSLITERATED_DAYS | {"今日": 0, "明日": 1}


_UNSEEN = frozenset(("Cf", "Co", "Cn"))
"invisible signs, and the private ones, by which texts are marked here"


def fold(text: str) -> str:
    """Small letters, plain signs, single spaces, one sign for letters that look alike."""
    composed = unicodedata.normalize("NFC", text).translate(KEYBOARD)
    # Only a capital tells the end of a sentence from the full stop of a short word.
    composed = _BEFORE_CAPITAL.sub(_ended_line, composed).casefold()
    seen = "".join(sign for sign in composed if unicodedata.category(sign) not in _UNSEEN)
    lines = [" ".join(line.split()) for line in seen.splitlines()]
    return "".join(map(fold_sign, "\n".join(line for line in lines if line)))


_BEFORE_CAPITAL = re.compile(r"\.\s+(?=(\w))")


def _ended_line(found: re.Match[str]) -> str:
    return ".\n" if found[1].isupper() else found[0]


def fold_sign(sign: str) -> str:
    if _LATIN_BEYOND_ASCII.fullmatch(sign):
        sign = unicodedata.normalize("NFD", sign)[0]  # the Latin alphabets of Kazakh: ń, ş, ú
    return _ALIKE.get(sign, sign)


_TOKEN = re.compile(
    r"\{(?P<macro>[a-z]+)(?::(?P<meaning>[a-z]+))?\}|(?P<kept>\\.|\(\?(?:P?<\w+>|<?[=!]|:))"
    r"|(?P<sign>.)",
    re.DOTALL,
)


def folded_pattern(expression: str) -> str:
    """An expression without macros, its letters folded as `fold` folds texts."""
    return "".join(
        token["kept"] or fold_sign(token[0].casefold()) for token in _TOKEN.finditer(expression)
    )


WORD = "[^\\W\u2e80-\u9fff]"
"a letter or digit of a script that puts spaces between its words"
_BEFORE = rf"(?<!{WORD})(?<![*#/.,'-])(?<![0-9][\s:])"
_NUMBER = (
    r"[-+]?(?:[1-9][0-9]{0,2}(?: [0-9]{3})+|[1-9][0-9]{0,2}(?:,[0-9]{3})+(?=\.[0-9]{2})"
    r"|0|[1-9][0-9]{0,9})(?:[.,][0-9]{1,2})?"
)
_AFTER = r"(?![0-9])(?![.,:/'-][0-9])"
_TENGE = folded_pattern(
    # With a Russian or Kazakh ending, but no word that goes on.
    rf"(?:₸|(?:kzt|тенге\w{{0,4}}|tenge|тнг|тг|tg)(?!{WORD})|坚戈|堅戈)"
    r"(?!,?\s?[0-9]{1,2}\s?(?:тиын|tiyn|tiin))"  # with coins named apart it is another amount
)

# "less than 100 tg" tells a limit, "500 tg of bonus" another currency, "1 000 tg a month" a price.
_LIMITED_BEFORE = re.compile(
    folded_pattern(
        r"(?:\b(?:менее|меньше|более|больше|ниже|выше|свыше|превышает|около|примерно|почти|минимум"
        r"|максимум|до|от|из|по|цена|стоимость|скидка|less than|more than|under|below|over|about"
        r"|above|up to|at least|from|за|price|кем дегенде|шамамен|кемінде|menee|menshe"
        r"|bolee|bolshe|nizhe|svyshe|ot|do)|低于|低於|不足|少于|少於|超过|超過|至少|最低|最多|高于"
        r"|高於|满|滿|[<>≤≥~≈])\W*$"
    ).replace(" ", r"\s")
)
_LIMITED_AFTER = re.compile(
    folded_pattern(
        r"-?\s?(?:нен|ден|дан|тан|тен)?\s?(?:(?:аз|төмен|кем|жоғары|көп|артық|дейін|бастап|бонус\w*"
        r"|кэшбэк\w*|скидк\w*|жеңілдік\w*|к оплате|к погашению|болуы|болса"
        r"|должн\w*|и (?:более|менее|выше|ниже)|или (?:более|менее|выше)"
        r"|необходим\w*|нужн\w*|требу\w*|позвол\w*|был\w*|қажет|керек"
        r"|(?:is )?(?:required|needed)"
        r"|or (?:more|less)|bonus\w*|cashback|discount|off|за \S{1,12}\s?(?:гб|gb|мин|смс|sms)"
        r")\b|以下|以上|以内|以內|优惠|優惠|奖励|獎勵|起|/)"
    ).replace(" ", r"\s")
)


class Mark(Enum):
    """What may be marked in a text; each has a range of private signs, a sign for each find."""

    MONEY = 0xE000
    NUMBER = 0xE800
    DAY = 0xF000
    PHONE = 0xF400

    @property
    def signs(self) -> str:
        """A class of a regular expression."""
        return f"[{chr(self.value)}-{chr(self.value + 0x3FF)}]"


MEANINGS = {
    "money": (Mark.MONEY, ("amount", "balance", "missing")),
    "number": (Mark.NUMBER, ("amount", "balance", "missing")),
    "day": (Mark.DAY, ("on",)),
}
_PLAIN_MACROS = {
    "words": f"(?!(?<={WORD}){WORD})" + "(?:[^0-9.!?\n+*\ue000-\uf8ff-]|(?<=\\w)-(?=\\w)){0,40}?",
    "any": r"(?:[^.!?\n]|\.(?=[0-9])){0,40}?",
    "start": r"(?:^|(?<=[.!?,;:)\n\"])\s?|(?<=[.!?,;:]\s))",
    "is": folded_pattern(
        r"(?:\s?[:=]\s?|\s?-\s"
        r"|\s?(?:составляет|равен|сейчас|теперь|есть|осталось|остаётся|имеется|sostavlyaet|ostalos"
        r"|is\snow|is|now|为|為|是|还有|還有|剩余|剩餘)\s?:?\s?|\s)"
    ),
    "phone": Mark.PHONE.signs,
    "unit": folded_pattern(
        rf"(?:гб|мб|кб|gb|mb|kb|мин\w*|min\w*|смс|sms|分钟|分鐘|条|條)(?!{WORD})"
    ),
}


class UnknownMacro(ValueError):
    """Its text is the macro as it was written."""


def expand(pattern: str) -> str:
    """The regular expression that finds in marked texts what the pattern says."""
    number = count()
    made = []
    for token in _TOKEN.finditer(pattern):
        macro = token["macro"]
        if macro is not None:
            made.append(_macro(macro, token["meaning"], token[0], number))
        elif token["kept"]:
            made.append(token["kept"])
        else:
            made.append(r"\s" if token["sign"] == " " else fold_sign(token["sign"].casefold()))
    return "".join(made)


def _macro(macro: str, meaning: str | None, written: str, number: count[int]) -> str:
    if macro in _PLAIN_MACROS and meaning is None:
        return _PLAIN_MACROS[macro]
    mark, meanings = MEANINGS.get(macro, (None, ()))
    wanted = meaning or next(iter(meanings), None)
    if mark is None or wanted not in meanings:
        raise UnknownMacro(written)
    full_stop = r"(?:\.(?!\n))?" if mark is Mark.MONEY else ""  # of the short word for tenge
    return f"(?P<{wanted}{next(number)}>{mark.signs}){full_stop}"


def _day_expression() -> str:
    written = [
        r"(?<![0-9.,])[0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?![0-9]|[.,][0-9])",
        r"(?<![0-9.,-])[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9-])",
        r"(?<![0-9])[0-9]{4}\s?年\s?[0-9]{1,2}\s?月\s?[0-9]{1,2}\s?[日号號]",
    ]
    words = sorted(_DAYS_FROM_TODAY, key=len, reverse=True)
    spelled = [word if ord(word[0]) > 0x2E80 else rf"\b{word}\b" for word in words]
    return "|".join((*written, *spelled))


_DAYS_FROM_TODAY = {fold(word): days for word, days in _DAY_WORDS.items() if days >= 0}
_DAY = re.compile(_day_expression())
_PHONE = re.compile(
    r"(?<![0-9])(?:\+?7|8)[\s(-]{0,2}(7[0-9]{2})[\s)-]{0,2}([0-9]{3})[\s-]?([0-9]{2})[\s-]?([0-9]{2})"
    r"(?![0-9])"
)
_SENDER = re.compile(
    folded_pattern(
        r"\b(?:с|от|на|с номера|от номера|на номер|абонент|от абонента|абоненту|отправитель"
        r"|получатель|from|to|subscriber|ot|na nomer)\W*$"
    )
)
_MONEY = re.compile(
    rf"{_BEFORE}(?:({_NUMBER}){_AFTER}\s?{_TENGE}"
    rf"|{folded_pattern('(?:₸|kzt)')}\s?({_NUMBER}){_AFTER}(?!\s?(?:[0-9%]|{WORD})))"
)
_BARE = re.compile(rf"{_BEFORE}({_NUMBER}){_AFTER}(?=\s?[.!;]?(?:\n(?![0-9])|$)|[.!;]\s[^\W0-9])")
_MENU_LINE = re.compile(r"(?:^|\s)([0-9]{1,2})\s?[-.):>]\s?(?=[^\W0-9])")


Value = Decimal | date | str | None


@dataclass(slots=True)
class Marked:
    """A folded text in which days, money and telephone numbers are one private sign each."""

    text: str
    values: dict[str, Value] = field(default_factory=dict)
    "of each sign; None is a day that no calendar of ours has, or a sender's number"

    def all(self, mark: Mark) -> list[Value]:
        return [self.values[sign] for sign in re.findall(mark.signs, self.text)]

    def put(
        self, mark: Mark, what: re.Pattern[str], value_of: Callable[[re.Match[str]], Value]
    ) -> None:
        """Money without a certain value stays as it is written: no pattern takes it for money."""
        signs = map(chr, count(mark.value))

        def sign(found: re.Match[str]) -> str:
            value = value_of(found)
            if value is None and mark in (Mark.MONEY, Mark.NUMBER):
                return found[0]
            made = next(signs)
            self.values[made] = value
            return made

        self.text = what.sub(sign, self.text)


def marked(folded: str, today: date) -> Marked:
    """Only what is surely tenge is marked as money: no limits, prices, bonuses, lines of a menu."""
    seen = Marked(folded)
    seen.put(Mark.PHONE, _PHONE, _number_of)
    seen.put(Mark.DAY, _DAY, lambda found: _day_of(found[0], today))
    seen.put(Mark.MONEY, _MONEY, _money_of)
    if not _is_menu(folded):
        seen.put(Mark.NUMBER, _BARE, _money_of)
    return seen


def _number_of(found: re.Match[str]) -> str | None:
    """E.164; None where it is the number of whoever sent or asks for something."""
    before = found.string[max(0, found.start() - 30) : found.start()]
    return None if _SENDER.search(before) else "+7" + "".join(found.groups())


def _is_menu(folded: str) -> bool:
    """Numbered lines: their numbers are no money."""
    numbers = [int(found[1]) for found in _MENU_LINE.finditer(folded)]
    return any(two == one + 1 for one, two in pairwise(numbers))


def _day_of(text: str, today: date) -> date | None:
    """None: no such day, or one that is too far away to be meant."""
    if text in _DAYS_FROM_TODAY:
        return today + timedelta(days=_DAYS_FROM_TODAY[text])
    short = re.fullmatch(r"([0-9]{1,2}\.[0-9]{1,2}\.)([0-9]{2})", text)
    text = f"{short[1]}20{short[2]}" if short else re.sub(r"\s", " ", text)
    for spelling in WRITTEN_DAYS:
        if match := re.fullmatch(spelling, text):
            try:
                day = date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                return None
            return day if today - _FAR[0] <= day <= today + _FAR[1] else None
    return None


def _money_of(found: re.Match[str]) -> Decimal | None:
    """The amount of tenge that was found; None where it tells a limit or something else."""
    text = found.string
    if _LIMITED_BEFORE.search(text[max(0, found.start() - 24) : found.start()]):
        return None
    if _LIMITED_AFTER.match(text[found.end() : found.end() + 40]):
        return None
    written = next(one for one in found.groups() if one is not None).replace(" ", "")
    plain = written.replace(",", "") if "." in written else written.replace(",", ".")
    amount = Decimal(plain)
    return amount if -MOST_TENGE <= amount <= MOST_TENGE else None
