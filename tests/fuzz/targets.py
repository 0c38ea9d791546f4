"""What takes files and texts from outside, each as one function: taken, or refused as we refuse.

Not here: spoiling them (fuzzing). Whatever is no error of ours passes through, and is a find.
"""

from __future__ import annotations

import html
import io
import re
import tomllib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from typing import TypeVar

from kzreminder.channels.message import Message
from kzreminder.core.card import Card
from kzreminder.core.correcting import Told, register
from kzreminder.core.languages import LANGUAGES
from kzreminder.core.planning import due
from kzreminder.core.policy import Policy
from kzreminder.core.typed import (
    read_day,
    read_keep_alive,
    read_label,
    read_language,
    read_money,
    read_note,
    read_period,
    read_protects,
)
from kzreminder.core.typed_leads import read_leads
from kzreminder.core.zone import almaty
from kzreminder.errors import BadValue, ConfigurationInvalid, ImportRefused, KzreminderError
from kzreminder.exchange.batch import MOST_FAULTS, Batch
from kzreminder.exchange.csv_cards import read_cards
from kzreminder.operators.best import Wishes
from kzreminder.operators.case import case_of
from kzreminder.operators.catalogue import Catalogue, load
from kzreminder.operators.guide import guide_for
from kzreminder.operators.numbers import parse_number
from kzreminder.operators.sms import read_sms
from kzreminder.operators.sms_patterns import load as load_patterns
from kzreminder.pages.guide_page import guide_page
from kzreminder.settings import reading
from kzreminder.settings.reading import Defaults, Given
from kzreminder.wording.guides import heading_of
from kzreminder.wording.language import Words
from kzreminder.wording.reminders import Scribe
from kzreminder.wording.titles import TITLE_LENGTH
from tests.exchange.registrar import Registrar, whole
from tests.operators.shipped import BOOKS, CATALOGUE, CLERK, CONFIG, OPERATORS, a_card

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
POLICY = Policy(zone=almaty())
NAMES = {one.id: {one.id, *one.called} for one in CATALOGUE.operators}
PATTERNS = load_patterns(CONFIG / "sms.toml", Path("/nowhere.toml"), NAMES)
CORPUS = [
    message["text"]
    for message in tomllib.loads(
        (Path(__file__).parents[1] / "operators" / "sms.toml").read_text(encoding="utf-8")
    )["messages"]
]
WORDS = Words("ru")
T = TypeVar("T")
MOST_TOLD = 8


@dataclass(frozen=True)
class Target:
    samples: tuple[bytes, ...]
    tokens: tuple[bytes, ...]
    take: Callable[[bytes, Path], bool]
    "with a folder that it may write to; False: it was refused"


def configuration(raw: bytes, folder: Path) -> bool:
    file = _written(raw, folder / "config.toml")
    file.chmod(0o600)  # an address may stand in it
    defaults = Defaults(file, "sqlite://", almaty)
    with _refusals(raw, ConfigurationInvalid, BadValue):
        loaded = reading.load(Given(), {}, defaults)
        due(_a_full_card({}), loaded.policy, (), NOW)
        return True
    return False


def operator_file(raw: bytes, folder: Path) -> bool:
    """As the user's own, laid over the shipped; what is taken can be told and drawn."""
    _written(raw, folder / "operators" / "own.toml")
    with _refusals(raw, ConfigurationInvalid):
        catalogue = load(OPERATORS, folder / "operators")
        for operator in catalogue.operators:
            if CATALOGUE.get(operator.id) != operator:
                _draw(_a_full_card({"operator": operator.id}), catalogue, raw)
        return True
    return False


def own_patterns(raw: bytes, folder: Path) -> bool:
    file = _written(raw, folder / "sms.toml")
    with _refusals(raw, ConfigurationInvalid):
        patterns = load_patterns(CONFIG / "sms.toml", file, NAMES)
        for text in _of(raw, CORPUS), _of(raw, CORPUS)[::-1] * 3:
            read_sms(text, patterns, TODAY)
        return True
    return False


def message_text(raw: bytes, folder: Path) -> bool:
    reading = read_sms(raw.decode("utf-8", "surrogateescape"), PATTERNS, TODAY)
    for amount in (reading.amount, reading.missing, reading.balance):
        assert amount is None or amount.is_finite()
    return True


def import_file(raw: bytes, folder: Path) -> bool:
    batch = Batch("cards.csv")
    found = whole(read_cards(io.BytesIO(raw), batch, IMPORT_READERS, Registrar()))
    assert len(batch.faults) == min(batch.count, MOST_FAULTS)
    lines = raw.count(b"\n") + raw.count(b"\r") + 1
    assert all(fault.line and 1 <= fault.line <= lines for fault in batch.faults)
    with _refusals(raw, ImportRefused):
        if batch.faults:
            raise ImportRefused("cards.csv", tuple(batch.faults), batch.count, known=False)
    for card in found[:MOST_TOLD]:
        _tell(card, raw)
    return not batch.faults


