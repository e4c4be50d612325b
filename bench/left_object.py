"""Things left behind in videos of a camera that stands still: are they told, and nothing else?

With one set of parameters for all videos, beside a plain pair of MOG2 background models, a fast
and a slow one, in the same run. The three videos of SBI2015 have a known truth: one briefcase is
left; of others the events are told. Speed is that of pictures of 640x480 on one core.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from _bench import begin, options_parser
from _video import Picture, Video, open_video

from patrol_core.errors import RondaError
from patrol_core.params import make_params
from patrol_perception.watching.left_objects import LeftObjectWatch
from patrol_perception.watching.params import WatchParams
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.patches import Rectangle

FOLDER = ROOT.parent / "shared" / "data" / "left_object"
TRUTH: dict[str, tuple[tuple[int, int, int, int], ...]] = {
    "HallAndMonitor": ((108, 131, 24, 9),),
    "CAVIAR1": (),
    "HumanBody2": (),
}
"""What is left in the videos of SBI2015, as their description says: x, y, width, height [px]."""
SPEED_SIZE = (640, 480)
SPEED_PICTURES = 250
OURS, PAIR = "#0b6bcb", "#c8321f"

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Event:
    """Something told: in which picture, where, and what."""

    frame: int
    box: Box
    kind: str
    reason: str = ""


class MogPair:
    """A baseline: what a slow background model calls foreground and a fast one background."""

    def __init__(self, static_s: float, rate_hz: float) -> None:
        self._slow = cv2.createBackgroundSubtractorMOG2(5000, 16.0, detectShadows=False)
        self._fast = cv2.createBackgroundSubtractorMOG2(50, 16.0, detectShadows=False)
        self._needed = round(static_s * rate_hz)
        self._lain: npt.NDArray[np.int32] | None = None
        self._told: list[Box] = []

    def update(self, picture: Picture) -> list[Box]:
        """Boxes of what has lain for long enough, each told once."""
        slow = self._slow.apply(picture, learningRate=0.0002)
        fast = self._fast.apply(picture, learningRate=0.02)
        static = (slow > 0) & (fast == 0)
        if self._lain is None:
            self._lain = np.zeros(static.shape, np.int32)
        self._lain = np.where(static, self._lain + 1, np.maximum(self._lain - 2, 0))
        ripe = (self._lain >= self._needed).astype(np.uint8)
        ripe = np.asarray(cv2.morphologyEx(ripe, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
        _, _, stats, _ = cv2.connectedComponentsWithStats(ripe, connectivity=8)
        new = []
        for x, y, width, height, area in stats[1:].tolist():
            box = (x, y, width, height)
            if area >= 6e-4 * static.size and all(
                overlap(box, told) == 0.0 for told in self._told
            ):
                new.append(box)
        self._told += new
        return new


def overlap(first: Box, second: Box) -> float:
    """Common area by that of the smaller one."""
    width = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    height = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    smaller = min(first[2] * first[3], second[2] * second[3])
    return max(width, 0) * max(height, 0) / smaller


def watch(video: Video, params: WatchParams) -> list[Event]:
    """What Ronda tells of a video."""
    watching = LeftObjectWatch(params, video.rate_hz)
    return [
        Event(number, thing.box, thing.kind.value, thing.reason)
        for number, picture in enumerate(video.pictures())
        for thing in watching.update(picture, number / video.rate_hz)
    ]


def watch_plainly(video: Video, static_s: float) -> list[Event]:
    """What the pair of models tells of it."""
    pair = MogPair(static_s, video.rate_hz)
    return [
        Event(number, box, "left")
        for number, picture in enumerate(video.pictures())
        for box in pair.update(picture)
    ]


def speed_hz(video: Video, params: WatchParams) -> float:
    """Pictures of 640x480 a second of one core's time, decoding and scaling up not counted."""
    first = itertools.islice(video.pictures(), SPEED_PICTURES)
    pictures = [np.asarray(cv2.resize(picture, SPEED_SIZE), np.uint8) for picture in first]
    watching = LeftObjectWatch(params, video.rate_hz)
    start_s = time.process_time()
    for number, picture in enumerate(pictures):
        watching.update(picture, number / video.rate_hz)
    return len(pictures) / (time.process_time() - start_s)


