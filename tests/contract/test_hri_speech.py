"""The robot's voice with the real espeak-ng, which here makes no sound."""

from __future__ import annotations

import shutil
import threading

import pytest

from patrol_hri.speech import EspeakVoice

SENTENCES = {
    "en": "Hello, I am a machine.", "de": "Guten Tag, ich bin eine Maschine.",
    "fr": "Bonjour, je suis une machine.", "es": "Hola, soy una máquina.",
    "it": "Buongiorno, sono una macchina.", "nl": "Hallo, ik ben een machine.",
    "ar": "مرحبًا، أنا آلة.", "ja": "こんにちは、私は機械です。",
}  # fmt: skip


@pytest.mark.parametrize("language", SENTENCES)
def test_it_has_a_voice_in_every_language(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("no espeak-ng here")
    done = threading.Event()
    spoken = EspeakVoice._speak

    def speak(voice: EspeakVoice, text: str, code: str) -> None:
        spoken(voice, text, code)
        done.set()

    monkeypatch.setattr(EspeakVoice, "_speak", speak)
    voice = EspeakVoice(frozenset(SENTENCES), options=("-q",))
    assert voice.say(SENTENCES[language], language)
    assert done.wait(20.0)
    assert voice.problem == ""
    voice.close()
