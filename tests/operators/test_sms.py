"""What operators' messages say: the corpus, what is never read, faults in pattern files."""

from __future__ import annotations

import re
import time
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kzreminder.core.typed import money_text
from kzreminder.errors import ConfigurationInvalid, Fault
from kzreminder.operators.sms import LONGEST, Reading, read_sms
from kzreminder.operators.sms_patterns import Patterns, SmsKind, load
from kzreminder.operators.sms_text import expand, fold, marked
from tests.operators.shipped import CATALOGUE, CONFIG

TODAY = date(2026, 11, 21)
SHIPPED = CONFIG / "sms.toml"
NAMES = {one.id: {one.id, *one.names.values(), *one.aliases} for one in CATALOGUE.operators}
PATTERNS = load(SHIPPED, Path("/nowhere.toml"), NAMES)
CORPUS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("sms.toml").read_text(encoding="utf-8")
)["messages"]
MONEY = ("amount", "missing", "balance")


def read(text: str, patterns: Patterns = PATTERNS) -> Reading:
    return read_sms(text, patterns, TODAY)


def plain(reading: Reading) -> dict[str, Any]:
    """Without what is null, as the corpus has it."""
    amounts = {name: getattr(reading, name) for name in MONEY}
    found = {name: money_text(amount) for name, amount in amounts.items() if amount is not None}
    rest = {"on": reading.on, "operator": reading.operator, "caution": reading.caution or None}
    found |= {"kind": reading.kind.value} if reading.kind else {}
    return found | {name: value for name, value in rest.items() if value is not None}


@pytest.mark.parametrize("message", CORPUS, ids=lambda message: message["text"][:40] or "empty")
def test_a_message_says_this_and_no_more(message: dict[str, Any]) -> None:
    wanted = {key: value for key, value in message.items() if key not in ("text", "source")}
    assert plain(read(message["text"])) == wanted


def test_the_corpus_is_large_and_a_third_of_it_is_no_money() -> None:
    texts = [message["text"] for message in CORPUS]
    without = [message for message in CORPUS if not set(MONEY) & set(message)]
    assert len(set(texts)) == len(texts) >= 170
    assert len(without) * 3 >= len(texts)


def test_each_pattern_tells_its_provenance_and_is_needed_by_the_corpus() -> None:
    table = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["patterns"]
    for name, pattern in table.items():
        assert ("source" in pattern) is not pattern.get("made_up", False), name
    seen = [marked(fold(message["text"]), TODAY).text for message in CORPUS]
    unused = [one.id for one in PATTERNS.patterns if not any(any(one.found_in(t)) for t in seen)]
    assert unused == []


@pytest.mark.parametrize("pattern", PATTERNS.patterns, ids=lambda pattern: pattern.id)
def test_each_shipped_expression_is_sound_and_fits_no_empty_text(pattern: Any) -> None:
    for expression in (*pattern.says, *pattern.unless):
        assert re.compile(expand(expression)).match("") is None


@pytest.mark.parametrize("text", ["Баланс: {}", "Ваш баланс {}. Спасибо!", "Balance: {}", "余额{}"])
@pytest.mark.parametrize(
    ("written", "amount"),
    [
        *((f"350{unit}", "350") for unit in (" тг", "тг", " тг.", " тенге", " теңге", " tg")),
        *((f"350{unit}", "350") for unit in (" tenge", "₸", " ₸", " KZT", " тнг", "坚戈")),
        *((f"{unit}350", "350") for unit in ("₸", "₸ ", "KZT ")),
        *((f"14{space}970 тг", "14970") for space in ("", " ", "\u00a0", "\u202f", "\u2009")),
        ("1 234 567,89 тг", "1234567.89"),
        ("1,234,567.89 тг", "1234567.89"),
        ("350.5 тг", "350.50"),
        ("350,50 тг", "350.50"),
        ("350,00 тг", "350"),
        ("-350 тг", "-350"),
        ("−350 тг", "-350"),
        ("0,00 тг", "0"),
    ],
)
def test_money_is_read_in_every_usual_form(text: str, written: str, amount: str) -> None:
    assert plain(read(text.format(written))) == {"kind": "balance", "amount": amount}