def card_texts(raw: bytes, folder: Path) -> bool:
    """What stands between line breaks is told of a card, as `add` would be."""
    texts = raw.decode("utf-8", "surrogateescape").split("\n")
    told: dict[str, object] = {}
    with _refusals(raw, KzreminderError):
        for name, text in zip(("label", "note", "plan", "protects"), texts, strict=False):
            told[name] = READERS[name](text)
        card = _a_full_card(told)
        _tell(card, raw)
        _draw(card, CATALOGUE, raw)
        return True
    return False


def _tell(card: Card, raw: bytes) -> None:
    scribe = Scribe(CATALOGUE, BOOKS.__getitem__, POLICY, _of(raw, LANGUAGES))
    for days in (0, 8, 31, 95):
        now = NOW + timedelta(days=days)
        if reminders := due(card, POLICY, (), now):
            text = scribe.message(reminders, now)
            assert len(text.title) <= TITLE_LENGTH
            sent = Message(text.title, text.body).cleaned()
            assert "\n" not in sent.title
            assert _tags(html.escape(sent.body, quote=False)) == set()


def _draw(card: Card, catalogue: Catalogue, raw: bytes) -> None:
    words = Words(_of(raw, LANGUAGES))
    operator = catalogue.by_id(card.operator or "kcell")
    case = case_of(card, POLICY, Wishes(), NOW)
    guide = guide_for(operator, catalogue.country, case, BOOKS[words.language], CLERK)
    page = guide_page(guide, heading_of(card, words, NOW), words, TODAY)
    assert _tags(page) <= _own_tags()


@cache
def _own_tags() -> set[str]:
    """Of pages of the shipped data: nothing that is typed or read adds one to them."""
    found: set[str] = set()
    for operator in CATALOGUE.operators:
        for card in (_a_full_card({}), a_card()):
            case = case_of(card, POLICY, Wishes(), NOW)
            guide = guide_for(operator, CATALOGUE.country, case, BOOKS["ru"], CLERK)
            found |= _tags(guide_page(guide, heading_of(card, WORDS, NOW), WORDS, TODAY))
    return found


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _ in attrs)}


def _tags(text: str) -> set[str]:
    parser = _Tags()
    parser.feed(text)
    parser.close()
    return parser.found


class _refusals:  # noqa: N801 - read as a word of the with statement
    """Ours are wanted, and can be told in every language; others pass through."""

    def __init__(self, raw: bytes, *kinds: type[KzreminderError]) -> None:
        self.raw = raw
        self.kinds = kinds

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if not isinstance(error, self.kinds):
            return False
        assert error.exit_code in (2, 3, 5, 9)
        assert all(Words(_of(self.raw, LANGUAGES)).error(error))
        return True


def _of(raw: bytes, choices: Sequence[T]) -> T:
    """Always the same for the same bytes."""
    return choices[zlib.crc32(raw) % len(choices)]


def _written(raw: bytes, file: Path) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(raw)
    return file


def _a_full_card(told: Told) -> Card:
    """About every deadline there is."""
    known = {
        "label": "Mum",
        "number": "+77011234567",
        "operator": "kcell",
        "period": read_period("30d"),
        "price": read_money("4990"),
        "auto_renew": True,
        "balance": read_money("100"),
        "threshold": read_money("200"),
        "keep_alive": read_keep_alive("90d"),
        "device_entered": TODAY,
    }
    return register(known | dict(told), POLICY, NOW)


_DAY = partial(read_day, today=TODAY)
READERS: dict[str, Callable[[str], object]] = {
    "label": read_label,
    "note": read_note,
    "plan": read_label,
    "protects": read_protects,
}
IMPORT_READERS: dict[str, Callable[[str], object]] = READERS | {
    "number": parse_number,
    "operator": lambda text: CATALOGUE.find(text).id,
    "period": read_period,
    "started": _DAY,
    "expires": _DAY,
    "price": read_money,
    "balance": partial(read_money, negative=True, zero=True),
    "threshold": partial(read_money, zero=True),
    "keep_alive": read_keep_alive,
    "last_used": _DAY,
    "device_entered": _DAY,
    "leads": read_leads,
    "lang": read_language,
}

