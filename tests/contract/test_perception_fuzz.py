"""Damaged rules and networks are read, or refused with a sentence that says where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.perception.onnx_files import fixed
from tests.unit.perception.test_behaviour_file import GOOD, site_of
from tests.unit.perception.test_naming_network import answer, write

from patrol_core.site import SiteError
from patrol_core.site.behaviour_file import LONGEST_S, read_behaviour
from patrol_perception.naming.errors import ModelError
from patrol_perception.naming.network import OnnxDetector

PIECES = ("", " ", "\t", ":", "[", "]", "{", "}", "- ", "\n", "'", '"', "&a ", "*a", "!!", "NaN",
          "1e999", "-1", "kind", "zones: [yard]", "\x00", "é", "#", "|", "null")  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_behaviour_file(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(40):
        text = GOOD
        for _ in range(int(rng.integers(1, 4))):
            start = int(rng.integers(len(text)))
            end = start + int(rng.integers(0, 12))
            text = text[:start] + PIECES[int(rng.integers(len(PIECES)))] + text[end:]
        (tmp_path / "behaviour.yaml").write_text(text, encoding="utf-8")
        try:
            rules = read_behaviour(site_of(tmp_path))
        except SiteError as error:
            refused += 1
            for problem in error.problems:
                assert problem.place is not None and problem.place.file.name == "behaviour.yaml"
                assert problem.expected and problem.remedy
        else:
            assert all(0.0 <= rule.for_s <= LONGEST_S for rule in rules)
    assert refused > 10


def test_a_network_that_ends_too_early(tmp_path: Path) -> None:
    whole = fixed(answer("v8"))
    rng = np.random.default_rng(7)
    for length in rng.integers(0, len(whole), 40).tolist():
        params = write(tmp_path, whole[:length])
        with pytest.raises(ModelError) as caught:
            OnnxDetector(params)
        assert "net.onnx" in str(caught.value) and caught.value.remedy
