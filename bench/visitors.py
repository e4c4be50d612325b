"""Do the built-in intents hold for what visitors say, in eight languages?

Sentences of `bench/visitors/test.yaml`, frozen before the thresholds were chosen (on
development.yaml) and written apart from the packaged examples. A sentence in scope is right when
its intent is, one out of scope when it is UNKNOWN. With the packaged MiniLM, which serves English
alone, and without.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser

from patrol_core.errors import ConfigError, Place, RondaError
from patrol_core.yaml_file import load_yaml
from patrol_hri.intents import Intent
from patrol_hri.languages.catalogue import load_languages
from patrol_hri.languages.recognition import LanguageRecognizer
from patrol_hri.understanding.minilm import PACKAGE, model_folder
from patrol_hri.understanding.params import UnderstandingParams
from patrol_hri.understanding.understander import Understander
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

FILE = ROOT / "bench" / "visitors" / "test.yaml"
OURS, LIGHT = "MiniLM + n-grams", "n-grams"
COLOURS = {OURS: "#0b6bcb", LIGHT: "#2a9d6f"}
BARS = {
    "in scope, right": "#0b6bcb",
    "out of scope, refused": "#8593a3",
    "in scope, taken for another": "#c8321f",
}
NOT_DRAWN = ("ar", "ja")
"""Languages whose letters the pictures' font has not."""
UNKNOWN = Intent.UNKNOWN.value


@dataclass(frozen=True, slots=True)
class Turn:
    """A sentence, what it was meant as, what it was taken for, and the CPU time of that."""

    language: str
    wanted: str
    got: str
    text: str
    seconds: float

    @property
    def right(self) -> bool:
        return self.wanted == self.got


def read(path: Path) -> list[tuple[str, str, str]]:
    """Language, intent and text of every sentence. Raises ConfigError."""
    document = load_yaml(path, "the sentences of visitors")
    try:
        return [
            (language, Intent(intent).value, str(text))
            for language, intents in document.items()
            for intent, texts in intents.items()
            for text in texts
        ]
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigError(
            f"not sentences of visitors: {error}",
            place=Place(path),
            expected="lists of sentences by intent, by language",
            remedy="see bench/visitors/test.yaml",
        ) from error


def measure(understander: Understander, sentences: list[tuple[str, str, str]]) -> list[Turn]:
    """Understand them all, each in a conversation that is in its language already."""
    turns = []
    for language, wanted, text in sentences:
        start_s = time.process_time()
        got = understander.understand(text, language).intent.value
        turns.append(Turn(language, wanted, got, text, time.process_time() - start_s))
    return turns


def rows(name: str, turns: list[Turn], start_s: float) -> list[Row]:
    """The figures of one way to encode."""
    found = [Row(f"{name}: learning at the start", start_s, "s", better="lower")]
    for language in dict.fromkeys(turn.language for turn in turns):
        inside = [t for t in turns if t.language == language and t.wanted != UNKNOWN]
        outside = [t for t in turns if t.language == language and t.wanted == UNKNOWN]
        wrong = sum(not t.right and t.got != UNKNOWN for t in inside)
        spent = 1000.0 * float(np.median([t.seconds for t in (*inside, *outside)]))
        found += [
            Row(f"{name}, {language}: {len(inside)} in scope, right", share(inside), ""),
            Row(f"{name}, {language}: in scope, taken for another", wrong / max(len(inside), 1),
                "", better="lower"),
            Row(f"{name}, {language}: {len(outside)} out of scope, refused", share(outside), ""),
            Row(f"{name}, {language}: time of a sentence", spent, "ms", better="lower"),
        ]  # fmt: skip
    return found


def share(turns: list[Turn]) -> float:
    """Of the right ones."""
    return sum(turn.right for turn in turns) / max(len(turns), 1)


