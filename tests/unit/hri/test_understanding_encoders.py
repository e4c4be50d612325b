"""Encoders: the transformer against plain loops, n-grams, and the packaged network itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from patrol_core.geometry import FloatArray
from patrol_hri.understanding.encoder import JoinedEncoder
from patrol_hri.understanding.graph import Single
from patrol_hri.understanding.minilm import MiniLmEncoder, Transformer, model_folder
from patrol_hri.understanding.ngrams import NgramEncoder

WIDTH, WIDE, HEADS, WORDS, LAYERS = 6, 10, 2, 11, 2


def small_network() -> dict[str, Single]:
    """Tensors of a BERT with random weights."""
    rng = np.random.default_rng(1)
    shapes = {
        "embeddings.word_embeddings.weight": (WORDS, WIDTH),
        "embeddings.position_embeddings.weight": (8, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
        "embeddings.LayerNorm.weight": (WIDTH,),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{name}attention.{part}.weight"] = (WIDTH, WIDTH)
        shapes[f"{name}attention.output.LayerNorm.weight"] = (WIDTH,)
        shapes[f"{name}intermediate.dense.weight"] = (WIDE, WIDTH)
        shapes[f"{name}output.dense.weight"] = (WIDTH, WIDE)
        shapes[f"{name}output.LayerNorm.weight"] = (WIDTH,)
    for name, shape in list(shapes.items()):
        if "embeddings.weight" not in name:
            shapes[name.replace("weight", "bias")] = shape[:1]
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def by_hand(tensors: dict[str, Single], ids: list[int]) -> FloatArray:
    """The same network by the formulas of the papers, one token after the other."""

    def norm(row: FloatArray, name: str) -> FloatArray:
        spread = math.sqrt(float(np.var(row)) + 1e-12)
        scaled = (row - row.mean()) / spread
        return np.asarray(scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"])

    def dense(row: FloatArray, name: str) -> FloatArray:
        weight = tensors[f"{name}.weight"].astype(float)
        return np.array([float(w @ row) for w in weight]) + tensors[f"{name}.bias"]

    table = {key: value.astype(float) for key, value in tensors.items()}
    rows = [
        norm(
            table["embeddings.word_embeddings.weight"][one]
            + table["embeddings.position_embeddings.weight"][place]
            + table["embeddings.token_type_embeddings.weight"][0],
            "embeddings.LayerNorm",
        )
        for place, one in enumerate(ids)
    ]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        query, key, value = (
            [dense(row, f"{name}attention.self.{part}") for row in rows]
            for part in ("query", "key", "value")
        )
        after = []
        for place, row in enumerate(rows):
            seen = np.zeros(WIDTH)
            for head in range(HEADS):
                part = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
                scale = math.sqrt(WIDTH / HEADS)
                weights = [math.exp(float(query[place][part] @ k[part]) / scale) for k in key]
                for weight, v in zip(weights, value, strict=True):
                    seen[part] += weight / sum(weights) * v[part]
            mixed = row + dense(seen, f"{name}attention.output.dense")
            mixed = norm(mixed, f"{name}attention.output.LayerNorm")
            wide = dense(mixed, f"{name}intermediate.dense")
            wide = np.array([x * 0.5 * (1.0 + math.erf(x / math.sqrt(2.0))) for x in wide])
            fed = mixed + dense(wide, f"{name}output.dense")
            after.append(norm(fed, f"{name}output.LayerNorm"))
        rows = after
    return np.array(rows)


def test_the_transformer_does_what_the_papers_say() -> None:
    tensors = small_network()
    network = Transformer(tensors, heads=HEADS)
    batch = [[1, 4, 9, 2], [3, 3, 0, 10]]
    states = network.run(np.array(batch))
    assert states.dtype == np.float32
    for row, ids in enumerate(batch):
        np.testing.assert_allclose(states[row], by_hand(tensors, ids), atol=2e-5)


@pytest.mark.skipif(model_folder() is None, reason="the packaged network is not installed")
def test_the_packaged_network_knows_what_is_alike() -> None:
    folder = model_folder()
    assert folder is not None
    encoder = MiniLmEncoder(folder)
    sentences = ["where are the toilets", "I need a bathroom", "open the gate", "word " * 500, ""]
    vectors = encoder.encode(sentences)
    assert vectors.shape == (5, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    np.testing.assert_allclose(encoder.encode(sentences[1:2])[0], vectors[1], atol=1e-5)


def test_ngrams_find_the_misspelt_nearer_than_the_unrelated() -> None:
    encoder = NgramEncoder(1024)
    known = ["where is the reception", "please stop now", "der Empfang"]
    encoder.fit(known)
    vectors = encoder.encode(known)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0)
    said = encoder.encode(["were is the recepton", "DÉR EMPFANG"])
    assert (said @ vectors.T).argmax(axis=1).tolist() == [0, 2]
    assert said[1] @ vectors[2] == pytest.approx(1.0)


def test_ngrams_weigh_words_and_pieces_as_told() -> None:
    pair = ["gates", "gate"]  # no word in common, but pieces
    likeness = []
    for of_words in (0.0, 0.4, 1.0):
        encoder = NgramEncoder(4096, of_words)
        encoder.fit(pair)
        one, other = encoder.encode(pair)
        likeness.append(float(one @ other))
    assert likeness[1] == pytest.approx(0.6 * likeness[0]) and likeness[2] == pytest.approx(0.0)


def test_nothing_said_is_like_nothing() -> None:
    assert not NgramEncoder(256).encode(["", "?!"]).any()


def test_joined_vectors_weigh_as_told() -> None:
    first, second = NgramEncoder(256), NgramEncoder(512)
    joined = JoinedEncoder(first, second, 0.75)
    pair = ["open the gate", "the gate is open"]
    joined.fit(pair)
    one, other = first.encode(pair), second.encode(pair)
    both = joined.encode(pair)
    assert both.shape == (2, 768) and joined.name == "n-grams + n-grams"
    assert both[0] @ both[1] == pytest.approx(0.75 * one[0] @ one[1] + 0.25 * other[0] @ other[1])
