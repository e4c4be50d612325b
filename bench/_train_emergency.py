"""Makes `languages/cries.npz` anew: `python bench/_train_emergency.py [CLINC.json]`, a minute.

Emergencies: those of bench/emergency/development.yaml, and phrases of the detector's lists drawn
with other words in between. Others: what visitors and the robot say, harmless.yaml beside it, the
lists' harmless phrases, words drawn at random, and the training sentences of CLINC150 (S. Larson
et al., EMNLP 2019; CC BY 3.0); nothing is learnt from its other parts. Both garbled by mistakes of
this file's own, not by those that `./ronda bench emergency` makes, and without any phrase of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from patrol_core.geometry import FloatArray
from patrol_hri.languages.catalogue import Language, load_languages
from patrol_hri.languages.cries import BITS, MODEL, groups
from patrol_hri.languages.folding import fold
from ronda_cli.environment.paths import ROOT

FOLDER = Path(__file__).parent / "emergency"
CLINC = ROOT.parent / "shared" / "data" / "clinc150" / "clinc150_train_val.json"
SOUNDS = (
    "aeiou", "aeiou", "iye", "ouw", "bpvfw", "dt", "gkcqj", "szcx", "mn", "lr",
    "اىةه", "تط", "سص", "دضذظ", "قكغ", "حهخ", "أاإآ", "ويى",
    "あおわは", "いえり", "うつす", "かがけ", "きぎし", "くぐ", "たてと", "なのん", "まも",
)  # fmt: skip
"""Letters that are taken for one another."""
_SEED = 1000
_SMALL = 5e-7
_DRAWN, _GARBLED, _OFTEN = 15, 12, 4
_LEVELS = 127
_PLACEHOLDER = re.compile(r"\{[^}]*\}")

Rng = np.random.Generator


def read_sentences(name: str) -> dict[str, list[str]]:
    """Those of a file of bench/emergency, by language code."""
    return dict(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8")))


def _pick(some: Sequence[str], rng: Rng) -> str:
    return some[int(rng.integers(len(some)))]


def _slip(text: str, letters: str, rng: Rng) -> str:
    """One letter dropped, doubled with another, swapped, replaced, or taken for one like it."""
    at = int(rng.integers(len(text)))
    if text[at] == " ":
        return text
    kind = int(rng.integers(7))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + _pick(letters, rng) + text[at:]
    if kind == 2:
        return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]
    if kind == 3:
        return text[:at] + _pick(letters, rng) + text[at + 1 :]
    near = [sounds for sounds in SOUNDS if text[at] in sounds]
    return text[:at] + _pick(_pick(near, rng), rng) + text[at + 1 :] if near else text


def garbled(text: str, language: Language, rng: Rng) -> str:
    """The sentence, folded, with other words around it, slips, missing words or spaces."""
    space = "" if language.script == "japanese" else " "
    fillers = " ".join(language.fillers).split()
    text = fold(text).strip()
    letters = text.replace(" ", "") or "a"
    if rng.random() < 0.35:
        before = [_pick(fillers, rng) for _ in range(int(rng.integers(0, 4)))]
        after = [_pick(fillers, rng) for _ in range(int(rng.integers(0, 4)))]
        text = fold(space.join((*before, text, *after)))
    words = text.split()
    if rng.random() < 0.15 and len(words) > 3:
        del words[int(rng.integers(len(words)))]
    text = " ".join(words)
    if rng.random() < 0.7:
        for _ in range(int(rng.integers(1, 2 + len(text) // 12))):
            text = _slip(text, letters, rng) or text
    if rng.random() < 0.3:
        lost = rng.random()
        text = "".join(one for one in text if one != " " or rng.random() > lost)
    return text


def drawn(phrase: str, language: Language, rng: Rng) -> str:
    """One of the sentences that a phrase of the lists stands for, with some words in between."""
    space = "" if language.script == "japanese" else " "
    common = language.words[:80] or ("",)
    said: list[str] = []
    for part in phrase.lstrip("=*").split():
        if said and not phrase.startswith("=") and rng.random() < 0.5:
            said += [_pick(common, rng) for _ in range(int(rng.integers(1, 3)))] if space else []
        said.append(_pick(part.split("|"), rng))
    if space and not phrase.startswith("=") and rng.random() < 0.5:
        said.insert(0, _pick(common, rng))
    return space.join(said)


def salad(language: Language, rng: Rng) -> str:
    """Words at random."""
    if language.script == "japanese":
        examples = [text for some in language.examples.values() for text in some]
        return _pick(examples, rng) + _pick(examples, rng)
    words = [*language.words, *" ".join(language.ordinary).split()]
    return " ".join(_pick(words, rng) for _ in range(int(rng.integers(2, 10))))


def samples(
    languages: Mapping[str, Language],
    told: Mapping[str, Sequence[str]],
    harmless: Mapping[str, Sequence[str]],
    rng: Rng,
) -> tuple[list[str], list[bool]]:
    """Sentences to learn from, and which are emergencies."""
    texts: list[str] = []
    signs: list[bool] = []

    def add(some: Iterable[str], sign: bool) -> None:
        for text in some:
            if text:
                texts.append(text)
                signs.append(sign)

    for code, one in languages.items():
        for text in told[code]:
            add([text], True)
            add((garbled(text, one, rng) for _ in range(_GARBLED)), True)
        for phrase in (phrase for some in one.emergency.values() for phrase in some):
            for _ in range(_DRAWN):
                text = drawn(phrase, one, rng)
                add([text if rng.random() < 0.3 else garbled(text, one, rng)], True)
        for phrase in one.harmless:
            for _ in range(_DRAWN):
                text = drawn(phrase, one, rng)
                add([text if rng.random() < 0.3 else garbled(text, one, rng)], False)
        said = [text for some in one.examples.values() for text in some]
        said += [_PLACEHOLDER.sub("", text) for text in one.texts.values()]
        for text in (*said, *harmless[code], *harmless[code]):
            add([text] * 3 * _OFTEN, False)
            add((garbled(text, one, rng) for _ in range(_OFTEN)), False)
        for _ in range(1500):
            text = salad(one, rng)
            add([text if rng.random() < 0.5 else garbled(text, one, rng)], False)
    return texts, signs


def table(texts: Sequence[str]) -> csr_matrix:
    """A row for each text."""
    rows = [groups(text) for text in texts]
    sizes = np.array([len(row) for row in rows])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    values = np.repeat(1.0 / np.sqrt(np.maximum(sizes, 1)), sizes)
    return csr_matrix((values, np.concatenate(rows), starts), shape=(len(texts), 2**BITS))


def fit(rows: csr_matrix, signs: npt.NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """Weights and bias, by penalised cross entropy."""
    sign = np.where(signs, 1.0, -1.0)
    share = np.where(signs, 0.5 / signs.sum(), 0.5 / (~signs).sum())

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        weights, bias = values[:-1], values[-1]
        margins = sign * (rows @ weights + bias)
        slope = -sign * share / (1.0 + np.exp(np.clip(margins, -50, 50)))
        cost = float(share @ np.logaddexp(0.0, -margins) + _SMALL * weights @ weights)
        return cost, np.append(rows.T @ slope + 2.0 * _SMALL * weights, slope.sum())

    start = np.zeros(rows.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return found.x[:-1], float(found.x[-1])


def main() -> int:
    clinc = Path(sys.argv[1]) if len(sys.argv) > 1 else CLINC
    ordinary = [text for text, _ in json.loads(clinc.read_text(encoding="utf-8"))["train"]]
    texts, signs = samples(
        load_languages(), read_sentences("development.yaml"), read_sentences("harmless.yaml"),
        np.random.default_rng(_SEED),
    )  # fmt: skip
    texts += ordinary
    signs += [False] * len(ordinary)
    weights, bias = fit(table(texts), np.array(signs))
    unit = float(np.abs(weights).max()) / _LEVELS
    np.savez_compressed(
        MODEL, weights=np.rint(weights / unit).astype(np.int8), unit=unit, bias=bias
    )
    print(f"{MODEL}: {len(texts)} sentences, {sum(signs)} of them emergencies")
    return 0


if __name__ == "__main__":
    sys.exit(main())