def score(video: Video, events: Sequence[Event]) -> tuple[int, int]:
    """How many of the known things were told, and how many events are of none."""
    known = TRUTH[video.name]
    hits = [
        any(event.kind == "left" and overlap(event.box, box) > 0.3 for event in events)
        for box in known
    ]
    wrong = [
        event for event in events
        if event.kind != "left" or all(overlap(event.box, box) <= 0.3 for box in known)
    ]  # fmt: skip
    return sum(hits), len(wrong)


def draw(
    videos: Sequence[Video],
    ours: Sequence[Sequence[Event]],
    plain: Sequence[Sequence[Event]],
    path: Path,
) -> None:
    """Every video at its first event, or its end, with all boxes that were told."""
    figure, axes = plt.subplots(
        1, len(videos), figsize=(5 * len(videos), 4.6), layout="constrained", squeeze=False
    )
    for one, video, mine, others in zip(axes[0], videos, ours, plain, strict=True):
        frame = mine[0].frame if mine else None
        one.imshow(_picture(video, frame)[..., ::-1])
        for events, colour in ((others, PAIR), (mine, OURS)):
            for event in events:
                one.add_patch(
                    Rectangle(event.box[:2], *event.box[2:], fill=False, ec=colour, lw=2.0)
                )
        told = f"picture {frame}: {mine[0].kind}" if mine else "nothing told"
        one.set_title(f"{video.name}: {told}", fontsize=11)
        one.set_axis_off()
    figure.suptitle("told by Ronda: blue; by a pair of MOG2 models: red", fontsize=11)
    figure.savefig(path, dpi=110)


def _picture(video: Video, number: int | None) -> Picture:
    """A picture by its number; None: the last."""
    shown = None
    for count, picture in enumerate(video.pictures()):
        shown = picture
        if count == number:
            break
    assert shown is not None
    return shown


def rows(
    videos: Sequence[Video],
    ours: Sequence[Sequence[Event]],
    plain: Sequence[Sequence[Event]],
    rate_hz: float,
) -> list[Row]:
    """The figures; against the truth where it is known."""
    known = [index for index, video in enumerate(videos) if video.name in TRUTH]
    found: list[Row] = []
    if known:
        count = sum(len(TRUTH[videos[index].name]) for index in known)
        (hits, wrong), (hits_plain, wrong_plain) = (
            np.sum([score(videos[i], events[i]) for i in known], axis=0).tolist()
            for events in (ours, plain)
        )
        found = [
            Row("known things told", hits, f"of {count}", goal=count),
            Row("told though nothing was left", wrong, "", goal=0.0, better="lower"),
            Row("by a pair of MOG2: known things told", hits_plain, f"of {count}"),
            Row(
                "by a pair of MOG2: told though nothing was left", wrong_plain, "", better="lower"
            ),
        ]
    others = [index for index in range(len(videos)) if index not in known]
    found += [Row(f"{videos[i].name}: things told", len(ours[i]), "") for i in others]
    return [*found, Row("pictures of 640x480 on one core", rate_hz, "a second", goal=30.0)]


def main() -> int:
    parser = options_parser()
    parser.add_argument("videos", nargs="*", type=Path, metavar="VIDEO", help="default: SBI2015's")
    parser.add_argument(
        "--static", type=float, default=WatchParams().judge.static_s, metavar="S",
        help="a thing must lie still for so long (default: %(default)s s)",
    )  # fmt: skip
    bench = begin("left-object", __doc__, parser, quick="as without: it takes seconds")
    options = bench.options
    cv2.setNumThreads(1)
    try:
        params = make_params(WatchParams, {"judge.static_s": options.static})
        paths = options.videos or [FOLDER / f"{name}.avi" for name in TRUTH]
        videos = [open_video(path) for path in paths]
        ours = [watch(video, params) for video in videos]
        plain = [watch_plainly(video, params.judge.static_s) for video in videos]
        rate_hz = float(np.median([speed_hz(video, params) for video in videos]))
    except RondaError as error:
        return bench.fail(error)
    events = [
        {"video": video.name, "frame": event.frame, "box": list(event.box), "kind": event.kind}
        for video, told in zip(videos, ours, strict=True)
        for event in told
    ]
    for video, told in zip(videos, ours, strict=True):
        for event in told:
            place = ", ".join(str(value) for value in event.box)
            bench.console.print(
                f"{video.name}, picture {event.frame}, ({place}): {event.kind}: {event.reason}"
            )
    draw(videos, ours, plain, bench.picture)
    return bench.answer(rows(videos, ours, plain, rate_hz), events=events)


if __name__ == "__main__":
    sys.exit(main())
