"""A node's ROS arguments: namespace and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from ronda_cli.launcher.launch_file import Element

Text = Callable[[Element, str], str]
"""The value of an element's attribute, with its substitutions made."""

_TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}
_NAMESPACE = re.compile(r"(/[A-Za-z_][A-Za-z0-9_]*)+")


def absolute_namespace(element: Element, outer: str, inner: str) -> str:
    """`inner` below `outer`, unless it is absolute itself; empty for the root."""
    joined = inner if inner.startswith("/") else f"{outer}/{inner}"
    namespace = joined.rstrip("/")
    if namespace and not _NAMESPACE.fullmatch(namespace):
        raise element.fail(
            f"'{inner}' is not a namespace", "letters, digits and _, not beginning with a digit"
        )
    return namespace


def parameter_arguments(node: Element, text: Text) -> list[str]:
    """`--params-file` and `-p`, in the order of the node's parameters: a later one wins."""
    arguments: list[str] = []
    for param in node.all("param"):
        if "from" in param.attributes:
            path = Path(text(param, "from"))
            if not path.is_file():
                raise param.fail(f"there is no file {path}", remedy="correct the path")
            arguments += ["--params-file", str(path)]
        else:
            for name, value in _values(param, "", text):
                arguments += ["-p", f"{name}:={json.dumps(value, ensure_ascii=False)}"]
    return arguments


def _values(param: Element, prefix: str, text: Text) -> Iterator[tuple[str, Any]]:
    name = prefix + text(param, "name")
    for child in param.children:
        if "from" in child.attributes:
            raise child.fail("a file cannot stand in a group", "name and value")
        yield from _values(child, f"{name}.", text)
    if "value" in param.attributes:
        yield name, _typed(param, text(param, "value"), text(param, "type"))


def _typed(param: Element, value: str, kind: str) -> Any:
    """The value as the type says; without one, as YAML reads it."""
    if kind and kind not in _TYPES:
        raise param.fail(f"type '{kind}' is not supported", f"only {', '.join(_TYPES)}")
    if kind == "str":
        return value
    try:
        read = yaml.safe_load(value)
    except yaml.YAMLError:
        read = value if not kind else None
    if kind == "float" and isinstance(read, int) and not isinstance(read, bool):
        return float(read)
    if kind and type(read) is not _TYPES[kind]:
        raise param.fail(f"'{value}' is not of type {kind}", remedy="correct the value")
    is_plain = isinstance(read, (bool, int, float, str, list))
    return read if is_plain else value
