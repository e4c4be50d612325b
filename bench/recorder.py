"""What the flight recorder costs: a full sensor set for an hour, an incident every few minutes.

Lidar, camera (JPEG of 640x480), IMU, odometry, transforms, tracks, costmaps, plans and status at
their rates go through the recorder as bytes, at speed; its thread writes to the disk. Cores are
CPU time of this process (handing out messages is part of it) by simulated time. Beside it, in the
same run: everything written always. Then the records process in the real graph at real time, with
the flight recorder and without it. Every recording is read back by rosbags.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import psutil
from _bench import FOLDER, Bench, begin, options_parser
from _flight_graph import records_share
from _flight_messages import WIRE, Source, due, full_set
from mcap.reader import SeekingReader
from rosbags.highlevel import AnyReader

from patrol_core.bus import Mailbox
from patrol_core.component import ProcessContext
from patrol_core.errors import RondaError
from patrol_core.geometry import Pose2
from patrol_core.topics import AMCL_POSE, GATE_STATUS, INCIDENTS
from patrol_core.types.perception import FindingKind, Incident
from patrol_records.flight.component import FlightRecorder
from patrol_records.flight.head import Head, Setting
from patrol_records.flight.ring import Message
from patrol_records.flight.rows import BY_NAME
from patrol_records.flight.setting import SettingSource
from patrol_records.flight.shelf import FLIGHT, shelf
from patrol_records.flight.writing import RecordingFile
from patrol_records.params import RecordsParams
from ronda_cli.evaluation.statistics import Row
from ronda_cli.setting import load_setting

mpl.use("Agg")
from matplotlib import pyplot as plt

MASKED = ("scan", "local_costmap/costmap", "global_costmap/costmap", "depth_obstacles")
STEP_S, HOUR_S = 0.1, 3600.0
INCIDENT_EVERY_S = 400.0
WAITING_MAX = 4 * 2**20
NAIVE_S = 300.0
PLACE = Pose2(-40.0, 5.0)
OURS, NAIVE, BAD = "#0b6bcb", "#e0912f", "#c8321f"


@dataclass
class Run:
    """Of the recorder. Memory by simulated minute: of the process and of what it keeps [MiB]."""

    cores: float = 0.0
    seconds: float = 0.0
    tick_ms: list[float] = field(default_factory=list)
    rss_mib: list[float] = field(default_factory=list)
    kept_mib: list[float] = field(default_factory=list)

    @property
    def slope_mib_per_h(self) -> float:
        """Of memory over the second half, when the rings are full."""
        half = self.rss_mib[len(self.rss_mib) // 2 :]
        return float(np.polyfit(np.arange(len(half)) / 60.0, half, 1)[0])


def record(
    bench: Bench, recorder: FlightRecorder, sources: list[Source], seconds: float, seed: int
) -> Run:
    """Hand the recorder all that is said in so many simulated seconds."""
    rng, run, mailbox = np.random.default_rng(seed), Run(), Mailbox(recorder.reads)
    recorder.connect(WIRE)
    recorder.setup()
    process, number = psutil.Process(), 0
    next_s = float(rng.exponential(INCIDENT_EVERY_S))
    cpu_s = 0.0
    for tick in range(round(seconds / STEP_S)):
        now_s = tick * STEP_S
        if now_s >= next_s:
            number += 1
            next_s = now_s + float(rng.exponential(INCIDENT_EVERY_S))
            incident = Incident(
                now_s, number, f"f{number}", 1, FindingKind.OBJECT, 1.0, 2.0, "in the way", True
            )
            mailbox.store(INCIDENTS, incident, now_s)
        started_s, busy_s = time.perf_counter(), time.process_time()
        for source, at_s, message in due(sources, now_s, STEP_S):
            recorder.hear(source.topic, message, at_s)
            if source.topic in (AMCL_POSE, GATE_STATUS):
                mailbox.store(source.topic, WIRE.decode(source.topic, message), at_s)
        recorder.step(mailbox.snapshot(), now_s)
        run.tick_ms.append(1000.0 * (time.perf_counter() - started_s))
        while recorder.waiting_bytes > WAITING_MAX:  # time runs faster than the disk
            time.sleep(0.001)
        cpu_s += time.process_time() - busy_s
        if tick % 600 == 599:
            run.rss_mib.append(process.memory_info().rss / 2**20)
            run.kept_mib.append(recorder.memory_bytes / 2**20)
            if tick % 6000 == 5999:
                bench.console.print(f"{now_s / 60.0:.0f} simulated minutes")
    busy_s = time.process_time()
    recorder.close()
    run.cores = (cpu_s + time.process_time() - busy_s) / seconds
    run.seconds = seconds
    return run


def write_always(
    sources: list[Source], setting: Setting, seconds: float, folder: Path
) -> tuple[float, float]:
    """Cores, and bytes a second on the disk, of the same format without any choice."""
    folder.mkdir(parents=True)
    head = Head(setting, 0.0, "", "")
    file = RecordingFile(folder / "all.mcap", head, lambda name: WIRE.schema(BY_NAME[name].topic))
    busy_s = time.process_time()
    for tick in range(round(seconds / STEP_S)):
        now_s = tick * STEP_S
        said = due(sources, now_s, STEP_S)
        file.write([Message(source.topic.name, at_s, message) for source, at_s, message in said])
    size = file.finish()
    return (time.process_time() - busy_s) / seconds, size / seconds


def read_back(folder: Path, sources: list[Source]) -> tuple[int, int]:
    """Messages in all recordings, and those that two libraries do not find equal, or that are
    not among what was said (`MASKED`: a privacy zone may be taken out)."""
    said = {source.topic.name: set(source.messages) for source in sources}
    count = wrong = 0
    for file in sorted(folder.glob("*.mcap")):
        with file.open("rb") as opened:
            ours = {
                (channel.topic, message.log_time): message.data
                for _, channel, message in SeekingReader(opened).iter_messages()
            }
        with AnyReader([file]) as bag:
            for connection, at, data in bag.messages():
                count += 1
                bag.deserialize(data, connection.msgtype)
                row = connection.topic.lstrip("/")
                is_same = ours.get((connection.topic, at)) == bytes(data)
                known = row not in said or row in MASKED or bytes(data) in said[row]
                wrong += not (is_same and known)
    return count, wrong


def draw(run: Run, naive_cores: float, bytes_per_h: tuple[float, float], path: Path) -> None:
    """Cores, disk, memory over time, and how long a tick takes."""
    figure, axes = plt.subplots(
        1, 4, figsize=(15, 4.2), layout="constrained", width_ratios=(1, 1, 2, 2)
    )
    cores, disk, memory, ticks = axes
    names = ["flight\nrecorder", "everything\nalways"]
    bars = cores.bar(names, [run.cores, naive_cores], color=[OURS, NAIVE], width=0.6)
    cores.bar_label(bars, fmt="%.3f", padding=2)
    cores.axhline(0.1, color=BAD, ls="--")
    cores.set(ylabel="cores", title="processor (dashed: goal)", ylim=(0.0, 0.12))
    bars = disk.bar(names, np.array(bytes_per_h) / 2**30, color=[OURS, NAIVE], width=0.6)
    disk.bar_label(bars, fmt="%.2f", padding=2)
    disk.set(ylabel="GiB an hour", title="written to the disk")
    minutes = np.arange(1, len(run.rss_mib) + 1)
    memory.plot(minutes, run.rss_mib, color="#5b6775", label="the whole process")
    memory.plot(minutes, run.kept_mib, color=OURS, label="messages kept")
    memory.set(xlabel="simulated minutes", ylabel="MiB", title="memory", ylim=(0.0, None))
    memory.legend(frameon=False)
    ticks.hist(run.tick_ms, np.geomspace(0.1, max(100.0, *run.tick_ms), 60), color=OURS)
    ticks.axvline(100.0, color=BAD, ls="--")
    ticks.set(xscale="log", yscale="log", xlabel="a tick of 0.1 s takes [ms] (dashed: its period)",
              ylabel="ticks", title="how long others wait")  # fmt: skip
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def measure(bench: Bench, seconds: float, graph_s: float, seed: int, folder: Path) -> int:
    setting, params = load_setting("depot"), RecordsParams()
    context = ProcessContext(setting.site, setting.robot, folder)
    about = SettingSource(context, params, "bench")
    sources = full_set(np.random.default_rng(seed), PLACE)
    recorder = FlightRecorder(folder, setting.site, setting.robot, params.flight, about)
    run = record(bench, recorder, sources, seconds, seed)
    kept = shelf(folder / FLIGHT)
    size = sum(one.size_bytes for one in kept)
    lost = sum(one.lost for one in kept)
    bench.console.print("reading back")
    count, wrong = read_back(folder / FLIGHT, sources)
    bench.console.print("everything, always")
    naive_cores, naive_bytes = write_always(
        sources, about(), min(NAIVE_S, seconds), folder / "naive"
    )
    bench.console.print(f"the records process in the graph, twice {graph_s:.0f} s")
    without, graph = (
        records_share(sources, setting, graph_s, folder / f"graph{has}", with_flight=has)
        for has in (False, True)
    )
    per_s = sum(source.rate_hz for source in sources)
    draw(run, naive_cores, (size / seconds * HOUR_S, naive_bytes * HOUR_S), bench.picture)
    mib_per_s = sum(s.rate_hz * np.mean([len(m) for m in s.messages]) for s in sources) / 2**20
    return bench.answer([
        Row("said to it", per_s, "messages/s"),
        Row("said to it, bytes", float(mib_per_s), "MiB/s"),
        Row("flight recorder", run.cores, "cores", goal=0.1, better="lower"),
        Row("in the graph: records process without it", without, "cores"),
        Row("in the graph: with it", graph, "cores"),
        Row("in the graph: flight recorder", graph - without, "cores", goal=0.1, better="lower"),
        Row("messages kept in memory, most", max(run.kept_mib), "MiB",
            goal=params.flight.memory_mib + params.flight.waiting_mib, better="lower"),
        Row("memory grown, second half", run.slope_mib_per_h, "MiB/h", goal=4.0, better="lower"),
        Row("a tick, 99 %", float(np.quantile(run.tick_ms, 0.99)), "ms"),
        Row("a tick, longest", max(run.tick_ms), "ms", goal=100.0, better="lower"),
        Row("recordings", len(kept), ""),
        Row("messages lost", lost, "", goal=0.0, better="lower"),
        Row("messages read back by rosbags", count, ""),
        Row("of those not equal", wrong, "", goal=0.0, better="lower"),
        Row("on the disk", size / seconds * HOUR_S / 2**30, "GiB/h"),
        Row("naive: everything always", naive_cores, "cores"),
        Row("naive: on the disk", naive_bytes * HOUR_S / 2**30, "GiB/h"),
    ])  # fmt: skip


def main() -> int:
    parser = options_parser()
    parser.add_argument("--seconds", type=float, default=HOUR_S, help="simulated seconds")
    parser.add_argument("--seed", type=int, default=0, help="of messages and incidents")
    bench = begin("recorder", __doc__, parser, "10 simulated minutes, 10 s in the graph")
    options = bench.options
    seconds, graph_s = (600.0, 10.0) if options.quick else (options.seconds, 60.0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=FOLDER) as folder:
            return measure(bench, seconds, graph_s, options.seed, Path(folder))
    except (RondaError, OSError) as error:
        return bench.fail(error)


if __name__ == "__main__":
    sys.exit(main())
