"""Asks Gazebo to put models into a world, to move them and to take them out: a process of its own.

`Node.request` of gz-transport 13 in Python keeps the interpreter's lock while it waits, and its
answer comes on the thread that also calls back for messages (NodeShared::RunReceptionTask). In a
process that listens, each would wait for the other. So this one does not listen.

Orders come as lines of JSON on stdin; the first that fails ends it, with the reason on stderr and
status 1. Where several moves wait, they are one, and the newest counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from patrol_core.geometry import Transform3
from patrol_sim.harmonic.gazebo_types import GazeboMissingError, fill, message, transport_node
from patrol_sim.harmonic.scene import Spawn

TIMEOUT_MS = 5000
_CHUNK_BYTES = 1 << 16


class Commander:
    """The other end: writes orders, and notices when they are no longer carried out."""

    def __init__(self, world: str, command: tuple[str, ...] = ()) -> None:
        argv = command or (sys.executable, "-m", "patrol_sim.harmonic.commander")
        self._process = subprocess.Popen([*argv, world], stdin=subprocess.PIPE, text=True)

    def spawn(self, model: Spawn) -> None:
        """Put a model into the world. This, and the others, raise GazeboMissingError."""
        self._order({"spawn": model.name, "sdf": model.sdf, "at": _numbers(model.pose)})

    def remove(self, model: str) -> None:
        """Take a model out of the world."""
        self._order({"remove": model})

    def move(self, poses: Mapping[str, Transform3]) -> None:
        """Put models somewhere else, all at once."""
        if poses:
            self._order({"move": {name: _numbers(pose) for name, pose in poses.items()}})

    def check(self) -> None:
        """Raises GazeboMissingError where an order has failed."""
        if self._process.poll() is not None:
            raise GazeboMissingError(
                "Gazebo did not do what the scenario needs",
                remedy="look above for what it refused, and into Gazebo's log",
            )

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.terminate()
        self._process.wait()

    def _order(self, order: dict[str, Any]) -> None:
        self.check()
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.wait()
            self.check()


class Doer:
    """Carries orders out in a running Gazebo. Raises GazeboMissingError."""

    def __init__(self, world: str) -> None:
        self._node = transport_node()
        self._world = f"/world/{world}"
        self._boolean = message("boolean", "Boolean")
        self._entity = message("entity", "Entity")
        self._factory = message("entity_factory", "EntityFactory")
        self._poses = message("pose_v", "Pose_V")

    def do(self, order: Mapping[str, Any]) -> None:
        """One order."""
        if "spawn" in order:
            request = self._factory(name=order["spawn"], sdf=order["sdf"])
            fill(request.pose, _transform(order["at"]))
            self._ask("create", request, self._factory)
        elif "remove" in order:
            request = self._entity(name=order["remove"], type=self._entity.MODEL)
            self._ask("remove", request, self._entity)
        else:
            request = self._poses()
            for name, numbers in order["move"].items():
                fill(request.pose.add(name=name), _transform(numbers))
            self._ask("set_pose_vector", request, self._poses)

    def _ask(self, service: str, request: Any, kind: Any) -> None:
        name = f"{self._world}/{service}"
        answered, reply = self._node.request(name, request, kind, self._boolean, TIMEOUT_MS)
        if not answered:
            raise GazeboMissingError(f"Gazebo does not answer '{name}'")
        if not reply.data:
            raise GazeboMissingError(f"Gazebo refuses '{name}'")


def orders(read: Callable[[], bytes]) -> Iterator[dict[str, Any]]:
    """Orders from lines; moves that come together are one. `read`: the next bytes, b"" at last."""
    rest = b""
    while chunk := read():
        *lines, rest = (rest + chunk).split(b"\n")
        moved: dict[str, Any] = {}
        for line in lines:
            order = json.loads(line)
            if "move" in order:
                moved |= order["move"]
                continue
            if moved:
                yield {"move": moved}
                moved = {}
            yield order
        if moved:
            yield {"move": moved}


def _numbers(pose: Transform3) -> list[float]:
    return [*pose.translation_m, *pose.rotation_xyzw]


def _transform(numbers: list[float]) -> Transform3:
    x, y, z, *turn = numbers
    return Transform3((x, y, z), (turn[0], turn[1], turn[2], turn[3]))


def main() -> None:
    """Carry out what stdin says until it ends (status 0) or something fails (1)."""
    try:
        doer = Doer(sys.argv[1])
        for order in orders(lambda: os.read(sys.stdin.fileno(), _CHUNK_BYTES)):
            doer.do(order)
    except GazeboMissingError as error:
        sys.stderr.write(f"commander: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
