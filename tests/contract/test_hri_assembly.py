"""The visitors' process is built whole, and goes on without what cannot be had."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from patrol_core.component import ProcessContext
from patrol_core.robot import load_robot
from patrol_core.site import load_site
from patrol_hri.assembly import build
from patrol_hri.attendant import Attendant
from patrol_hri.intents import Intent
from patrol_hri.params import VisitorsParams
from patrol_hri.statements.params import StoreParams
from ronda_cli.environment.paths import ROOT


def test_without_the_key_of_its_statements_it_says_so_and_takes_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key_file = tmp_path / "statements.key"
    key_file.write_bytes(b"too short")
    key_file.chmod(0o600)
    context = ProcessContext(
        load_site(ROOT / "sites" / "yard"), load_robot(ROOT / "urdf" / "config" / "rover.yaml"),
        tmp_path / "run",
    )  # fmt: skip
    params = VisitorsParams(statements=StoreParams(str(tmp_path / "kept"), str(key_file)))
    attendant = build(context, params)[1]
    assert isinstance(attendant, Attendant)
    with caplog.at_level(logging.WARNING):
        reception = attendant.reception()
    assert "no statements are taken" in caplog.text and str(key_file) in caplog.text
    session = reception.open("kiosk", 0.0, "en")
    reply = reception.hear(session, "I want to make a statement", 1.0)
    assert reply.intent is Intent.STATEMENT and "cannot take statements" in reply.text
    assert not (tmp_path / "kept").exists()
