"""Finds bare text on its way into a widget: to Textual a `str` is markup, and what was sent to us is no markup."""

import ast
from collections.abc import Iterator
from typing import Final

import textual.widgets

FIELDS: Final = {"Input", "MaskedInput", "TextArea"}
"""Widgets whose value is text and never markup; only their placeholders are looked at."""

WIDGETS: Final = (set(vars(textual.widgets)["__all__"]) | {"Option", "Selection", "Toast", "Tooltip"}) - FIELDS
METHODS: Final = {
    "notify", "update", "add_option", "add_options", "add_row", "add_rows", "add_column", "add_columns", "add_node",
    "add_leaf", "set_label", "set_options", "with_tooltip", "replace_option_prompt", "add_tab", "add_pane",
}  # fmt: skip
WORDS: Final = {
    "content", "renderable", "label", "prompt", "title", "message", "text", "tooltip", "border_title",
    "border_subtitle", "placeholder", "sub_title", "prompt_text",
}  # fmt: skip
"""Parameters that hold what is drawn; all others say how."""

ATTRIBUTES: Final = {"border_title", "border_subtitle", "tooltip", "placeholder", "prompt"}
PLAIN: Final = {"Content", "Text"}
"""What draws text as it is. Their constructors read no markup; of their other makers those of `MAKERS` do not."""

MAKERS: Final = {"assemble", "styled", "blank", "empty", "from_rich_text"}
FORBIDDEN: Final = {"escape": "escape() can be got round", "from_ansi": "from_ansi() obeys escape sequences"}


def bare_texts(source: str) -> list[str]:
    """`line: what is wrong` for each place, in order."""
    tree = ast.parse(source)
    found = {(line, what) for scope in _scopes(tree) for line, what in _of_scope(scope)}
    return [f"{line}: {what}" for line, what in sorted(found)]


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _own(child)


def _of_scope(scope: ast.AST) -> Iterator[tuple[int, str]]:
    known = _plain_names(scope)
    for node in _own(scope):
        if isinstance(node, ast.Call):
            yield from ((node.lineno, what) for what in _of_call(node, known))
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, FORBIDDEN[a.name]) for a in node.names if a.name in FORBIDDEN)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES and not _is_plain(node.value, known):
                    yield node.lineno, f"{target.attr} is given bare text"


def _of_call(node: ast.Call, known: set[str]) -> Iterator[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in FORBIDDEN:
        yield FORBIDDEN[name]
    if name in ("from_markup", "from_text") and not _is_maker(node):
        yield f"{name}() reads markup from something that is no literal"
    if any(one.arg == "markup" and not _is_false(one.value) for one in node.keywords):
        yield "markup is switched on"
    if name in FIELDS:
        yield from (
            f"{name} has a placeholder that is no literal"
            for one in node.keywords
            if one.arg == "placeholder" and not isinstance(one.value, ast.Constant)
        )
    elif (name in WIDGETS and name[:1].isupper()) or (isinstance(node.func, ast.Attribute) and name in METHODS):
        given = [*node.args, *(one.value for one in node.keywords if one.arg in WORDS or one.arg is None)]
        if not all(_is_plain(one, known) for one in given):
            yield f"{name} is given bare text"


def _is_plain(node: ast.expr, known: set[str]) -> bool:
    """Whether it draws as it stands: Content, Text, a number, nothing; a name that is only ever such."""
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, str)
    if isinstance(node, ast.Name):
        return node.id in known
    if isinstance(node, ast.IfExp):
        return _is_plain(node.body, known) and _is_plain(node.orelse, known)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_is_plain(one, known) for one in node.elts)
    if isinstance(node, ast.Starred):
        return _is_plain(node.value, known)
    return isinstance(node, ast.Call) and (_is_maker(node) or _is_option(node))


def _is_option(node: ast.Call) -> bool:
    """An option is looked at where it is made."""
    return isinstance(node.func, ast.Name) and node.func.id in ("Option", "Selection")


def _is_maker(node: ast.Call) -> bool:
    function = node.func
    if isinstance(function, ast.Name):
        return function.id in PLAIN
    if not (
        isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id in PLAIN
    ):
        return False
    if function.attr == "from_markup":  # its own literal is markup, what is put into that is not
        return function.value.id == "Content" and bool(node.args) and isinstance(node.args[0], ast.Constant)
    if function.attr == "from_text":
        return any(one.arg == "markup" and _is_false(one.value) for one in node.keywords)
    return function.attr in MAKERS


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _plain_names(scope: ast.AST) -> set[str]:
    """Names that are only ever plain here: parameters by their annotation, variables by every value they get."""
    plain: set[str] = set()
    spoilt: set[str] = set()
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        for one in (*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs):
            if one.annotation is not None and _only_plain(ast.unparse(one.annotation)):
                plain.add(one.arg)
    for node in _own(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    (plain if _is_plain(node.value, plain - spoilt) else spoilt).add(target.id)
    return plain - spoilt


def _only_plain(annotation: str) -> bool:
    return {part.strip(" \"'") for part in annotation.split("|")} <= PLAIN | {"None", "int", "float"}