@pytest.mark.parametrize(
    "written",
    [
        *("1.000 тг", "1,000 тг", "12 34 тг", "1 2345 тг", "0350 тг", "350.505 тг", "1.2.3 тг"),
        *("350 руб", "350 $", "350 тыс. тг", "350 млн тг", "350% тг", "10000000000 тг", "350 тгб"),
        *("100-350 тг", "до 350 тг", "от 350 тг", "более 350 тг", "350 тг/мес", "350 тг бонусов"),
        *("350 тг 50 тиын", "менее 350 тг", "< 350 тг", "٣٥٠ тг", "3٥0 тг", "350тг50", "№350 МБ"),
    ],
)
def test_what_is_no_certain_amount_is_not_read(written: str) -> None:
    reading = read(f"Баланс: {written}")
    assert [getattr(reading, name) for name in MONEY] == [None, None, None]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        *(("25.11.26", "2026-11-25"), ("25.11.2026", "2026-11-25"), ("2026-11-25", "2026-11-25")),
        *(("2026年11月25日", "2026-11-25"), ("завтра", "2026-11-22"), ("ЕРТЕҢ", "2026-11-22")),
        *(("сегодня", "2026-11-21"), ("бүгін", "2026-11-21"), ("послезавтра", "2026-11-23")),
        *(("tomorrow", "2026-11-22"), ("明天", "2026-11-22"), ("zavtra", "2026-11-22")),
        *(("31.02.26", None), ("31.02.2026", None), ("00.12.2026", None), ("25.13.26", None)),
        *(("25.11.1404", None), ("25.11.2569", None), ("25.11.99", None), ("25.11.2020", None)),
        *(("25", None), ("25 числа", None), ("25.11", None), ("1", None), ("25/11/2026", None)),
    ],
)
def test_a_day_is_read_or_left_out(written: str, day: str | None) -> None:
    reading = read(f"{written} спишется абонплата 4990 тг")
    assert reading.kind is SmsKind.CHARGE_DUE
    assert reading.on == (None if day is None else date.fromisoformat(day))


# ---- properties --------------------------------------------------------------------------------

numbers = st.one_of(
    st.integers(-(10**6), 10**11).map(str),
    st.from_regex(r"-?[0-9]{1,3}( [0-9]{3}){1,2}([.,][0-9]{1,3})?", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}[.:/-][0-9]{1,2}([.:/-][0-9]{2,4})?", fullmatch=True),
    st.from_regex(r"\+?[78]7[0-9]{9}", fullmatch=True),
)
WORDS = (
    "баланс: баланс Баланс ваш счёт пополнен на зачислено списано спишется будет списано завтра",
    "абонплата не хватает жетпейді теңгерім: теңгеріміңіз төлем алынады толтырылды balance is",
    "your charged topped up with 余额 余额为 充值 扣费 тг тг. тенге теңге tg ₸ KZT 坚戈 ГБ МБ %",
    "- — : . , 1. 2) до от менее бонусов номер +77011234567 Остаток осталось на вашем счете",
)
words = st.sampled_from(" ".join(WORDS).split(" "))
salads = st.lists(st.one_of(words, numbers), min_size=1, max_size=14).map(" ".join)


def digits_of(amount: Any) -> str:
    text = money_text(abs(amount))
    return re.sub(r"\.", "", text.rstrip("0") if "." in text else text)


def assert_not_invented(text: str, reading: Reading) -> None:
    there = re.sub(r"(?<=[0-9])[ .,]+(?=[0-9])", "", fold(text))
    for name in MONEY:
        amount = getattr(reading, name)
        if amount is not None:
            assert digits_of(amount) in there
            assert amount >= 0 or "-" in there


@settings(max_examples=120, deadline=None)
@given(salads)
def test_an_amount_is_never_invented(text: str) -> None:
    assert_not_invented(text, read(text))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_at_all_is_read_without_an_error(text: str) -> None:
    assert_not_invented(text, read(text))


TOLD = [message for message in CORPUS if "amount" in message]
BEFORE = ("", "Уважаемый абонент! ", "Внимание. ", "Құрметті абонент! ", "Hello! ", "\n")
AFTER = ("", " Спасибо!", "\nСпасибо, что Вы с нами.", " Рақмет!", " Thank you!", " Тел. 3030")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TOLD), st.sampled_from(BEFORE), st.sampled_from(AFTER))
def test_what_stands_around_a_message_changes_nothing_or_hides_it(
    message: dict[str, Any], before: str, after: str
) -> None:
    reading = read(f"{before}{message['text']}{after}")
    assert_not_invented(message["text"], reading)
    assert reading.amount is None or money_text(reading.amount) == message["amount"]


LOOK_ALIKE = {
    **dict(zip("асеорхуікмтнв", "aceopxyikmthb", strict=True)),
    **dict(zip("АСЕОРХУІКМТНВ", "ACEOPXYIKMTHB", strict=True)),
    **dict(zip("aceopxyikmthb", "асеорхуікмтнв", strict=True)),
    **dict(zip("ACEOPXYIKMTHB", "АСЕОРХУІКМТНВ", strict=True)),
    **dict(zip("қғңөұүәі", "кгноууаи", strict=True)),
}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CORPUS), st.randoms(use_true_random=False))
def test_letters_that_look_alike_change_nothing(message: dict[str, Any], random: Any) -> None:
    text = "".join(
        LOOK_ALIKE[sign] if sign in LOOK_ALIKE and random.random() < 0.5 else sign
        for sign in message["text"]
    )
    assert read(text) == read(message["text"])


