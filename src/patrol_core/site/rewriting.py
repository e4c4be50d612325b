"""New values in YAML and JSON texts; every byte of what stays the same stays.

Entries of mappings are known by their keys, and those of lists by an `id` where all have one; they
keep their order, and new ones come last. Comments stay, also those above what is removed.
JSON is read as the flow style of YAML that it is (YAML 1.2, section 1.3).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

Edit = tuple[int, int, str]
"""The text from one index to another gives way to a new one."""
Write = Callable[[Any], str]
"""A value as text in flow style."""
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?\Z")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*\Z|\d{4}-\d{2}-\d{2}\Z")
_NO_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def plain(node: yaml.Node) -> Any:
    """The value of a node as JSON has it; what is no finite number, true or false is a text."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(value) for value in node.value]
    text = str(node.value)
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return text
    if text in ("true", "false"):
        return text == "true"
    if not _NUMBER.match(text) or len(text) > 40 or not math.isfinite(float(text)):
        return text
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def rewritten(text: str, node: yaml.Node, value: Any, write: Write) -> str:
    """The text with a new value of one of its nodes."""
    done, end = [], 0
    for start, stop, new in sorted(_edits(text, node, value, write), key=lambda edit: edit[0]):
        done += [text[end:start], new]
        end = stop
    return "".join((*done, text[end:]))


def write_flow(value: Any) -> str:
    """As a person writes it in YAML: words without quotes where they need none."""
    if isinstance(value, Mapping):
        pairs = (f"{write_flow(str(key))}: {write_flow(one)}" for key, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(write_flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _NO_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)


def end_of(node: yaml.Node) -> int:
    """Where the text of a node ends: the mark of a block is that of what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return end_of(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def _edits(text: str, node: yaml.Node, value: Any, write: Write) -> list[Edit]:
    old = plain(node)
    if old == value and isinstance(old, bool) == isinstance(value, bool):
        return []
    if isinstance(node, yaml.CollectionNode):
        entries = _entries(node, old)
        wanted = _wanted(node, value)
        if entries is not None and wanted is not None and entries.keys() & wanted.keys():
            edits = _of_entries(text, node, entries, wanted, write)
            if edits is not None:
                return edits
    return [(node.start_mark.index, end_of(node), write(value))]


class _Entry:
    """One of a mapping (`key: value`) or of a list; `start` and `end` are those of its text."""

    def __init__(self, start: int, value: yaml.Node) -> None:
        self.start, self.value = start, value
        self.end = end_of(value)


def _entries(node: yaml.CollectionNode, old: Any) -> dict[str, _Entry] | None:
    """By key or id; None where they have none, or not each its own."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(str(key.value), _Entry(key.start_mark.index, one)) for key, one in node.value]
    else:
        ids = [_id_of(one) for one in old]
        pairs = [
            (name, _Entry(one.start_mark.index, one))
            for name, one in zip(ids, node.value, strict=True)
            if name is not None
        ]
    named = dict(pairs)
    return named if len(named) == len(node.value) else None


def _wanted(node: yaml.CollectionNode, value: Any) -> dict[str, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return dict(value) if isinstance(value, Mapping) else None
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    named = {name: one for one in value if (name := _id_of(one)) is not None}
    return named if len(named) == len(value) else None


def _id_of(item: Any) -> str | None:
    """Of an entry of a list; a GeoJSON feature has it in its properties."""
    if not isinstance(item, Mapping):
        return None
    properties = item.get("properties")
    name = properties.get("id") if isinstance(properties, Mapping) else item.get("id")
    return name if isinstance(name, str) else None


def _of_entries(
    text: str, node: yaml.CollectionNode, entries: dict[str, _Entry], wanted: dict[str, Any],
    write: Write,
) -> list[Edit] | None:  # fmt: skip
    """None where the text of an entry cannot be taken out by itself."""
    edits: list[Edit] = []
    names = list(entries)
    kept = [name for name in names if name in wanted]
    for index, (name, entry) in enumerate(entries.items()):
        if name in wanted:
            edits += _edits(text, entry.value, wanted[name], write)
        elif not node.flow_style:
            start = text.rfind("\n", 0, entry.start) + 1
            if text[start : entry.start].strip(" -" if _is_list(node) else " "):
                return None
            edits.append((start, _line_after(text, entry.end), ""))
        elif index < names.index(kept[0]):
            edits.append((entry.start, entries[names[index + 1]].start, ""))
        else:
            edits.append((entries[names[index - 1]].end, entry.end, ""))
    new = {name: value for name, value in wanted.items() if name not in entries}
    if new:
        edits.append(_added(text, node, entries[names[-1]].end, new, write))
    return edits


def _added(
    text: str, node: yaml.CollectionNode, end: int, new: dict[str, Any], write: Write
) -> Edit:
    """New entries behind the last one, whose text ends at `end`."""
    if node.flow_style:
        # Each on a line of its own where the others are.
        first = node.value[0] if _is_list(node) else node.value[0][0]
        start = text.rfind("\n", 0, first.start_mark.index) + 1
        before = text[start : first.start_mark.index]
        gap = ",\n" + before if _is_list(node) and start and not before.strip() else ", "
        return end, end, "".join(gap + one for one in _flow_entries(node, new, write))
    indent = " " * node.start_mark.column
    if _is_list(node):
        entries = [_block_item(value, indent, write) for value in new.values()]
    else:
        entries = [f"{indent}{one}\n" for one in _flow_entries(node, new, write)]
    at = _line_after(text, end)
    lines = "".join(entries)
    return (at, at, lines) if text[at - 1 : at] == "\n" else (at, at, "\n" + lines)


def _flow_entries(node: yaml.CollectionNode, new: dict[str, Any], write: Write) -> list[str]:
    if _is_list(node):
        return [write(value) for value in new.values()]
    return [f"{write(name)}: {write(value)}" for name, value in new.items()]


def _block_item(value: Any, indent: str, write: Write) -> str:
    if not isinstance(value, Mapping) or not value:
        return f"{indent}- {write(value)}\n"
    lines = (f"{write(key)}: {write(one)}\n" for key, one in value.items())
    return f"{indent}- " + f"{indent}  ".join(lines)


def _is_list(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode)


def _line_after(text: str, index: int) -> int:
    """Where the next line begins, or the text ends."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1
