"""Lines of docs/threat-model.md that hold because of what our sources do not contain.

Not here: what is seen when they run (test_threats, test_threats_files).
"""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests import catalogues
from tests.cli.running import Home
from tests.hostile import Elements

SOURCES = Path(__file__).parents[1] / "src" / "kzreminder"
TREES = {
    str(path.relative_to(SOURCES)): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(SOURCES.rglob("*.py"))
}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "yaml", "runpy", "code", "dill", "cloudpickle"}
FETCHING_MODULES = {"urllib.request", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
SAYING = {"gettext", "ngettext", "tell", "N_", "N2_", "KzreminderError", "BadValue", "NotFound",
          "AlreadyExists", "StorageFault", "DeliveryFailed", "Fault"}  # fmt: skip
LOGGING = {"debug", "info", "warning", "error", "critical", "exception"}
FETCHING = "channels/push_child.py"
"The one process that sends, where a target is configured: T22 to T25."
PROGRAM = "__import__('pathlib').Path('owned').touch()"


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, node, ast.unparse(node.func)


def imports() -> Iterator[tuple[str, str]]:
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from ((name, one.name) for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield name, node.module
                yield from ((name, f"{node.module}.{one.name}") for one in node.names)


def is_made_up(sentence: ast.expr) -> bool:
    """Put together where it stands: what was typed could be a part of the template."""
    return isinstance(sentence, ast.JoinedStr | ast.BinOp) or (
        isinstance(sentence, ast.Call) and ast.unparse(sentence.func).endswith((".format", ".join"))
    )


def test_t10_no_template_is_made_of_what_was_typed() -> None:
    found = []
    for name, call, called in calls():
        last = called.rpartition(".")[2]
        is_logging = last in LOGGING and called.rpartition(".")[0].endswith("log")
        if call.args and (last in SAYING or is_logging) and is_made_up(call.args[0]):
            found.append(f"{name}:{call.lineno} {ast.unparse(call)}")
    assert found == []


def test_t10_a_translation_has_the_fields_of_its_sentence_and_plain_ones() -> None:
    assert catalogues.catalogues()
    for source in catalogues.catalogues():
        with source.open("rb") as file:
            said = [text for message in read_po(file) for text in catalogues.forms(message.string)]
        for text in said:
            fields = [field for _, field, _, _ in string.Formatter().parse(text)]
            assert all(field is None or field.isidentifier() for field in fields), text


def test_t13_nothing_of_ours_can_fetch() -> None:
    fetching = [
        (name, module)
        for name, module in imports()
        if name != FETCHING
        and any(module == one or module.startswith(f"{one}.") for one in FETCHING_MODULES)
    ]
    assert fetching == []


def test_t15_what_a_datagram_holds_is_thrown_away() -> None:
    """Sockets of ours are only ever emptied; a reply on the bus is read by its own parser."""
    kept = []
    for name, tree in TREES.items():
        thrown = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        tested = {id(node.test) for node in ast.walk(tree) if isinstance(node, ast.While)}
        kept += [
            f"{name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and ast.unparse(node.func).endswith((".recv", ".recvfrom", ".recv_into"))
            and id(node) not in thrown | tested
            and not name.startswith("channels/")
        ]
    assert kept == []


def test_t16_nothing_of_ours_runs_what_it_reads() -> None:
    unsafe = [(name, module) for name, module in imports() if module in FORBIDDEN_MODULES]
    unsafe += [(name, called) for name, _, called in calls() if called in FORBIDDEN_CALLS]
    unsafe += [
        (name, ast.unparse(word))
        for name, call, _ in calls()
        for word in call.keywords
        if word.arg == "shell"
        and not (isinstance(word.value, ast.Constant) and not word.value.value)
    ]
    assert unsafe == []


@pytest.mark.parametrize(
    "where",
    [
        "config/kzreminder/config.toml",
        "config/kzreminder/operators/kcell.toml",
        "config/kzreminder/sms.toml",
    ],
)
def test_t16_a_program_in_a_file_of_ones_own_is_a_value(home: Home, where: str) -> None:
    written = home.folder / where
    written.parent.mkdir(parents=True)
    for text in (f'language = "{PROGRAM}"', f'id = "{PROGRAM}"', f'!!python/object "{PROGRAM}"',
                 f'labels = ["(?{{ {PROGRAM} }})"]', f'["{PROGRAM}"]\nx = 1'):  # fmt: skip
        written.write_text(text, encoding="utf-8")
        done = home.kz("config", "check")
        assert done.exit_code == 9
        assert "Traceback" not in done.err
    assert not list(Path.cwd().glob("owned"))
    assert not list(home.folder.rglob("owned"))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_t20_the_page_runs_nothing_and_loads_nothing(home: Home) -> None:
    home.kz("add", "+77011234567", "--label", "Mum", "--expires", "today", "--operator", "kcell")
    elements = Elements(home.kz("guide", "Mum", "--html", "-").out).found
    assert {"script", "img", "link", "iframe", "form", "object"}.isdisjoint(t for t, _ in elements)
    assert not [name for _, there in elements for name in there if name.startswith("on")]
    [policy] = [
        there["content"] or ""
        for _, there in elements
        if there.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    listening = {
        called for _, _, called in calls() if called.endswith((".listen", "create_server"))
    }
    assert listening <= {"event.listen"}  # SQLAlchemy's word for another thing
