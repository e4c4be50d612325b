"""The number of a site's form: `format` in `site.yaml`, 1 where there is none.

It counts what made a program refuse sites that an older one had written; what is only added needs
no new number. It speaks for every file of the folder.
"""

from __future__ import annotations

import yaml

from patrol_core.site.yaml_tree import Problems, Value

KEY = "format"
FORMAT = 2
"""Of this program. 2: checkpoints have no `actions`."""
FIRST = 1


def format_of(root: Value) -> int:
    """The number in a root of `site.yaml`; what is no number counts as the first, and is a
    mistake for whoever reads the document."""
    value = root.peek(KEY)
    if value is None or not value.is_scalar:
        return FIRST
    text = str(value.node.value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else FIRST


def refuse_newer(root: Value, problems: Problems) -> bool:
    """Whether a newer program wrote the site; then that is recorded."""
    found, value = format_of(root), root.peek(KEY)
    if value is None or found <= FORMAT:
        return False
    problems.add(
        value.place,
        f"the site has format {found}, and this program reads format {FORMAT}",
        f"format {FORMAT} or older",
        "use the program that wrote it ('./ronda upgrade'), or there "
        "'./ronda site migrate NAME --undo'",
    )
    return True


def say_older(root: Value, problems: Problems) -> None:
    """Where a site of an older form has mistakes, they may come from that."""
    found = format_of(root)
    if found < FORMAT and problems.found and isinstance(root.node, yaml.MappingNode):
        expected = f"format {FORMAT} for what follows"
        remedy = "'./ronda site migrate NAME --dry-run' shows what would change"
        problems.add(root.place, f"the site has format {found}", expected, remedy)
        problems.found.insert(0, problems.found.pop())
