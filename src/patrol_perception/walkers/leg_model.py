"""How much a piece of a scan looks like a person's leg: a small network, trained on recordings.

`leg_model.yaml` has its numbers, and says what they were made from and by which command.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from patrol_core.geometry import FloatArray
from patrol_perception.look import Look
from patrol_perception.walkers.legs import FEATURES, find_pieces

MODEL = Path(__file__).parent / "leg_model.yaml"
UNKNOWN = 0.5
_FEW, _ENOUGH = 2, 6
_DISTANCE = FEATURES.index("distance")


@dataclass(frozen=True, slots=True, eq=False)
class LegModel:
    """A layer of tanh units between features and one logistic output.

    `mean`, `scale` (12,) of the features; `inner` (12, H), `inner_bias` (H,), `outer` (H,).
    `reach_m`: how far off the legs were that it was trained on.
    """

    reach_m: float
    mean: FloatArray
    scale: FloatArray
    inner: FloatArray
    inner_bias: FloatArray
    outer: FloatArray
    outer_bias: float

    @classmethod
    def load(cls) -> LegModel:
        """The one that is shipped."""
        return _shipped()

    def score(self, features: FloatArray) -> FloatArray:
        """Log odds that pieces with these features (P, 12) are legs, as many as not being so."""
        scaled = (features - self.mean) / self.scale
        units = np.tanh(np.einsum("pf,fh->ph", scaled, self.inner) + self.inner_bias)
        return np.asarray(np.einsum("ph,h->p", units, self.outer) + self.outer_bias)

    def likeness(self, look: Look) -> FloatArray:
        """From 0 to 1 for each unexplained return of a look (M,), that of its piece.

        The fewer returns a piece has and the farther off it is, the nearer to 0.5, which is also
        what returns without a piece have.
        """
        pieces = find_pieces(look)
        if not len(pieces.sizes):
            return np.full(len(look.beams), UNKNOWN)
        with np.errstate(over="ignore"):
            leg = 1.0 / (1.0 + np.exp(-self.score(pieces.features)))
        told = np.minimum((pieces.sizes - _FEW) / (_ENOUGH - _FEW), 1.0)
        told *= np.minimum(self.reach_m / pieces.features[:, _DISTANCE], 1.0) ** 2
        leg = UNKNOWN + told * (leg - UNKNOWN)
        return np.where(pieces.labels >= 0, leg[pieces.labels], UNKNOWN)


@cache
def _shipped() -> LegModel:
    values = yaml.safe_load(MODEL.read_text(encoding="utf-8"))
    arrays = {
        name: np.asarray(values[name])
        for name in ("mean", "scale", "inner", "inner_bias", "outer")
    }
    return LegModel(reach_m=values["reach_m"], outer_bias=values["outer_bias"], **arrays)
