"""The rules of the screens that no linter knows, held against the text of every one of them."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from dashboards.parts.page import ICON, SCREENS, SCREENS_FOLDER

HOUSE = Path(__file__).parents[2]
DASHBOARDS = HOUSE / "dashboards"
FILES = sorted(DASHBOARDS.rglob("*.py"))
NAMES = [path.relative_to(HOUSE).as_posix() for path in FILES]

# What may be the key of a cache: small values that say all of what they stand for.
KEYS = {
    "Asker", "bool", "date", "datetime", "Filter", "float", "FlowFilter", "int", "KeptRun",
    "Language", "Layer", "Listing", "None", "Order", "Path", "Period", "Reader", "Role", "str",
    "tuple", "Turn", "Verdict",
}  # fmt: skip
CACHES = {"cache_data", "cache_resource", "lru_cache", "cache"}

# Streamlit's functions whose first argument is read as Markdown.
READ_MARKDOWN = {
    "badge", "button", "caption", "checkbox", "date_input", "download_button", "error", "expander",
    "feedback", "file_uploader", "form_submit_button", "header", "info", "link_button", "markdown",
    "metric", "multiselect", "number_input", "page_link", "pills", "popover", "radio",
    "segmented_control", "select_slider", "selectbox", "slider", "spinner", "status", "subheader",
    "success", "tabs", "text_area", "text_input", "time_input", "title", "toast", "toggle",
    "warning",
}  # fmt: skip
# Those that decide themselves how to show a thing, or show HTML: nobody needs them.
NEVER = {"write", "write_stream", "table", "latex", "iframe", "components"}
# What makes text fit for Markdown, or is a sentence of ours without data.
MAKES_PLAIN = {"say", "plain", "role_word", "len"}
OURS = {"page", "text", "session", "wordings", "verdicts", "codes", "charts", "filters"}
# Names whose text somebody has looked at, because the rule cannot see where it comes from.
LOOKED_AT = {
    "dashboards/parts/page.py": {"label"},  # handed on; every caller of link_to is held to it
    "dashboards/parts/explanation.py": {"sign"},  # one of our three signs of truth
    "dashboards/parts/data_map/detail.py": {"heading"},  # our words for a verdict
    "dashboards/parts/notices.py": {"line"},  # made plain where the lines are gathered
}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a function of Streamlit, as `st.name` or on a container, by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def decorated(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(map(_is_cache, node.decorator_list)):
            yield node


def _is_cache(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in CACHES


def wrong_keys(tree: ast.AST) -> list[str]:
    """Arguments of cached functions that are no keys."""
    return [
        f"{function.name}({argument.arg}: {_spelled(argument.annotation)})"
        for function in decorated(tree)
        for argument in (*function.args.args, *function.args.kwonlyargs)
        if not _is_key(_spelled(argument.annotation))
    ]


def _is_key(annotation: str) -> bool:
    words = set(re.findall(r"\w+", annotation))
    return bool(words) and words <= KEYS


def _spelled(annotation: ast.expr | None) -> str:
    return ast.unparse(annotation) if annotation else ""


PARTS: Mapping[type[ast.expr], Callable[[Any], Sequence[ast.expr]]] = {
    ast.BinOp: lambda node: (node.left, node.right),
    ast.BoolOp: lambda node: node.values,
    ast.FormattedValue: lambda node: (node.value,),
    ast.GeneratorExp: lambda node: (node.elt,),
    ast.IfExp: lambda node: (node.body, node.orelse),
    ast.JoinedStr: lambda node: node.values,
    ast.List: lambda node: node.elts,
    ast.ListComp: lambda node: (node.elt,),
    ast.NamedExpr: lambda node: (node.value,),
    ast.Starred: lambda node: (node.value,),
    ast.Tuple: lambda node: node.elts,
}


class Plain:
    """Whether an expression can only be text of ours, or text made plain, within one function."""

    def __init__(self, function: ast.AST, looked_at: Iterable[str] = ()) -> None:
        self.looked_at = set(looked_at)
        self.given: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            for target, value in _assigned(node):
                self.given.setdefault(target, []).append(value)

    def holds(self, node: ast.expr, depth: int = 12) -> bool:
        """Whether the expression is plain: itself, or all that it is made of."""
        if isinstance(node, ast.Constant):
            return True
        parts = self._made_of(node) if depth else ()
        return bool(parts) and all(self.holds(part, depth - 1) for part in parts)

    def _made_of(self, node: ast.expr) -> Sequence[ast.expr]:
        """What an expression is made of; nothing where that cannot be told."""
        match node:
            case ast.Call(func=ast.Attribute(attr="join"), args=[joined]):
                return (joined,)
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
                return (ast.Constant(""),) if name in MAKES_PLAIN else ()
            case ast.Name(id=name):
                return (ast.Constant(""),) if name in self.looked_at else self.given.get(name, ())
            case _:
                return PARTS.get(type(node), lambda _: ())(node)


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.NamedExpr(target=ast.Name(id=name), value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from (
                (name.id, value)
                for name, value in zip(names, values, strict=False)
                if isinstance(name, ast.Name)
            )
        case ast.For(target=ast.Name(id=name), iter=value):
            yield name, value


def markdown_of_unknown_text(tree: ast.Module, looked_at: Iterable[str] = ()) -> list[str]:
    return [
        f"line {call.lineno}: {ast.unparse(call)[:100]}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for name, call in calls(function)
        for shown in _shown_as_markdown(name, call)
        if not Plain(function, looked_at).holds(shown)
    ]


def _shown_as_markdown(name: str, call: ast.Call) -> list[ast.expr]:
    """What a call reads as Markdown; `page.link_to` hands its label on."""
    labels = [word.value for word in call.keywords if word.arg in {"label", "help"}]
    if name == "progress":
        return [word.value for word in call.keywords if word.arg == "text"]
    if name == "link_to":
        return [*call.args[1:2], *labels]
    if name == "page_link":
        return labels
    return [*call.args[:1], *labels] if name in READ_MARKDOWN and _of_streamlit(call) else []


def _of_streamlit(call: ast.Call) -> bool:
    """On `st` or on a container of it, not on a module of ours that has a function of that name."""
    whose = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    return whose not in OURS


@pytest.mark.parametrize("name", NAMES)
def test_a_cache_is_never_keyed_on_a_frame(name: str) -> None:
    assert not wrong_keys(tree_of(HOUSE / name))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "dashboards/session.py"])
def test_only_one_module_touches_the_session_and_the_address(name: str) -> None:
    touched = [
        node.lineno
        for node in ast.walk(tree_of(HOUSE / name))
        if isinstance(node, ast.Attribute)
        and node.attr in {"session_state", "query_params"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "st"
    ]
    assert not touched


@pytest.mark.parametrize("name", NAMES)
def test_text_from_data_is_never_read_as_markdown(name: str) -> None:
    assert not markdown_of_unknown_text(tree_of(HOUSE / name), LOOKED_AT.get(name, ()))


@pytest.mark.parametrize("name", LOOKED_AT)
def test_nobody_vouches_for_text_that_is_gone(name: str) -> None:
    for vouched in LOOKED_AT[name]:
        assert markdown_of_unknown_text(tree_of(HOUSE / name), LOOKED_AT[name] - {vouched})


def tables_as_they_are(tree: ast.Module) -> list[str]:
    """The tables shown whose text was not looked through for what cannot be seen."""
    return [
        f"line {call.lineno}: {ast.unparse(call)[:100]}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for name, call in calls(function)
        if name in {"dataframe", "data_editor"}
        if not _looked_through(function, call.args[0])
    ]


def _looked_through(function: ast.FunctionDef, frame: ast.expr) -> bool:
    given = {name: value for node in ast.walk(function) for name, value in _assigned(node)}
    made = given.get(frame.id) if isinstance(frame, ast.Name) else frame
    return isinstance(made, ast.Call) and ast.unparse(made.func) == "text.visible_frame"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_shows_where_there_is_what_cannot_be_seen(name: str) -> None:
    assert not tables_as_they_are(tree_of(HOUSE / name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_decides_for_itself_how_text_is_shown(name: str) -> None:
    tree = tree_of(HOUSE / name)
    of_streamlit = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "st"
    }
    assert not of_streamlit & NEVER
    assert "unsafe_allow_html" not in ast.unparse(tree)
    assert "unsafe_allow_javascript" not in ast.unparse(tree)
    if name != "dashboards/parts/text.py":
        assert "html" not in of_streamlit, "the mark of a screen's end is the only HTML"


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_is_there_and_is_tried(screen: str) -> None:
    assert (SCREENS_FOLDER / f"{screen}.py").is_file()
    every = (HOUSE / "tests" / "screens").glob("test_*.py")
    tests = [path for path in every if path.name != "test_frame.py"]
    assert any(f'"{screen}"' in path.read_text(encoding="utf-8") for path in tests)


def test_every_file_of_a_screen_is_in_the_navigation() -> None:
    assert {path.stem for path in SCREENS_FOLDER.glob("*.py")} == {*SCREENS, "__init__"}


def test_the_icon_of_the_page_is_a_file_of_ours() -> None:
    assert ICON.is_file()
    set_in = [
        (path.name, ast.unparse(call))
        for path in FILES
        for name, call in calls(tree_of(path))
        if name == "set_page_config"
    ]
    ((file, call),) = set_in
    assert file == "app.py"
    assert "page_icon=str(page.ICON)" in call


def test_the_rules_catch_what_they_are_for() -> None:
    bad = ast.parse(
        "@st.cache_data(ttl=1)\ndef rows(frame: pl.DataFrame, run): ...\n"
        "def draw(party):\n"
        "    st.title(party)\n"
        "    st.sidebar.button(f'of {party}')\n"
        "    st.info(text.say('key'), help=party)\n"
        "    name = party['name']\n"
        "    st.tabs([text.plain(party), name])\n"
    )
    assert wrong_keys(bad) == ["rows(frame: pl.DataFrame)", "rows(run: )"]
    assert len(markdown_of_unknown_text(bad)) == 4
    tables = ast.parse(
        "def draw(rows):\n"
        "    shown = text.visible_frame(rows)\n"
        "    st.dataframe(shown)\n"
        "    st.dataframe(text.visible_frame(rows), key=KEY)\n"
        "    side.dataframe(rows)\n"
        "    st.dataframe(shown.head())\n"
    )
    assert [each[:6] for each in tables_as_they_are(tables)] == ["line 5", "line 6"]
    good = ast.parse(
        "def draw(party):\n"
        "    name = text.plain(party)\n"
        "    st.title(f'**{name}** of {text.say(KEY, party=party)}')\n"
    )
    assert not markdown_of_unknown_text(good)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_table_shows_the_word_none(path: Path) -> None:
    without = [
        call.lineno
        for name, call in calls(tree_of(path))
        if name == "dataframe" and not {"placeholder", None} & {each.arg for each in call.keywords}
    ]
    assert not without
