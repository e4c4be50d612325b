"""Small mistakes put into Python source, one at a time, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
}  # fmt: skip
"""The boundary and the opposite of each."""

ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip

NAMES = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
    "all": "any", "argmin": "argmax", "argmax": "argmin", "sin": "cos", "cos": "sin",
    "append": "clear", "popleft": "pop",
}  # fmt: skip

PLAIN = (ast.Name, ast.Attribute, ast.Call)
TEXT = 76

Change = tuple[str, object, "ast.stmt | None"]
"""A field, what is put there, and the statement that is dropped by that, if one is."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: where, what, and the whole source with it in."""

    line: int
    place: str
    what: str
    source: str


def mutants(source: str) -> list[Mutant]:
    """All of them, in order of lines. What only words or types depend on is left alone."""
    tree = ast.parse(source)
    found = []
    for place, node in _nodes(tree):
        before = ast.unparse(node)
        for field, changed, dropped in (*_changes(node), *_drops(node)):
            old = getattr(node, field)
            setattr(node, field, changed)
            if dropped is None:
                line, what = node.lineno, f"{_short(before)} -> {_short(ast.unparse(node))}"
            else:
                line, what = dropped.lineno, f"{_short(ast.unparse(dropped))} -> dropped"
            found.append(Mutant(line, place, what, ast.unparse(tree)))
            setattr(node, field, old)
    return sorted(found, key=lambda mutant: mutant.line)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT else line[: TEXT - 3] + "..."


def _nodes(node: ast.AST, place: str = "") -> Iterator[tuple[str, ast.expr | ast.stmt]]:
    """Every expression and statement that a run depends on, with the function it is in."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list"}:
            continue
        parts = value if isinstance(value, list) else [value]
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "param" and field == "args":
            parts = parts[:1]
        for part in parts:
            if not isinstance(part, ast.AST) or isinstance(part, (ast.JoinedStr, ast.Assert)):
                continue
            inside = place
            if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
                inside = f"{place}.{part.name}".lstrip(".")
            if isinstance(part, (ast.expr, ast.stmt)):
                yield inside, part
            yield from _nodes(part, inside)


def _changes(node: ast.AST) -> Iterator[Change]:
    """What to put into which field of a node."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            for other in COMPARISONS[type(operator)]:
                yield "ops", [*node.ops[:index], other(), *node.ops[index + 1 :]], None
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        yield "op", ARITHMETIC[type(node.op)](), None
    elif isinstance(node, ast.BoolOp):
        yield "op", ast.And() if isinstance(node.op, ast.Or) else ast.Or(), None
    elif isinstance(node, ast.UnaryOp):
        yield "operand", ast.UnaryOp(node.op, node.operand), None
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        yield "value", _other(node.value), None
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield "id", NAMES[node.id], None
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield "attr", NAMES[node.attr], None
    elif isinstance(node, ast.Return) and ast.unparse(node) not in {"return", "return None"}:
        yield "value", ast.Constant(None), None
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and isinstance(node.test, PLAIN):
        yield "test", ast.UnaryOp(ast.Not(), node.test), None


def _other(value: bool | float) -> bool | float:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    return value * 1.3 if value else 1.0


def _drops(node: ast.AST) -> Iterator[Change]:
    """Statements left out: what a body becomes without each."""
    for field in ("body", "orelse"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            for index, statement in enumerate(statements):
                if _can_be_dropped(statement):
                    rest = [*statements[:index], ast.Pass(), *statements[index + 1 :]]
                    yield field, rest, statement


def _can_be_dropped(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assign):
        return any(isinstance(target, ast.Attribute) for target in statement.targets)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call)
    return isinstance(statement, (ast.AugAssign, ast.Raise, ast.Continue))
