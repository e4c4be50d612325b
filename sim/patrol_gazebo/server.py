"""A gzserver of our own, headless, in the folder that `./ronda sim` sets up."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from patrol_gazebo.channel import Channel
from patrol_gazebo.errors import GazeboError

BRIDGE = "usr/lib/ronda/libbridge.so"
"""Where the compiled plugin is in the folder."""
_SERVER = "usr/bin/gzserver"
_CONVERTER = "usr/bin/gz"
_START_WITHIN_S = 60.0
_ANSWER_WITHIN_S = 30.0
_END_WITHIN_S = 5.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class GazeboServer:
    """Runs from the constructor on until `close`; files of the run are gone then.

    Raises GazeboError when the folder is not complete or Gazebo does not start.
    """

    def __init__(self, folder: Path) -> None:
        _check(folder)
        self._folder = folder
        self._own = Path(tempfile.mkdtemp(prefix="ronda-", dir=folder / "tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def convert(self, urdf: str) -> str:
        """The robot as SDF, by Gazebo's own converter."""
        (self._own / "robot.urdf").write_text(urdf, encoding="utf-8")
        words = self._words(_CONVERTER, "sdf", "-p", self._inside("robot.urdf"))
        done = subprocess.run(
            words, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode or "<model" not in done.stdout:
            raise GazeboError(f"Gazebo does not take the robot description: {done.stderr.strip()}")
        return done.stdout

    def start(self, world: str, robots: int) -> Channel:
        """Load a world that has the bridge in it, and meet the bridge."""
        (self._own / "world.sdf").write_text(world, encoding="utf-8")
        ours, theirs = socket.socketpair()
        with (self._own / "log").open("wb") as log, theirs:
            self._process = subprocess.Popen(
                self._words(_SERVER, "--verbose", self._inside("world.sdf")),
                env=self._environment() | {"RONDA_BRIDGE_FD": str(theirs.fileno())},
                pass_fds=[theirs.fileno()], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._link = ours
        ours.settimeout(_START_WITHIN_S)
        try:
            channel = Channel(ours, robots)
        except GazeboError as error:
            raise GazeboError(
                f"Gazebo did not start: {self._last_words()}", remedy="look at what it says"
            ) from error
        ours.settimeout(_ANSWER_WITHIN_S)
        return channel

    def close(self) -> None:
        """End Gazebo and remove the run's files."""
        if self._link is not None:
            self._link.close()
        if self._process is not None:
            try:
                self._process.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
        shutil.rmtree(self._own, ignore_errors=True)

    def _words(self, program: str, *words: str) -> list[str]:
        jail = [sys.executable, "-m", "patrol_gazebo.jail", str(self._folder)]
        return [*jail, f"/{program}", *words]

    def _inside(self, name: str) -> str:
        """A file of this run, as it is called inside the folder."""
        return f"/tmp/{self._own.name}/{name}"  # noqa: S108

    def _environment(self) -> dict[str, str]:
        """What Gazebo and the jail need: no models from elsewhere, everything on loopback."""
        home = f"/tmp/{self._own.name}"  # noqa: S108
        return {
            "PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "GAZEBO_MASTER_URI": "http://127.0.0.1:11345", "GAZEBO_IP": "127.0.0.1",
            "GAZEBO_MODEL_DATABASE_URI": "", "IGN_IP": "127.0.0.1", "ALSOFT_DRIVERS": "null",
        }  # fmt: skip

    def _last_words(self) -> str:
        log = (self._own / "log").read_text(encoding="utf-8", errors="replace")
        log = _COLOURS.sub("", log)
        return " / ".join(line.strip() for line in log.splitlines()[-5:]) or "it says nothing"


def _check(folder: Path) -> None:
    missing = [part for part in (_SERVER, _CONVERTER, BRIDGE) if not (folder / part).is_file()]
    if missing:
        raise GazeboError(
            f"Gazebo Classic is not set up in {folder} ({', '.join(missing)} missing)",
            remedy="./ronda sim --sim gazebo_classic sets it up",
        )
    if os.geteuid() != 0:
        raise GazeboError(
            "Gazebo Classic runs in a folder of its own (chroot), which needs root",
            remedy="run as root, or in a container",
        )