CODE_TEXTS = (
    *("Код: {}", "Ваш код {}", "{} - ваш код подтверждения", "Пароль: {}", "Код для входа: {}"),
    *("Никому не сообщайте: {}", "Для подтверждения операции введите {}", "Одноразовый код {}"),
    *("Растау коды: {}", "Құпия сөз: {}", "Кодты ешкімге айтпаңыз! {}", "Кіру үшін {}"),
    *("Your code is {}", "{} is your OTP", "Use {} to log in", "Password {}", "PIN: {}"),
    *("Do not share {} with anyone", "Your verification code: {}", "Passcode {}"),
    *("验证码{}", "您的驗證碼：{}", "校验码 {}，请勿告诉他人", "动态密码{}"),
    *("Введите {} на сайте", "Please enter {}", "Проверочный номер {}", "请输入{}", "Токен {}"),
    *("Kod: {}", "Vash parol {}", "Nikomu ne soobshchaite {}", "Kod podtverzhdeniya {}"),
)
codes = st.one_of(
    st.from_regex(r"[0-9]{3,8}", fullmatch=True),
    st.from_regex(r"[0-9]{3}[- ][0-9]{3}", fullmatch=True),
    st.from_regex(r"[0-9]{2} [0-9]{2} [0-9]{2}", fullmatch=True),
    st.from_regex(r"[A-Z]{1,2}-[0-9]{4,6}|[A-Z][0-9][A-Z][0-9]{2,4}", fullmatch=True),
    st.from_regex(r"\*[0-9]{4,6}\*|[0-9]{4} ?тг|[0-9]{1,3} [0-9]{3} тг", fullmatch=True),
)
BESIDE = ("", " Баланс: 350 тг", ". Ваш счёт пополнен на 2000 тг.", " *100#", " Сумма 5000 тг")


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(CODE_TEXTS), codes, st.sampled_from(BESIDE), st.booleans())
def test_of_a_one_time_code_nothing_is_read(
    text: str, code: str, beside: str, is_before: bool
) -> None:
    said = text.format(code)
    said = f"{beside.strip(' .')}. {said}" if is_before and beside else f"{said}{beside}"
    assert read(said) == Reading(SmsKind.ONE_TIME_CODE, caution=True)


NASTY = (
    *(
        "баланс ",
        "ваш баланс: ",
        "1 ",
        "1 000 ",
        "1,000",
        "-",
        "- ",
        "350 тг ",
        "завтра ",
        "номер ",
    ),
    *("sim ", "срок sim ", "код ", "не списана ", "абонплата ", "списано ", "пополнен на ", "а-"),
    *(
        "остаток 5.",
        "余额",
        "将于",
        "\u200b",
        "(",
        "пакет ",
        "1. а ",
        "+7 701 ",
        "*1",
        "никому его ",
    ),
    *("позвоните 7701 ", "абонплата 4990 тг ", "20.11.26 ", "теңгерім ", "not charged "),
)


@pytest.mark.parametrize("part", NASTY)
def test_no_text_takes_long(part: str) -> None:
    read("баланс")  # compiled beforehand
    started = time.process_time()
    read((part * LONGEST)[:LONGEST])
    assert time.process_time() - started < 2


def test_what_is_longer_than_any_message_is_not_cut_but_not_understood() -> None:
    assert read("Баланс: 350 тг".ljust(LONGEST)).amount is not None
    assert read("Баланс: 350 тг".ljust(LONGEST + 1, ".")) == Reading()
    assert read("x" * (LONGEST - 12) + " баланс: 350 000 тг").amount is None
    assert read("Код: 4821. " + "x" * LONGEST).kind is SmsKind.ONE_TIME_CODE


def test_the_number_in_a_text_is_told_but_not_that_of_a_sender() -> None:
    assert read("Баланс +7 (701) 123-45-67: 350 тг").numbers == ("+77011234567",)
    assert read("Счет пополнен на 500 тг с номера 87011234567").numbers == ()
    assert read("Код 4821 для +77011234567").numbers == ()


# ---- the user's own file -----------------------------------------------------------------------

OWN = r"""
[patterns.freedom]
kind = "balance"
operator = "kcell"
says = ['монеток осталось {number}']
"""


def own(folder: Path, text: str) -> Patterns:
    path = folder / "sms.toml"
    path.write_text(text, encoding="utf-8")
    return load(SHIPPED, path, NAMES)


