"""Whole conversations on the depot with all the real parts (`dialogues.yaml`)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.mind import Mind, Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.reception import Reception
from patrol_hri.statements.store import StatementStore
from patrol_hri.wayfinding import WayFinder
from ronda_cli.environment.paths import ROOT

FILE = Path(__file__).with_name("dialogues.yaml")
DIALOGUES: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mind(tmp_path_factory: pytest.TempPathFactory) -> Mind:
    site = load_site(ROOT / "sites" / "depot")
    folder = tmp_path_factory.mktemp("statements")
    store = StatementStore.open(folder, folder / "key", site.retention.statements_days)
    return make_mind(site, WayFinder(site), store)


def opening_of(mind: Mind, language: str, key: str) -> str:
    """What a text begins with, as far as no value stands in it."""
    return mind.languages[language].texts[key].partition("{")[0].strip()


@pytest.mark.parametrize("name", DIALOGUES)
def test_a_conversation(mind: Mind, name: str) -> None:
    ids = (f"talk{number}" for number in itertools.count())
    reception = Reception(
        mind, DialogueParams(), lambda: next(ids), Memory(None, 1, site_date("UTC"))
    )
    reception.set_surroundings(Surroundings(Pose2(-26.0, -29.0), can_guide=True))
    session = reception.open("replay", 0.0, "en")
    for number, turn in enumerate(DIALOGUES[name], 1):
        reply = reception.hear(session, turn["visitor"], 10.0 * number)
        said = f"{turn['visitor']!r} -> {reply.text!r} ({reply.intent.value})"
        language = turn.get("language", "en")
        assert reply.language == language, said
        if "robot" in turn:
            assert opening_of(mind, language, turn["robot"]) in reply.text, said
        assert [act.kind.value for act in reply.acts] == (
            [turn["act"]] if "act" in turn else []
        ), said
        assert turn.get("source", "") in reply.source, said
        if "way" in turn:
            assert reply.way is not None and reply.way.place_id == turn["way"], said
