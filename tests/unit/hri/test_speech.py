from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from patrol_hri.speech import MAX_CHARACTERS, MAX_WAITING, EspeakVoice

LANGUAGES = frozenset({"en", "fr"})


def program(folder: Path, body: str) -> str:
    """An executable that stands in for espeak-ng."""
    file = folder / "espeak-ng"
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def wait_for(text: str, file: Path) -> None:
    end_s = time.monotonic() + 10.0
    while not (file.exists() and text in file.read_text()):
        assert time.monotonic() < end_s, file.read_text() if file.exists() else "nothing said"
        time.sleep(0.01)


def test_lines_go_to_standard_input_in_their_order(tmp_path: Path) -> None:
    said = tmp_path / "said"
    voice = EspeakVoice(LANGUAGES, program(tmp_path, f'echo "$@" >> {said}; cat >> {said}'))
    assert voice.say("--help; $(touch broken)\n", "fr")
    assert voice.say("second " + "x" * 2 * MAX_CHARACTERS, "en")
    wait_for("second", said)
    voice.close()
    words = said.read_text().splitlines()
    assert words[:3] == ["-v fr-fr --stdin", "--help; $(touch broken)", "-v en-gb --stdin"]
    assert len(words[3]) == MAX_CHARACTERS and voice.problem == ""
    assert not voice.say("too late", "en")


def test_without_the_program_it_is_silent_and_says_why() -> None:
    voice = EspeakVoice(LANGUAGES, "espeak-that-is-not-there")
    assert not voice.say("hello", "en") and "not installed" in voice.problem
    voice.close()


@pytest.mark.parametrize("language", ["", "xx", "en; rm -rf /", "--path=/"])
def test_a_language_that_is_none_of_ours_is_not_said(tmp_path: Path, language: str) -> None:
    voice = EspeakVoice(LANGUAGES, program(tmp_path, "cat > /dev/null"))
    assert not voice.say("hello", language)
    voice.close()


def test_who_talks_too_much_is_not_said(tmp_path: Path) -> None:
    started = tmp_path / "started"
    voice = EspeakVoice(LANGUAGES, program(tmp_path, f"echo yes > {started}; exec sleep 30"))
    assert voice.say("long", "en")
    wait_for("yes", started)
    assert [voice.say("more", "en") for _ in range(MAX_WAITING + 2)].count(True) == MAX_WAITING
    voice.close()
    assert not voice._thread.is_alive()


def test_what_goes_wrong_in_it_is_told(tmp_path: Path) -> None:
    voice = EspeakVoice(LANGUAGES, program(tmp_path, "cat > /dev/null; exit 3"))
    voice.say("hello", "en")
    end_s = time.monotonic() + 10.0
    while not voice.problem and time.monotonic() < end_s:
        time.sleep(0.01)
    voice.close()
    assert "status 3" in voice.problem
