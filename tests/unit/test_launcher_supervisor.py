"""The supervisor with real processes: restarts, refusals, an end without orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patrol_core.errors import Place
from ronda_cli.launcher.evaluate import ProcessSpec
from ronda_cli.launcher.supervisor import EventKind, LaunchEvent, Supervisor

PLACE = Place(Path("test.launch.xml"), 1)


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def shell(name: str, script: str, *, respawn: bool = False, required: bool = False) -> ProcessSpec:
    argv = ("sh", "-c", script)
    return ProcessSpec(name, argv, PLACE, respawn=respawn, respawn_delay_s=1.0, required=required)


@contextmanager
def supervised(
    folder: Path, *specs: ProcessSpec, clock: Callable[[], float] = time.monotonic
) -> Iterator[Supervisor]:
    supervisor = Supervisor(specs, folder, clock)
    try:
        yield supervisor
    finally:
        supervisor.stop()


def poll_until(supervisor: Supervisor, kind: EventKind) -> LaunchEvent:
    for _ in range(1000):
        for event in supervisor.poll():
            if event.kind is kind:
                return event
        time.sleep(0.01)
    raise AssertionError(f"nothing {kind.value}")


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not come")


def test_one_that_dies_is_started_again_later_and_later(tmp_path: Path) -> None:
    clock = Clock()
    with supervised(tmp_path, shell("a", "exit 70", respawn=True), clock=clock) as supervisor:
        delays = []
        for _ in range(7):
            died = poll_until(supervisor, EventKind.DIED)
            delays.append(float(died.message.split()[-2]))
            clock.now_s += delays[-1] - 0.01
            assert supervisor.poll() == []
            clock.now_s += 0.02
            (again,) = supervisor.poll()
            assert again.kind is EventKind.RESTARTED
        assert delays == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
        assert "exit status 70" in died.message
        assert supervisor.restarts == {"a": 7}
        clock.now_s += 31.0
        assert "in 1.0 s" in poll_until(supervisor, EventKind.DIED).message


def test_a_refusal_ends_the_launch_with_its_sentence(tmp_path: Path) -> None:
    specs = (
        shell("a", "echo 'a: the parameter is wrong' >&2; exit 1", respawn=True),
        shell("b", "exec sleep 60"),
    )
    with supervised(tmp_path, *specs) as supervisor:
        refused = poll_until(supervisor, EventKind.REFUSED)
        assert refused.message == "a: the parameter is wrong"
        assert supervisor.outcome == refused
        assert not supervisor.alive
        assert supervisor.poll() == []


def test_a_required_one_ends_the_launch(tmp_path: Path) -> None:
    with supervised(tmp_path, shell("a", "echo why; exit 3", required=True)) as supervisor:
        assert poll_until(supervisor, EventKind.ENDED).message == "a ended with exit status 3: why"
        assert supervisor.outcome is not None


def test_one_that_is_not_respawned_stays_down(tmp_path: Path) -> None:
    with supervised(tmp_path, shell("a", "true")) as supervisor:
        poll_until(supervisor, EventKind.ENDED)
        assert not supervisor.alive and supervisor.outcome is None


def test_a_command_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with supervised(tmp_path, ProcessSpec("a", ("/no/such/program",), PLACE)) as supervisor:
        refused = poll_until(supervisor, EventKind.REFUSED)
        assert refused.message == "cannot run /no/such/program: No such file or directory"


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["heeds", "ignores"])
def test_stopping_takes_children_of_children_along(
    tmp_path: Path, inherited: signal.Handlers
) -> None:
    script = "trap 'echo bye; exit' INT; sleep 60 & echo $! > grandchild; wait"
    spec = ProcessSpec("a", ("sh", "-c", script), PLACE, cwd=tmp_path)
    with supervised(tmp_path, spec) as supervisor:
        before = signal.signal(signal.SIGINT, inherited)
        supervisor.poll()
        signal.signal(signal.SIGINT, before)
        pid = supervisor.pid("a")
        file = tmp_path / "grandchild"
        wait_for(lambda: file.is_file() and file.read_text().strip() != "")
        supervisor.stop()
        assert pid is not None and not is_alive(pid)
        wait_for(lambda: not is_alive(int(file.read_text())))
        assert (tmp_path / "a.log").read_text() == "bye\n"


def test_processes_die_with_a_launcher_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from patrol_core.errors import Place
from ronda_cli.launcher.evaluate import ProcessSpec
from ronda_cli.launcher.supervisor import Supervisor
spec = ProcessSpec("a", ("sh", "-c", "trap '' INT TERM; echo; sleep 60"), Place(Path("x")))
supervisor = Supervisor([spec], Path({str(tmp_path)!r}))
supervisor.poll()
while not Path({str(tmp_path / "a.log")!r}).read_text():
    pass
print(supervisor.pid("a"), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False,
        env=os.environ,
    )  # fmt: skip
    assert done.returncode == -9
    wait_for(lambda: not is_alive(int(done.stdout)))
