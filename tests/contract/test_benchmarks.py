"""Every benchmark explains itself, has the common options, and answers in the common form."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ronda_cli.environment.paths import ROOT

BENCHMARKS = sorted((ROOT / "bench").glob("[a-z]*.py"))


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def name_of(script: Path) -> str:
    return script.stem.strip("_").replace("_", "-")


@pytest.fixture(scope="module")
def explained() -> dict[str, subprocess.CompletedProcess[str]]:
    """What each says of itself; as many at once as there are cores."""
    names = [name_of(script) for script in BENCHMARKS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = pool.map(lambda name: run("-m", "ronda_cli", "bench", name, "--help"), names)
        return dict(zip(names, told, strict=True))


@pytest.mark.parametrize("script", BENCHMARKS, ids=lambda path: path.stem)
def test_it_explains_itself(
    script: Path, explained: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    name = name_of(script)
    told = explained[name]
    assert told.returncode == 0, told.stderr
    for words in (f"./ronda bench {name}", "--quick", "--json", "--out"):
        assert words in told.stdout


def test_what_there_is_not_is_said_beside_what_there_is() -> None:
    told = run("-m", "ronda_cli", "bench", "nope")
    assert told.returncode == 1
    assert "no benchmark 'nope'" in told.stderr and "left-object" in told.stdout


def test_the_answer_as_json_has_the_common_form(tmp_path: Path) -> None:
    picture = tmp_path / "new" / "loop.png"
    words = (ROOT / "bench" / "loop.py", "--site", "yard", "--seconds", "2", "--out", picture)
    told = run(*words, "--json")
    assert told.returncode == 0, told.stderr
    document = json.loads(told.stdout)
    assert document["bench"] == "loop" and document["seconds"] > 0.0
    for row in document["rows"]:
        assert set(row) == {"what", "value", "unit", "goal", "better", "holds"}
    assert picture.stat().st_size > 5000