def draw_intents(axes: Axes, turns: dict[str, list[Turn]]) -> None:
    """How many of each intent were right."""
    wanted = list(dict.fromkeys(turn.wanted for turn in turns[OURS]))
    for index, (name, taken) in enumerate(turns.items()):
        values = [100.0 * share([turn for turn in taken if turn.wanted == one]) for one in wanted]
        places = np.arange(len(wanted)) + 0.4 * (index - 0.5)
        axes.barh(places, values, 0.38, color=COLOURS[name], label=name)
    axes.set_yticks(range(len(wanted)), [one.replace("_", " ") for one in wanted])
    axes.invert_yaxis()
    axes.set(xlim=(0.0, 100.0), xlabel="right [%]", title="By intent, all languages")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2, frameon=False)


def draw_languages(axes: Axes, turns: list[Turn]) -> None:
    """By language: in scope and right, taken for another; out of scope and refused."""
    codes = list(dict.fromkeys(turn.language for turn in turns))
    for index, (label, colour) in enumerate(BARS.items()):
        values = []
        for code in codes:
            some = [t for t in turns if t.language == code]
            inside = [t for t in some if t.wanted != UNKNOWN]
            wrong = sum(not t.right and t.got != UNKNOWN for t in inside) / max(len(inside), 1)
            refused = share([t for t in some if t.wanted == UNKNOWN])
            values.append(100.0 * (share(inside), refused, wrong)[index])
        places = np.arange(len(codes)) + 0.27 * (index - 1)
        axes.barh(places, values, 0.25, color=colour, label=label)
        for place, value in zip(places, values, strict=True):
            axes.text(value + 1.0, place, f"{value:.0f}", fontsize=8, va="center")
    axes.set_yticks(range(len(codes)), codes)
    axes.invert_yaxis()
    axes.set(xlim=(0.0, 108.0), xlabel="[%]", title=f"By language, {OURS} in English")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=1, frameon=False)


def tell_mistakes(axes: Axes, turns: list[Turn], most: int = 30) -> None:
    """What was taken for something else, in words."""
    axes.set_axis_off()
    wrong = [turn for turn in turns if not turn.right and turn.got != UNKNOWN]
    axes.set_title(f"{OURS}: {len(wrong)} taken for something else", loc="left")
    for index, turn in enumerate(wrong[:most]):
        said = f"({turn.wanted})" if turn.language in NOT_DRAWN else turn.text
        text = f"{turn.language}: {said if len(said) < 48 else f'{said[:46]}…'}"
        axes.text(0.0, 1.0 - (index + 1) / (most + 1), text, fontsize=9)
        axes.text(0.62, 1.0 - (index + 1) / (most + 1), f"{turn.wanted} > {turn.got}", fontsize=9,
                  color="#c8321f")  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--sentences", type=Path, default=FILE, metavar="F", help="YAML like it")
    bench = begin("visitors", __doc__, parser, quick="the same; it takes half a minute")
    if model_folder() is None:
        return bench.fail(f"{PACKAGE} is not installed (requirements/runtime.txt)")
    try:
        sentences = read(bench.options.sentences)
        languages = load_languages()
    except RondaError as error:
        return bench.fail(error)
    unknown = sorted({one[0] for one in sentences} - set(languages))
    if unknown:
        return bench.fail(f"no such language: {', '.join(unknown)}")
    recognizer = LanguageRecognizer(languages)
    turns: dict[str, list[Turn]] = {}
    figures: list[Row] = []
    for name, kind in ((OURS, "minilm"), (LIGHT, "n-grams")):
        params = UnderstandingParams()
        params = replace(params, encoder=replace(params.encoder, kind=kind))
        start_s = time.process_time()
        understander = Understander(languages, None, params, recognizer)
        start_s = time.process_time() - start_s
        turns[name] = measure(understander, sentences)
        figures += rows(name, turns[name], start_s)
    counted = Counter(f"{turn.wanted} > {turn.got}" for turn in turns[OURS] if not turn.right)
    figure, axes = plt.subplots(
        1, 3, figsize=(19, 9), layout="constrained", width_ratios=(4, 5, 7)
    )
    draw_languages(axes[0], turns[OURS])
    draw_intents(axes[1], turns)
    tell_mistakes(axes[2], turns[OURS])
    for one in axes[:2]:
        one.spines[["top", "right"]].set_visible(False)
    figure.savefig(bench.picture, dpi=80)
    return bench.answer(figures, mistakes=dict(counted))


if __name__ == "__main__":
    sys.exit(main())
