"""The pages for newcomers: what stands in them is typed, word by word, and says what they say.

Blocks are run in their order in a home of their own, in which `~/ronda` is this checkout: `run`
to its end, `start` beside the others until it has said a text, `stop` as by Ctrl-C. `file=NAME`
is written down; every line of `expect` must be among what the last run has said, but for spaces;
"..." is anything.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("rclpy")

from ronda_cli.environment.paths import ROOT

PAGES = (
    "FIRST_TEN_MINUTES", "YOUR_ROBOT", "YOUR_SITE", "YOUR_DETECTOR", "YOUR_MOTOR_CONTROLLER",
)  # fmt: skip
PATIENCE_S = 240.0
_BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """`words`: what stands behind the language, `run` among them or `file=NAME`."""

    line: int
    words: dict[str, str]
    text: str


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found = []
    for match in _BLOCK.finditer(text):
        words = dict(word.partition("=")[::2] for word in shlex.split(match[2]))
        found.append(Block(text.count("\n", 0, match.start()) + 1, words, match[3]))
    return found


class Reader:
    """Somebody who types a page."""

    def __init__(self, home: Path, domain: int) -> None:
        (home / "ronda").symlink_to(ROOT)
        self.home, self.folder = home, home / "lab"
        self.folder.mkdir()
        ours = ("RONDA_PARAMS", "PYTHONPATH", "RONDA_CHECKOUT")
        self.env = {name: value for name, value in os.environ.items() if name not in ours}
        self.env |= {"HOME": str(home), "RONDA": str(home / "ronda"), "ROS_DOMAIN_ID": str(domain)}
        self.said = ""
        self.started: subprocess.Popen[str] | None = None

    def take(self, block: Block) -> None:
        if "file" in block.words:
            file = self.folder / block.words["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif "run" in block.words:
            self.run(block.text)
        elif "start" in block.words:
            self.start(block.text, block.words["until"])
        elif "stop" in block.words:
            self.stop()
        elif "expect" in block.words:
            said = re.sub(r"[ \t]+", " ", self.said)
            for line in block.text.splitlines():
                parts = (re.escape(part.strip()) for part in line.split("..."))
                assert re.search(r".*?".join(parts), said), f"{line!r} in:\n{self.said}"

    def run(self, text: str) -> None:
        """One shell for the whole page, as far as its folder and its variables go."""
        keep = f'status=$?; pwd >"{self.home}/.pwd"; export -p >"{self.home}/.env"; exit $status'
        before = f'[ ! -f "{self.home}/.env" ] || . "{self.home}/.env"'
        script = f"{before}\ntrap '{keep}' EXIT\nset -e\n{text}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.env, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S,
        )  # fmt: skip
        self.said = done.stdout
        assert done.returncode == 0, f"{text}\n{self.said}"
        self.folder = Path((self.home / ".pwd").read_text().strip())

    def start(self, text: str, until: str) -> None:
        script = f'[ ! -f "{self.home}/.env" ] || . "{self.home}/.env"\nexec {text}'
        log = self.home / "started.log"
        with log.open("w") as out:
            self.started = subprocess.Popen(
                ["bash", "-c", script], cwd=self.folder, env=self.env, text=True,
                stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        end_s = time.monotonic() + PATIENCE_S
        while until not in log.read_text():
            assert self.started.poll() is None and time.monotonic() < end_s, log.read_text()
            time.sleep(0.2)

    def stop(self) -> None:
        """Harmless where nothing was started."""
        started, self.started = self.started, None
        if started is not None:
            started.send_signal(signal.SIGINT)
            started.wait(timeout=PATIENCE_S)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path, os.getpid() % 50 + 40)
    yield made
    made.stop()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page: str, reader: Reader) -> None:
    blocks = blocks_of(page)
    assert any("run" in block.words for block in blocks)
    for block in blocks:
        try:
            reader.take(block)
        except AssertionError as error:
            raise AssertionError(f"docs/{page}.md, line {block.line}: {error}") from None
