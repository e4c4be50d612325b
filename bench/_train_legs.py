"""Makes `walkers/leg_model.yaml` anew: `python bench/_train_legs.py`, half a minute.

Pieces at labelled legs against all pieces of a drive through rooms without people, in those
recordings of Leigh et al. 2015 that serve for choosing (`_people_data.TUNED`).
"""

from __future__ import annotations

import sys

import numpy as np
import yaml
from _bags import Recording, read_recordings
from _people_data import FOLDER, TRAINED_FREE, TRAINED_LEGS
from scipy.optimize import minimize

from patrol_core.geometry import FloatArray, Pose2
from patrol_core.types.sensors import LaserScan
from patrol_perception.look import Look
from patrol_perception.walkers.leg_model import MODEL
from patrol_perception.walkers.legs import Pieces, find_pieces

_REACH_M = 5.5
_AT_LEG_M = 0.1
_UNITS = 16
_SMALL = 1e-4
_SEED = 1000
_DIGITS = 5


def pieces_of(scan: LaserScan) -> Pieces:
    """All pieces of a scan within reach, in the frame of the lidar."""
    with np.errstate(invalid="ignore"):
        beams = np.flatnonzero(scan.hits() & (scan.ranges_m < _REACH_M))
    angles, ranges = scan.angles_rad()[beams], scan.ranges_m[beams].astype(np.float64)
    points = np.column_stack((ranges * np.cos(angles), ranges * np.sin(angles)))
    clearance = np.ones(len(beams), np.float32)
    return find_pieces(
        Look(
            scan.stamp_s, Pose2(0.0, 0.0), scan.ranges_m, scan.angle_min_rad,
            scan.angle_increment_rad, 0.0, True, beams, points, clearance,
        )
    )  # fmt: skip


def legs_of(recording: Recording) -> FloatArray:
    """Features of the pieces at labelled legs."""
    assert recording.legs is not None
    found = []
    for scan, legs in zip(recording.scans, recording.legs, strict=True):
        pieces = pieces_of(scan)
        if legs and len(pieces.sizes):
            away = pieces.middles_m[:, None] - np.array(legs)[None]
            at = np.min(np.hypot(away[..., 0], away[..., 1]), axis=1) < _AT_LEG_M
            found.append(pieces.features[at])
    return np.concatenate(found)


def train(scaled: FloatArray, signs: FloatArray) -> tuple[FloatArray, ...]:
    """Inner weights, their biases, outer weights and bias, by penalised cross entropy.

    `signs` (N,): 1 for legs, -1 for others; both kinds weigh the same in all. No product is left
    to BLAS, whose last bits differ from run to run and would grow over the steps.
    """
    count = scaled.shape[1]
    legs = float(np.sum(signs > 0))
    weights = np.where(signs > 0, 0.5 / legs, 0.5 / (len(signs) - legs))

    def parts(values: FloatArray) -> tuple[FloatArray, ...]:
        inner, rest = np.split(values, [count * _UNITS])
        return inner.reshape(count, _UNITS), rest[:_UNITS], rest[_UNITS:-1], rest[-1]

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        inner, bias, outer, last = parts(values)
        units = np.tanh(np.einsum("nf,fh->nh", scaled, inner) + bias)
        told = signs * (np.einsum("nh,h->n", units, outer) + last)
        slope = -weights * signs / (1.0 + np.exp(told))
        back = np.outer(slope, outer) * (1.0 - units**2)
        penalty = _SMALL * (np.sum(inner**2) + np.sum(outer**2))
        entropy = np.sum(weights * np.logaddexp(0.0, -told))
        slopes = (
            (np.einsum("nf,nh->fh", scaled, back) + 2.0 * _SMALL * inner).ravel(),
            back.sum(axis=0),
            np.einsum("nh,n->h", units, slope) + 2.0 * _SMALL * outer, [slope.sum()],
        )  # fmt: skip
        return float(entropy + penalty), np.concatenate(slopes)

    start = np.random.default_rng(_SEED).normal(0.0, 0.3, count * _UNITS + 2 * _UNITS + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 600})
    return parts(found.x)


def main() -> int:
    legs = np.concatenate(
        [legs_of(r) for name in TRAINED_LEGS for r in read_recordings(FOLDER / name)]
    )
    free = np.concatenate([
        pieces_of(scan).features
        for name, topic in TRAINED_FREE
        for recording in read_recordings(FOLDER / name) if recording.name.endswith(topic)
        for scan in recording.scans
    ])  # fmt: skip
    features = np.concatenate((legs, free))
    mean, scale = features.mean(axis=0), features.std(axis=0)
    signs = np.repeat([1.0, -1.0], [len(legs), len(free)])
    inner, bias, outer, last = train((features - mean) / scale, signs)
    words = ", ".join([*TRAINED_LEGS, *(f"{name} ({topic})" for name, topic in TRAINED_FREE)])
    values = {"mean": mean, "scale": scale, "inner": inner, "inner_bias": bias, "outer": outer}
    document = {
        "reach_m": _REACH_M, "outer_bias": round(float(last), _DIGITS),
        **{name: np.round(array, _DIGITS).tolist() for name, array in values.items()},
    }  # fmt: skip
    said = (
        f"# Made by `python bench/_train_legs.py` from {len(legs)} legs and {len(free)} other "
        f"pieces in\n# {words}.\n"
    )
    MODEL.write_text(
        said + yaml.safe_dump(document, default_flow_style=None, width=98), encoding="utf-8"
    )
    sys.stdout.write(f"{MODEL}: {len(legs)} legs, {len(free)} other pieces\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