def faults(folder: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(ConfigurationInvalid) as invalid:
        own(folder, text)
    return invalid.value.faults


def test_an_own_pattern_is_believed_first(tmp_path: Path) -> None:
    patterns = own(tmp_path, OWN)
    assert read("Монеток осталось 12") == Reading()
    told = read("Списано 500 тг, монеток осталось 12", patterns)
    assert plain(told) == {"kind": "balance", "amount": "12", "operator": "kcell"}
    assert plain(read("Баланс: 350 тг", patterns)) == {"kind": "balance", "amount": "350"}


def test_an_own_pattern_of_the_same_name_replaces_the_shipped_one_whole(tmp_path: Path) -> None:
    text = "[patterns.balance-label]\nkind = 'balance'\nsays = []\n[patterns.balance-self-care]\n"
    patterns = own(tmp_path, text + "kind = 'balance'\nsays = []")
    assert read("Balance: 350.25").kind is SmsKind.BALANCE
    assert read("Balance: 350.25", patterns) == Reading()


def test_groups_of_an_own_expression_do_no_harm(tmp_path: Path) -> None:
    says = r"says = ['(?P<on>{phone}) (\w+) (?P<amount>\w+)']"
    patterns = own(tmp_path, f"[patterns.a]\nkind = 'advert'\n{says}")
    assert plain(read("87011234567 балл сто", patterns)) == {"kind": "advert"}


def test_an_own_list_of_strangers_replaces_the_shipped_one(tmp_path: Path) -> None:
    patterns = own(tmp_path, "strangers = ['соседк']")
    assert read("Карта *1234. Баланс: 350 тг") == Reading()
    assert read("Карта *1234. Баланс: 350 тг", patterns).kind is SmsKind.BALANCE
    assert read("Баланс соседки. Баланс: 350 тг", patterns) == Reading()


def test_no_pattern_undoes_the_caution_about_codes(tmp_path: Path) -> None:
    patterns = own(tmp_path, "[patterns.code]\nkind = 'balance'\nsays = ['код: {number}']")
    assert read("Код: 4821", patterns) == Reading(SmsKind.ONE_TIME_CODE, caution=True)


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("[patterns.a]\nsays = ['x']", 1, "patterns.a.kind", "one of: number_closing"),
        ("[patterns.a]\nkind = 'one_time_code'\nsays = ['x']", 2, "patterns.a.kind", "one of"),
        ("[patterns.a]\nkind = ['balance']\nsays = ['x']", 2, "patterns.a.kind", "one of"),
        ("[patterns.a]\nkind = 'advert'", 1, "patterns.a.says", "list of texts"),
        ("[patterns.a]\nkind = 'advert'\nsays = 'x'", 3, "patterns.a.says", "list of texts"),
        ("[patterns.a]\nkind = 'advert'\nsays = [1]", 3, "patterns.a.says", "list of texts"),
        ("[patterns.a]\nkind = 'advert'\nsays = ['(']", 3, "patterns.a.says", "no regular"),
        ("[patterns.a]\nkind = 'advert'\nsays = ['x']\nunless = ['[']", 4, "patterns.a.unless", ""),
        ("[patterns.a]\nkind = 'advert'\nsays = ['{sum}']", 3, "patterns.a.says", "{sum} is not"),
        (
            "[patterns.a]\nkind = 'advert'\nsays = ['{money:on}']",
            3,
            "patterns.a.says",
            "{money:on}",
        ),
        ("[patterns.a]\nkind = 'advert'\nsays = ['x?']", 3, "patterns.a.says", "every text"),
        ("[patterns.a]\nkind = 'advert'\nsays = ['x']\nsay = 1", 4, "patterns.a.say", "not known"),
        (
            "[patterns.a]\nkind='advert'\noperator='x'\nsays=['x']",
            3,
            "patterns.a.operator",
            "kcell",
        ),
        ("[patterns.'A b']\nkind = 'advert'\nsays = ['x']", None, "patterns.A b", "small letters"),
        ("[patterns]\na = 1", 2, "patterns.a", "a table"),
        ("patterns = 1", 1, "patterns", "a table"),
        ("pattern = 1", 1, "pattern", "not known"),
        ("strangers = ['(']", 1, "strangers", "no regular"),
        ("[patterns.a", 1, "", "is not TOML"),
        ("a = " + "9" * 5000, None, "", "is not TOML"),
        ("a = " + "[" * 5000, None, "", "is not TOML"),
    ],
)
def test_a_fault_in_an_own_file_is_named_with_its_line(
    tmp_path: Path, text: str, line: int | None, key: str, words: str
) -> None:
    [fault] = faults(tmp_path, text)
    assert (fault.line, fault.key) == (line, key)
    assert words in fault.sentence.format(**dict(fault.values))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = "[patterns.a]\nkind = 'x'\nsays = ['(', '{x}']\n[patterns.b]\nkind = 'advert'\n"
    found = [(fault.line, fault.key) for fault in faults(tmp_path, text)]
    assert found == [
        *((2, "patterns.a.kind"), (3, "patterns.a.says"), (3, "patterns.a.says")),
        (4, "patterns.b.says"),
    ]
