"""What a launch file says is to run, given its arguments: the processes, fully spelled out.

The rules are those of ROS 2's launch: configurations are those of the scope, a group copies the
scope, an include does not; an argument that has a value keeps it, otherwise it gets its default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from patrol_core.errors import Place
from ronda_cli.launcher.launch_file import Element, LaunchError, read_launch_file
from ronda_cli.launcher.node_arguments import absolute_namespace, parameter_arguments
from ronda_cli.launcher.packages import PackageError, Packages
from ronda_cli.launcher.substitutions import SubstitutionError, expand, split_words

_TRUE, _FALSE = ("true", "1"), ("false", "0")
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process to run. `name` is unique in the launch; `env` comes over the launcher's own.

    `respawn`: start it again when it ends; `required`: its end ends everything.
    """

    name: str
    argv: tuple[str, ...]
    place: Place
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    respawn: bool = False
    respawn_delay_s: float = 0.0
    required: bool = False


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument that a launch file takes. `default` is None where it must be given."""

    name: str
    default: str | None
    description: str


def declared_arguments(path: Path) -> tuple[Argument, ...]:
    """The arguments at the top of a launch file. Raises LaunchError."""
    return tuple(
        Argument(
            child.attributes["name"],
            child.attributes.get("default"),
            child.attributes.get("description", ""),
        )
        for child in read_launch_file(path).all("arg")
    )


def evaluate(
    path: Path,
    arguments: Mapping[str, str],
    packages: Packages,
    environ: Mapping[str, str],
    log_folder: Path = Path("logs"),
) -> tuple[ProcessSpec, ...]:
    """The processes of a launch file, in its order. `log_folder`: this launch's own.

    Raises LaunchError with file and line.
    """
    known = {argument.name for argument in declared_arguments(path)}
    for name in arguments:
        if name not in known:
            raise LaunchError(
                f"there is no argument '{name}'", place=Place(path),
                expected=f"one of {', '.join(sorted(known)) or 'none'}",
            )  # fmt: skip
    scope = _Scope(dict(arguments), dict(environ))
    evaluation = _Evaluation(packages, environ, path.resolve().parent, log_folder)
    evaluation.run(read_launch_file(path), scope, 0)
    return _with_unique_names(evaluation.processes)


@dataclass(slots=True)
class _Scope:
    configurations: dict[str, str]
    environ: dict[str, str]
    namespace: str = ""

    def copy(self) -> _Scope:
        return replace(self, configurations=dict(self.configurations), environ=dict(self.environ))


class _Evaluation:
    """Walks elements; collects processes."""

    def __init__(
        self, packages: Packages, environ: Mapping[str, str], folder: Path, log_folder: Path
    ) -> None:
        self._packages = packages
        self._given = environ
        self._log_folder = log_folder
        self._folder = folder  # of the file that is being read
        self._dirname = folder  # what ROS 2 Jazzy takes for it: that of the last include
        self.processes: list[ProcessSpec] = []
        self._actions: dict[str, Callable[[Element, _Scope, int], None]] = {
            "arg": self._arg,
            "let": self._let,
            "include": self._include,
            "group": self._group,
            "node": self._node,
            "executable": self._executable,
            "set_env": self._set_env,
            "push_ros_namespace": self._push_namespace,
        }

    def run(self, parent: Element, scope: _Scope, depth: int) -> None:
        """Every action in an element, in order."""
        for element in parent.children:
            if self._applies(element, scope):
                self._actions[element.tag](element, scope, depth)

    def _applies(self, element: Element, scope: _Scope) -> bool:
        for name, wanted in (("if", True), ("unless", False)):
            if name in element.attributes and self._flag(element, name, scope) is not wanted:
                return False
        return True

    def _arg(self, element: Element, scope: _Scope, _: int) -> None:
        name = self._text(element, "name", scope)
        if name in scope.configurations:
            return
        if "default" not in element.attributes:
            about = element.attributes.get("description", "no description")
            raise element.fail(f"argument '{name}' is not set ({about})", remedy="give it a value")
        scope.configurations[name] = self._text(element, "default", scope)

    def _let(self, element: Element, scope: _Scope, _: int) -> None:
        name = self._text(element, "name", scope)
        scope.configurations[name] = self._text(element, "value", scope)

    def _include(self, element: Element, scope: _Scope, depth: int) -> None:
        if depth == _DEEPEST:
            raise element.fail("launch files include each other without end")
        path = Path(self._text(element, "file", scope))
        if not path.is_file():
            raise element.fail(f"there is no file {path}", remedy="correct the path")
        for given in element.children:
            self._let(given, scope, depth)
        root = read_launch_file(path)
        outer = self._folder
        self._folder = self._dirname = path.resolve().parent
        self.run(root, scope, depth + 1)
        self._folder = outer

    def _group(self, element: Element, scope: _Scope, depth: int) -> None:
        scoped = "scoped" not in element.attributes or self._flag(element, "scoped", scope)
        self.run(element, scope.copy() if scoped else scope, depth)

    def _set_env(self, element: Element, scope: _Scope, _: int) -> None:
        name = self._text(element, "name", scope)
        scope.environ[name] = self._text(element, "value", scope)

    def _push_namespace(self, element: Element, scope: _Scope, _: int) -> None:
        pushed = self._text(element, "namespace", scope)
        scope.namespace = absolute_namespace(element, scope.namespace, pushed)

    def _node(self, element: Element, scope: _Scope, _: int) -> None:
        package, executable = (self._text(element, name, scope) for name in ("pkg", "exec"))
        try:
            command = self._packages.command(package, executable)
        except PackageError as error:
            raise element.fail(str(error)) from error
        name = self._text(element, "name", scope)
        own = self._text(element, "namespace", scope)
        namespace = absolute_namespace(element, scope.namespace, own)
        ros = [*(("-r", f"__node:={name}") if name else ())]
        ros += [*(("-r", f"__ns:={namespace}") if namespace else ())]
        ros += parameter_arguments(
            element, lambda child, attribute: self._text(child, attribute, scope)
        )
        for remap in element.all("remap"):
            ros += ["-r", ":=".join(self._text(remap, end, scope) for end in ("from", "to"))]
        ros += self._words(element, "ros_args", scope)
        arguments = [*self._words(element, "args", scope), *(["--ros-args", *ros] if ros else [])]
        title = f"{namespace}/{name or executable}".strip("/")
        self._add(element, scope, title, (*command, *arguments))

    def _executable(self, element: Element, scope: _Scope, _: int) -> None:
        argv = self._words(element, "cmd", scope)
        if not argv:
            raise element.fail("the command is empty", "a program and its arguments")
        name = self._text(element, "name", scope) or Path(argv[0]).name
        self._add(element, scope, name, tuple(argv))

    def _add(self, element: Element, scope: _Scope, name: str, argv: tuple[str, ...]) -> None:
        env = {k: v for k, v in scope.environ.items() if self._given.get(k) != v}
        for child in element.all("env"):
            env[self._text(child, "name", scope)] = self._text(child, "value", scope)
        on_exit = self._text(element, "on_exit", scope)
        if on_exit not in ("", "shutdown"):
            raise element.fail(f"on_exit is '{on_exit}'", "shutdown, or nothing")
        respawn = "respawn" in element.attributes and self._flag(element, "respawn", scope)
        delay = self._text(element, "respawn_delay", scope) or "0"
        try:
            delay_s = float(delay)
        except ValueError:
            delay_s = math.nan
        if not 0.0 <= delay_s < math.inf:
            raise element.fail(f"respawn_delay is '{delay}'", "seconds, 0 or more")
        cwd = self._text(element, "cwd", scope)
        self.processes.append(
            ProcessSpec(
                name, argv, element.place, env, Path(cwd) if cwd else None,
                respawn, delay_s, on_exit == "shutdown",
            )
        )  # fmt: skip

    def _words(self, element: Element, attribute: str, scope: _Scope) -> list[str]:
        """The words of a command line; what a substitution gives is not split."""
        raw = element.attributes.get(attribute, "")
        try:
            return [self._expand(element, word, scope) for word in split_words(raw)]
        except ValueError as error:
            raise element.fail(f"{attribute}: {error}", remedy="close the quote") from error

    def _flag(self, element: Element, attribute: str, scope: _Scope) -> bool:
        value = self._text(element, attribute, scope).strip().lower()
        if value not in _TRUE + _FALSE:
            raise element.fail(f"{attribute} is '{value}'", "true, 1, false or 0")
        return value in _TRUE

    def _text(self, element: Element, attribute: str, scope: _Scope) -> str:
        """An attribute with its substitutions made; empty where it is missing."""
        return self._expand(element, element.attributes.get(attribute, ""), scope)

    def _expand(self, element: Element, text: str, scope: _Scope) -> str:
        try:
            return expand(text, lambda name, given: self._substitute(name, given, scope))
        except (SubstitutionError, PackageError) as error:
            raise element.fail(str(error)) from error

    def _substitute(self, name: str, given: Sequence[str], scope: _Scope) -> str:
        counts = _COUNTS.get(name)
        if counts is None:
            known = ", ".join(_COUNTS)
            raise SubstitutionError(f"'$({name})' is not supported; there are {known}")
        if len(given) not in counts:
            raise SubstitutionError(f"'$({name})' has {len(given)} arguments")
        if name == "var":
            if given[0] not in scope.configurations:
                raise SubstitutionError(f"'{given[0]}' is not declared before it is used")
            return scope.configurations[given[0]]
        if name == "env":
            value = scope.environ.get(*given)
            if value is None:
                raise SubstitutionError(f"environment variable '{given[0]}' is not set")
            return value
        if name == "find-pkg-share":
            return str(self._packages.share(given[0]))
        if name == "launch_log_dir":
            return str(self._log_folder.absolute())
        if name == "dirname":
            if self._dirname != self._folder:
                raise SubstitutionError(
                    f"'$(dirname)' comes after an include of {self._dirname}, for which ROS 2 "
                    "Jazzy takes it then; use '$(find-pkg-share)'"
                )
            return str(self._folder)
        return "true" if _LOGIC[name](*given) else "false"


def _equals(left: str, right: str) -> bool:
    """As ROS 2's launch: booleans and numbers by value, else letter by letter."""
    flags = _TRUE + _FALSE
    if left.lower() in flags and right.lower() in flags:
        return (left.lower() in _TRUE) == (right.lower() in _TRUE)
    try:
        return math.isclose(float(left), float(right))
    except ValueError:
        return left == right


def _truth(value: str) -> bool:
    if value.strip().lower() not in _TRUE + _FALSE:
        raise SubstitutionError(f"'{value}' is neither true nor false")
    return value.strip().lower() in _TRUE


_LOGIC: dict[str, Callable[..., bool]] = {
    "equals": _equals,
    "not-equals": lambda left, right: not _equals(left, right),
    "not": lambda value: not _truth(value),
    "and": lambda left, right: _truth(left) & _truth(right),
    "or": lambda left, right: _truth(left) | _truth(right),
}
_COUNTS = {
    "var": (1,), "env": (1, 2), "find-pkg-share": (1,), "dirname": (0,), "launch_log_dir": (0,),
    "equals": (2,), "not-equals": (2,), "not": (1,), "and": (2,), "or": (2,),
}  # fmt: skip


def _with_unique_names(processes: Sequence[ProcessSpec]) -> tuple[ProcessSpec, ...]:
    seen: dict[str, int] = {}
    named = []
    for process in processes:
        count = seen[process.name] = seen.get(process.name, 0) + 1
        name = process.name if count == 1 else f"{process.name}-{count}"
        named.append(replace(process, name=name))
    return tuple(named)
