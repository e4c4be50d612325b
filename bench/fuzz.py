"""Damaged answers of motor controllers: does a driver's parser ever break, or believe a wrong one?

Right answers are damaged (bits flipped, bytes lost, put in, cut off, mixed with others, or all of
them random) and given to the parser. What it takes must pass a check sum computed by other means;
that it was not what was sent is left to chance: so often as the protocol itself allows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser

from patrol_drivers.errors import DriverError
from patrol_drivers.roboclaw.protocol import Answer, Request, find_reply, reading, reading_text
from patrol_drivers.roboclaw.values import Command
from patrol_sim.rng import stream
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt

BATCH = 1000
_CRC = [0] * 256
for _value in range(256):
    _register = _value << 8
    for _ in range(8):
        _register = (_register << 1) ^ (0x1021 if _register & 0x8000 else 0)
    _CRC[_value] = _register & 0xFFFF


def crc_by_table(data: bytes) -> int:
    """CRC-16/XMODEM, by a table of its own."""
    crc = 0
    for byte in data:
        crc = ((crc << 8) & 0xFFFF) ^ _CRC[(crc >> 8) ^ byte]
    return crc


QUESTIONS = (
    reading(0x80, Command.READ_SERIAL_TIMEOUT, 1),
    reading(0x80, Command.READ_MAIN_BATTERY, 2),
    reading(0x80, Command.READ_SPEED_M1, 5),
    reading(0x80, Command.READ_STATUS, 4),
    reading(0x80, Command.READ_ENCODERS, 8),
    reading_text(0x80, Command.READ_VERSION),
)


@dataclass(slots=True)
class Outcome:
    """What became of the answers that were damaged in one way."""

    inputs: int = 0
    as_sent: int = 0
    refused: int = 0
    by_chance: int = 0
    unchecked: int = 0
    expected: float = 0.0
    """By chance, where every place of the answer is tried against 16 bits."""
    broken: list[str] = field(default_factory=list)


def answer(request: Request, rng: np.random.Generator) -> bytes:
    """A right answer with random content."""
    if request.answer is Answer.TEXT:
        data = rng.integers(32, 127, int(rng.integers(1, 40)), dtype=np.uint8).tobytes() + b"\n\0"
    else:
        data = rng.bytes(request.size)
    crc = crc_by_table(bytes((request.address, request.command)) + data)
    return data + crc.to_bytes(2, "big")


def flip(data: bytes, rng: np.random.Generator) -> bytes:
    spoilt = bytearray(data)
    for place in rng.integers(0, 8 * len(data), int(rng.integers(1, 6))):
        spoilt[place // 8] ^= 1 << (place % 8)
    return bytes(spoilt)


def lose(data: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(data)))
    return data[:place] + data[place + int(rng.integers(1, 4)) :]


def put_in(data: bytes, rng: np.random.Generator) -> bytes:
    place = int(rng.integers(len(data) + 1))
    return data[:place] + rng.bytes(int(rng.integers(1, 6))) + data[place:]


def mix(data: bytes, rng: np.random.Generator) -> bytes:
    """Its beginning, and what may be the end of an answer to something that is never asked."""
    other = answer(reading(0x80, Command.READ_CURRENTS, 4), rng)
    return data[: int(rng.integers(len(data)))] + other[int(rng.integers(len(other))) :]


def random_bytes(_: bytes, rng: np.random.Generator) -> bytes:
    return rng.bytes(int(rng.integers(0, 60)))


DAMAGES: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    "bits flipped": flip,
    "bytes lost": lose,
    "bytes put in": put_in,
    "mixed with others": mix,
    "random": random_bytes,
}


def tries(request: Request, received: bytes) -> int:
    """How many places an answer may begin at: in front of enough bytes, or of a null."""
    if request.answer is Answer.TEXT:
        return received.rfind(0, 0, max(len(received) - 2, 0)) + 1
    return max(len(received) - request.size - 1, 0)


def try_one(request: Request, sent: bytes, received: bytes, outcome: Outcome) -> None:
    """Give one damaged answer to the parser."""
    outcome.inputs += 1
    outcome.expected += tries(request, received) / 65536.0
    try:
        reply = find_reply(request, received)
    except DriverError:
        outcome.refused += 1
        return
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        outcome.broken.append(f"{request.command.name} {received.hex()}: {error!r}")
        return
    if reply is None:
        outcome.refused += 1
        return
    start = len(reply.skipped)
    end = start + len(reply.data)
    crc = int.from_bytes(received[end : end + 2], "big")
    right = crc_by_table(bytes((request.address, request.command)) + received[start:end]) == crc
    if received[start:end] != reply.data or not right:
        outcome.unchecked += 1
    elif reply.data == sent[:-2]:
        outcome.as_sent += 1
    else:
        outcome.by_chance += 1


def fuzz(count: int, seed: int) -> dict[str, Outcome]:
    """`count` damaged answers, shared among the kinds of damage."""
    outcomes = {name: Outcome() for name in DAMAGES}
    for batch in range(count // BATCH):
        rng = stream(seed, f"batch {batch}")
        name = list(DAMAGES)[batch % len(DAMAGES)]
        request = QUESTIONS[(batch // len(DAMAGES)) % len(QUESTIONS)]
        for _ in range(BATCH):
            sent = answer(request, rng)
            try_one(request, sent, DAMAGES[name](sent, rng), outcomes[name])
    return outcomes


def rows(outcomes: Sequence[Outcome]) -> list[Row]:
    """The figures of one parser."""
    inputs = sum(outcome.inputs for outcome in outcomes)
    chance = sum(outcome.by_chance for outcome in outcomes)
    return [
        Row("damaged answers", inputs, "", goal=1e6),
        Row("exceptions that are not the package's", sum(len(o.broken) for o in outcomes), "",
            goal=0.0, better="lower"),
        Row("taken though the check sum is wrong", sum(o.unchecked for o in outcomes), "",
            goal=0.0, better="lower"),
        Row("taken, as it was sent (the damage lay beside it)",
            sum(o.as_sent for o in outcomes), ""),
        Row("taken, other than sent: the check sum was right by chance", chance, ""),
        Row("as many as 16 bits of check sum let pass at the places tried",
            sum(o.expected for o in outcomes), ""),
    ]  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--inputs", type=int, default=1_000_000, help="damaged answers")
    parser.add_argument("--seed", type=int, default=0, help="seed of the damage")
    bench = begin("fuzz", __doc__, parser, quick="50 000 answers")
    count = 50_000 if bench.options.quick else bench.options.inputs
    outcomes = fuzz(count, bench.options.seed)
    for outcome in outcomes.values():
        for broken in outcome.broken[:3]:
            bench.console.print(broken)
    figure, axes = plt.subplots(figsize=(9, 3.4), layout="constrained")
    left = np.zeros(len(outcomes))
    for what, colour in (
        ("refused", "#8593a3"), ("as_sent", "#2b8a5a"), ("by_chance", "#b97700"),
        ("unchecked", "#c8321f"),
    ):  # fmt: skip
        shares = [100.0 * getattr(o, what) / max(o.inputs, 1) for o in outcomes.values()]
        axes.barh(list(outcomes), shares, left=left, color=colour, label=what.replace("_", " "))
        left += shares
    axes.set_xlabel("% of the damaged answers")
    axes.set_title("RoboClaw: what becomes of damaged answers")
    figure.legend(loc="outside lower center", ncols=4, fontsize=9)
    figure.savefig(bench.picture, dpi=110)
    return bench.answer(rows(list(outcomes.values())))


if __name__ == "__main__":
    sys.exit(main())
