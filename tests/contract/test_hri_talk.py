"""`./ronda talk` from a pipe: the whole dialogue, one line a turn."""

from __future__ import annotations

import subprocess
import sys

from ronda_cli.environment.paths import ROOT


def talk(said: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ronda_cli", "talk", *options], input=said, capture_output=True,
        text=True, check=False, cwd=ROOT,
    )  # fmt: skip


def test_a_conversation_from_a_pipe() -> None:
    told = talk("Find the way\n1\n\nthere is a fire!\nbye\n")
    assert told.returncode == 0, told.stderr
    for words in (
        "I am a machine", "  [1] ", "(source: visitors.yaml:",
        "(the way is drawn in runs/talk/way-",
        "(the operator is alerted: fire: there is a fire!)", "Goodbye", "a new one begins",
    ):  # fmt: skip
        assert words in told.stdout, told.stdout


def test_no_input_is_the_end_and_a_language_that_is_not_spoken_is_said() -> None:
    assert talk("", "--site", "yard").returncode == 0
    told = talk("", "--language", "tlh")
    assert told.returncode == 1 and "unknown language 'tlh'" in told.stderr