TOML_TOKENS = (
    *(b'""', b"''", b'"""', b"'''", b"[", b"]]", b"[[x]]", b"{}", b"{", b"}", b"=", b"#", b"\r"),
    *(b"true", b"0", b"-1", b"inf", b"nan", b"1e309", b"9" * 30, b"9" * 5000, b"0x7f", b"[1, 'a']"),
    *(b"1979-05-27", b"07:32:00", b"1979-05-27T07:32:00Z", b"9999-12-31", b"0001-01-01"),
    *(b'"\\u0000"', b'"\\U0010ffff"', b'"\\ud800"', b"\xff\xfe"),
    *(b"\xef\xbb\xbf", b"\0", b'"\x1b[0m"'),
    *(b"[" * 3000, b"a." * 3000, b"{a=" * 3000, b'"' + b"x" * 5000 + b'"', b"x" * 5000 + b" = 1"),
    *(b'"{sentence}"', b'"{0.__class__}"', b'"%s%n"', b'"<script>x</script>"'),
    *(b'"../../x"', b"{x}"),
    *(b'"*100#"', b'"https://example.kz/"', b'"javascript:alert(1)"'),
    *(b'"tel:1"', b"[[]]", b"a.b = 1"),
)  # fmt: skip
PATTERN_TOKENS = (
    *TOML_TOKENS,
    *(b"{money}", b"{day}", b"{words}", b"{any}", b"{number}", b"{start}", b"{money:x}", b"(?P<a>"),
    *(b"(", b")", b"*", b"+", b"?", b"{9}", b"{1,99999999}", b"\\", b"(?i)"),
    *(b"(?<=a)", b"[^", b"|"),
    *(b"'.*'", b"'x{0,60000}'", b"'(?P<amount>x)'", b"(" * 150, b"\\1", b"(?R)", b"\\p{L}", b"[]"),
)  # fmt: skip
TEXT_TOKENS = tuple(
    token.encode("utf-8", "surrogatepass")
    for token in (
        *("<b>", "</b>", "&amp;", "<script>", "<!--", "]]>", "{label}", "{0}"),
        *("%s", "$(x)", "=1+1"),
        *("\0", "\x1b[31m", "\u202e", "\u200b", "\u200d", "\ufeff", "\ud800"),
        *("\U0001f9d3", "e\u0301"),
        *("--help", "-", "\t", "\r", "\u2028", "٣", "½", "9" * 400),
        *("1,200.50 тг", "+7 701 123 45 67"),
        *("я" * 90, "妈" * 50, " " * 3000, "a\u0301" * 1200),
        *(("код 1234 " * 300), "http://a.b/c?d#e"),
        *("a" * 200, ". " * 900, "1 " * 900, "тг " * 700, ":,;" * 600),
        *("20.11.2026 " * 190, "+" * 1500),
    )
)  # fmt: skip
CSV_TOKENS = (
    *TEXT_TOKENS,
    *(b'"', b'""', b",", b";", b"|", b"\n", b"\r\n", b"\r", b",,,,", b'",\n"'),
    *(b"\xff", b"\xef\xbb\xbf"),
    *(b"true", b"1", b"maybe", b"-1", b"1e9", b"30", b"30d", b"1mo"),
    *(b"month-start", b"none", b"36500d"),
    *(b"2199-12-31", b"2000-01-01", b"+9999d", b"today", b"0", b"1000000000"),
    *(b"14d,7d", b"kcell", b"zh"),
    *(b"label", b"number", b"archived", b"x", b"a|b", b"||", b"87011234567", b"+44 7911 123456"),
)  # fmt: skip

_CONFIG = (CONFIG / "config.toml").read_bytes()
_CSV = (
    b"number,label,operator,esim,plan,period,started,expires,price,auto_renew,balance,threshold,"
    b"keep_alive,last_used,device_entered,protects,leads,lang,tags,note,archived\n"
    b"87011234567,Mum,kcell,true,Unlimited,30d,2026-11-01,2026-12-20,4990,yes,-12.50,0,90d,"
    b'2026-11-01,2026-11-02,"eGov, Kaspi","7d,0d",ru,family|bank,"two\nlines",\n'
    b"+7 705 123 45 67,Dad,,,,1mo,,,,,,,,,,,,,,,true\n"
)

TARGETS = {
    "configuration": Target(
        (_CONFIG, re.sub(rb"(?m)^#(?=[a-z_]+ = |\[)", b"", _CONFIG)), TOML_TOKENS, configuration
    ),
    "operator files": Target(
        tuple(path.read_bytes() for path in sorted(OPERATORS.glob("*.toml"))),
        TOML_TOKENS,
        operator_file,
    ),
    "own patterns": Target(
        (
            (CONFIG / "sms.toml").read_bytes(),
            b"""[patterns.own]
            kind = 'balance'
            operator = 'kcell'
            says = ['balance{is}{money}', 'x{words}y']
            unless = ['advert']
            """,
        ),
        PATTERN_TOKENS,
        own_patterns,
    ),
    "messages": Target(tuple(text.encode() for text in CORPUS), TEXT_TOKENS, message_text),
    "import files": Target(
        (_CSV, b"\xef\xbb\xbflabel;price;note\r\nMum;12,50;x\r\nDad;;y\r\n"),
        CSV_TOKENS,
        import_file,
    ),
    "texts of cards": Target(
        (
            "Мама\nвторая строка\nUnlimited 30\neGov, Kaspi".encode(),
            "妈妈 🧓\n<b>x</b>\n{plan}\n&amp;".encode(),
        ),
        TEXT_TOKENS,
        card_texts,
    ),
}
