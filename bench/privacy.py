"""Is a head shown, or anything of a privacy zone, in what is streamed and stored?

Rendered pictures of patrols among people, in which the bench knows where heads and zones are; and
videos of real people, without lidar or depth, in which heads were drawn by eye in some pictures.
Each with the person detector on, off, and killed; videos, which last half a minute, with the
learning time of 2 s instead of the 10 s of a robot. A head is shown when more than a quarter of
its detail is left. Seeds 0 and up; tuned on seeds from 1000 and another video. Also what it costs:
how much of what there is to see is hidden, and time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import cv2
import matplotlib as mpl
import numpy as np
from _bench import begin, options_parser
from _privacy_measure import Tally
from _privacy_rendered import Run, patrol
from _privacy_videos import MODES, Watched, watch
from _video import Picture, open_video

from patrol_core.errors import RondaError
from patrol_perception.params import PerceptionParams
from ronda_cli.environment.paths import ROOT
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

FOLDER = ROOT.parent / "shared" / "data" / "left_object"
VIDEOS = ("CAVIAR1", "HumanBody2")
PICTURES, QUICK_PICTURES, QUICK_VIDEO = 1000, 150, 300
CORE_GOAL = 0.5
T = TypeVar("T")
_SHOWN_PAIRS, _SHOWN_VIDEO = 4, 4


def rendered(site: str, seed: int, wanted: int) -> Run:
    """Patrols from a seed on, until there are so many pictures."""
    run, setting = Run(), load_setting(site)
    while run.tallies[MODES[0]].pictures < wanted:
        patrol(setting, seed, wanted, run)
        seed += 1
    return run


def tally_rows(subject: str, mode: str, tally: Tally) -> list[Row]:
    """What holds for any source of pictures."""
    name = f"{subject}, detector {mode}"
    heads = [
        Row(f"{name}: heads shown", tally.shown, f"of {tally.heads}", goal=0.0, better="lower"),
        Row(f"{name}: most that is left of a head", tally.worst, "of its detail", better="lower"),
    ]
    return [
        *(heads if tally.heads else ()),
        Row(f"{name}: hidden", float(np.mean(tally.hidden)), "of what is to be seen",
            better="lower"),
        Row(f"{name}: time", 1e3 * float(np.mean(tally.seconds)), "ms a picture", better="lower"),
    ]  # fmt: skip


def run_rows(run: Run, wanted: int) -> list[Row]:
    """The figures of the rendered pictures."""
    rows = [Row("rendered pictures", run.tallies[MODES[0]].pictures, "", goal=float(wanted))]
    for mode, tally in run.tallies.items():
        rows += tally_rows("rendered", mode, tally)
        cores = run.tick_s[mode] / run.simulated_s
        rows.append(
            Row(f"rendered, detector {mode}: all of perception", cores, "cores", goal=CORE_GOAL,
                better="lower")
        )  # fmt: skip
    return [
        *rows,
        Row("pixels of privacy zones shown", run.zone_shown,
            f"of {run.zone_points} in {run.zone_pictures} pictures", goal=0.0, better="lower"),
        Row("places stored in privacy zones", run.stored_private, f"of {run.stored}", goal=0.0,
            better="lower"),
    ]  # fmt: skip


def draw(run: Run | None, videos: Sequence[Watched], path: Path) -> None:
    """Rendered pictures before and after; of real people, after alone."""
    pairs = [] if run is None else _spread(run.sheet, _SHOWN_PAIRS)
    tiles: list[tuple[Picture, str]] = []
    for before, after, what in pairs:
        tiles += [(before, what), (after, "as streamed")]
    for watched in videos:
        tiles += [
            (picture, f"{watched.video.name}, picture {number}")
            for number, picture in _spread(sorted(watched.sheet.items()), _SHOWN_VIDEO)
        ]
    rows = max(1, -(-len(tiles) // 4))
    figure, axes = plt.subplots(
        rows, 4, figsize=(16, 3.3 * rows), layout="constrained", squeeze=False
    )
    for one in axes.flat:
        one.set_axis_off()
    for one, (picture, title) in zip(axes.flat, tiles, strict=False):
        _show(one, picture, title)
    figure.suptitle("What is streamed, with the person detector off or killed", fontsize=13)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _spread(items: Sequence[T], count: int) -> list[T]:
    places = np.linspace(0, len(items) - 1, min(count, len(items)))
    return [items[round(place)] for place in places.tolist()]


def _show(axes: Axes, picture: Picture, title: str) -> None:
    axes.imshow(picture[..., ::-1])
    axes.set_title(title, fontsize=10)


def main() -> int:
    parser = options_parser()
    parser.add_argument(
        "videos", nargs="*", type=Path, metavar="VIDEO",
        help="of a camera that stands still; then nothing is rendered (default: CAVIAR1 and "
        "HumanBody2 of SBI2015)",
    )  # fmt: skip
    parser.add_argument("--site", default="yard", help="where the patrols are")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    bench = begin(
        "privacy", __doc__, parser,
        f"{QUICK_PICTURES} rendered pictures, and {QUICK_VIDEO} of each video",
    )  # fmt: skip
    options = bench.options
    cv2.setNumThreads(1)
    wanted = QUICK_PICTURES if options.quick else PICTURES
    most = QUICK_VIDEO if options.quick else None
    try:
        paths = options.videos or [FOLDER / f"{name}.avi" for name in VIDEOS]
        videos = [open_video(path) for path in paths]
        watched = [watch(video, PerceptionParams(), most) for video in videos]
        run = None if options.videos else rendered(options.site, options.seed, wanted)
    except RondaError as error:
        return bench.fail(error)
    draw(run, watched, bench.picture)
    rows = [] if run is None else run_rows(run, wanted)
    for one in watched:
        for mode, tally in one.tallies.items():
            rows += tally_rows(one.video.name, mode, tally)
    return bench.answer(rows)


if __name__ == "__main__":
    sys.exit(main())
