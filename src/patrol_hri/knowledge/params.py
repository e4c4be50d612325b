"""Parameters of answers about the site."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class PhrasingParams:
    """A local language model that may phrase answers, behind an OpenAI-compatible address."""

    url: str = param("", "Address up to /v1, e.g. http://127.0.0.1:8080/v1; empty: none is asked")
    model: str = param("", "Name of the model, as the server knows it")
    timeout_s: float = param(2.0, "The plain answer is given after this long [s]", 0.1, 30.0)
    anywhere: bool = param(False, "Allow an address that is not this machine's own")


@dataclass(frozen=True, slots=True)
class KnowledgeParams:
    """When an entry of visitors.yaml counts as the answer. Scores are 0 to 1."""

    enough: float = param(0.46, "Least score of an answer", 0.0, 1.0)
    enough_words: float = param(
        0.52, "Least score in a language of which only words are known", 0.0, 1.0
    )
    near: float = param(0.35, "Least score of a question to offer where nothing answers", 0.0, 1.0)
    near_words: float = param(
        0.3, "The same in a language of which only words are known", 0.0, 1.0
    )
    close: float = param(
        0.8, "Least share of the best score, for the second best to answer", 0.0, 1.0
    )
    meaning_low: float = param(0.3, "Cosine of a sentence encoder that counts 0", -1.0, 1.0)
    meaning_high: float = param(0.8, "Cosine of a sentence encoder that counts 1", -1.0, 1.0)
    meaning_share: float = param(0.7, "Share of meaning, beside that of words", 0.0, 1.0)
    unexplained: float = param(
        0.9, "What is taken off meaning by words that an entry does not explain", 0.0, 1.0
    )
    words_alone: float = param(0.6, "What words alone count where there is meaning", 0.0, 1.0)
    llm: PhrasingParams = field(default_factory=PhrasingParams)
