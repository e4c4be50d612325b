"""Reads a launch file into elements that know their line; what is not in the subset is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from patrol_core.errors import ConfigError, Place


class LaunchError(ConfigError):
    """A launch file is wrong, or an argument that was given to it."""


@dataclass(slots=True)
class Element:
    """One XML element of a launch file."""

    tag: str
    attributes: dict[str, str]
    place: Place
    children: list[Element] = field(default_factory=list)

    def fail(self, problem: str, expected: str = "", remedy: str = "") -> LaunchError:
        """The error to raise about this element."""
        return LaunchError(
            f"<{self.tag}>: {problem}", place=self.place, expected=expected, remedy=remedy
        )

    def all(self, tag: str) -> list[Element]:
        return [child for child in self.children if child.tag == tag]


@dataclass(frozen=True, slots=True)
class _Rule:
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    children: tuple[str, ...] = ()


_WHEN = ("if", "unless")
_RUN = ("name", "cwd", "output", "respawn", "respawn_delay", "on_exit", *_WHEN)
_ACTIONS = (
    "arg", "let", "include", "group", "node", "executable", "set_env", "push_ros_namespace",
)  # fmt: skip
_RULES = {
    "launch": _Rule(optional=("version",), children=_ACTIONS),
    "arg": _Rule(("name",), ("default", "description", *_WHEN)),
    "let": _Rule(("name", "value"), _WHEN),
    "include": _Rule(("file",), _WHEN, ("arg",)),
    "group": _Rule((), ("scoped", *_WHEN), _ACTIONS),
    "node": _Rule(
        ("pkg", "exec"), ("namespace", "args", "ros_args", *_RUN), ("param", "remap", "env")
    ),
    "executable": _Rule(("cmd",), _RUN, ("env",)),
    "set_env": _Rule(("name", "value"), _WHEN),
    "push_ros_namespace": _Rule(("namespace",), _WHEN),
    "param": _Rule((), ("name", "value", "type", "from"), ("param",)),
    "remap": _Rule(("from", "to")),
    "env": _Rule(("name", "value")),
    "arg in include": _Rule(("name", "value")),
}


def read_launch_file(path: Path) -> Element:
    """The root of a launch file of which every element and attribute is in the subset.

    Raises LaunchError with file and line when it is not, or when it cannot be read.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise LaunchError(
            f"cannot read the launch file: {error.strerror}",
            place=Place(path),
            remedy="check the path; `launch/` holds those of Ronda",
        ) from error
    root = _parse(text, path)
    if root.tag != "launch":
        raise root.fail("not a launch file", "<launch> as the outermost element")
    _check(root, "launch")
    return root


def _parse(text: bytes, path: Path) -> Element:
    parser = expat.ParserCreate()
    root: list[Element] = []
    stack: list[Element] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        element = Element(tag, attributes, Place(path, parser.CurrentLineNumber))
        (stack[-1].children if stack else root).append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        if data.strip():
            raise LaunchError(
                f"text {data.strip()[:20]!r} between the elements",
                place=Place(path, parser.CurrentLineNumber),
                remedy="remove it",
            )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise LaunchError(
            f"not well-formed XML: {expat.errors.messages[error.code]}",
            place=Place(path, error.lineno),
            remedy="close every element that was opened, and escape &, < and >",
        ) from error
    return root[0]


def _check(element: Element, rule_name: str) -> None:
    rule = _RULES[rule_name]
    for name in element.attributes:
        if name not in rule.required + rule.optional:
            known = ", ".join((*rule.required, *rule.optional))
            raise element.fail(f"attribute '{name}' is not supported", f"only {known}")
    for name in rule.required:
        if name not in element.attributes:
            raise element.fail(f"attribute '{name}' is missing", remedy=f'add {name}="..."')
    if element.attributes.keys() >= set(_WHEN):
        raise element.fail("has both if and unless", remedy="keep one of them")
    for child in element.children:
        if child.tag not in rule.children:
            known = ", ".join(rule.children) or "nothing"
            raise child.fail(f"not supported inside <{element.tag}>", f"only {known}")
        is_given = element.tag == "include" and child.tag == "arg"
        _check(child, "arg in include" if is_given else child.tag)
    if element.tag == "param":
        _check_param(element)
    if element.tag == "node":
        _check_files_come_first(element)


def _check_param(element: Element) -> None:
    given = element.attributes.keys() - {"type"} | {"param" for _ in element.children[:1]}
    if given not in ({"name", "value"}, {"name", "param"}, {"from"}):
        raise element.fail("says too little or too much", "name and value; name and <param>; from")


def _check_files_come_first(node: Element) -> None:
    """ROS 2's launch gives values by the node's full name, which wins over a file's `/**`."""
    params = node.all("param")
    from_files = ["from" in param.attributes for param in params]
    if from_files != sorted(from_files, reverse=True):
        late = params[len(from_files) - 1 - from_files[::-1].index(True)]
        raise late.fail("a file comes after a value", remedy="put files before values")
