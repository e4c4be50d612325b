"""Bags as rosbag2 has them: read back by an independent library, and as far as damage allows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosbags.highlevel import AnyReader
from rosbags.interfaces import QosDurability, QosReliability

from patrol_records.bags.metadata import METADATA_FILE, BagTopic, OfferedQos, offers_of, qos_text
from patrol_records.bags.reading import Bag
from patrol_records.bags.writing import BagWriter, Limits
from patrol_records.errors import StoreError
from patrol_records.flight.mcap_file import CHUNK_BYTES
from patrol_records.flight.writing import cdr_string

HASH = "RIHS01_df668c740482bbd48fb39d76a70dfd4bd59db1288021743503259e948f6b1a18"
"""Of std_msgs/msg/String (REP-2016)."""
TEXT = BagTopic("/said", "std_msgs/msg/String", (OfferedQos(),), HASH)
LATCHED = BagTopic(
    "/robot/kept", "std_msgs/msg/String",
    (OfferedQos("reliable", "transient_local", 1), OfferedQos("best_effort")),
)  # fmt: skip
START_NS = 1_700_000_000 * 10**9


def schema(_: str) -> str:
    return "string data\n"


def write(folder: Path, count: int = 20, limits: Limits | None = None) -> BagWriter:
    writer = BagWriter(folder, schema, limits)
    writer.add_topic(TEXT)
    writer.add_topic(LATCHED)
    writer.write("/robot/kept", START_NS, cdr_string("map"))
    for number in range(1, count):
        writer.write("/said", START_NS + number * 10**8, cdr_string(f"word {number}"))
    writer.close()
    return writer


def test_rosbags_reads_messages_types_and_offers(tmp_path: Path) -> None:
    write(tmp_path / "bag")
    with AnyReader([tmp_path / "bag"]) as reader:
        kept, said = sorted(reader.connections, key=lambda one: one.topic)
        assert (reader.message_count, said.topic, said.msgcount) == (20, "/said", 19)
        assert (reader.start_time, reader.end_time) == (START_NS, START_NS + 19 * 10**8 + 1)
        offers = kept.ext.offered_qos_profiles  # type: ignore[union-attr]
        assert [(one.reliability, one.durability) for one in offers] == [
            (QosReliability.RELIABLE, QosDurability.TRANSIENT_LOCAL),
            (QosReliability.BEST_EFFORT, QosDurability.VOLATILE),
        ]
        words = [
            reader.deserialize(data, connection.msgtype).data  # type: ignore[attr-defined]
            for connection, _, data in reader.messages([said])
        ]
    assert words == [f"word {number}" for number in range(1, 20)]


def test_ours_reads_what_ours_wrote(tmp_path: Path) -> None:
    write(tmp_path / "bag")
    bag = Bag(tmp_path / "bag")
    found = list(bag.messages())
    assert [found[0].topic, found[1].data] == ["/robot/kept", cdr_string("word 1")]
    assert bag.channels["/robot/kept"].topic == LATCHED
    assert bag.damage == []


def test_a_full_file_ends_and_the_next_begins(tmp_path: Path) -> None:
    by_time = write(tmp_path / "time", limits=Limits(file_s=0.5))
    by_size = write(tmp_path / "size", limits=Limits(file_bytes=100))
    for folder, writer in ((tmp_path / "time", by_time), (tmp_path / "size", by_size)):
        assert len(writer.info.files) > 2
        assert len(list(Bag(folder).messages())) == 20
        with AnyReader([folder]) as reader:
            assert reader.message_count == 20


def test_a_folder_that_is_there_is_not_written_into(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is such a folder already"):
        BagWriter(tmp_path, schema)


def test_what_a_killed_recorder_wrote_is_readable(tmp_path: Path) -> None:
    code = (
        "import sys, os; from tests.contract.test_ros2_bags import *\n"
        "w = BagWriter(Path(sys.argv[1]), schema); w.add_topic(TEXT); n = 0\n"
        "while True:\n"
        "    w.write('/said', START_NS + n, cdr_string(os.urandom(500).hex())); n += 1\n"
        "    w.flush()\n"
        "    if n % 100 == 0: print(n, flush=True)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "bag")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = 0
        while told < 1000:
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    bag = Bag(tmp_path / "bag")
    found = list(bag.messages())
    assert len(found) >= told - CHUNK_BYTES // 1000 - 1
    assert [said.at_ns - START_NS for said in found] == list(range(len(found)))
    assert len(bag.damage) == 1 and "cut off" in bag.damage[0]


def test_metadata_that_is_none_is_told_with_its_file(tmp_path: Path) -> None:
    write(tmp_path / "bag")
    for text in ("", "[", "a: 1", "rosbag2_bagfile_information: {relative_file_paths: 3}"):
        (tmp_path / "bag" / METADATA_FILE).write_text(text)
        with pytest.raises(StoreError, match=METADATA_FILE):
            Bag(tmp_path / "bag")
    (tmp_path / "bag" / METADATA_FILE).unlink()
    assert len(list(Bag(tmp_path / "bag").messages())) == 20


def test_there_is_no_bag(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no bag"):
        Bag(tmp_path / "nowhere")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole") / "bag"
    write(folder, 50)
    return (folder / "bag_0.mcap").read_bytes()


@settings(max_examples=60, deadline=None)
@given(
    cut=st.floats(0.0, 1.0), flips=st.lists(st.tuples(st.floats(0.0, 0.999), st.integers(1, 255)))
)
def test_damage_is_read_up_to_where_it_is(
    whole: bytes, tmp_path_factory: pytest.TempPathFactory, cut: float,
    flips: list[tuple[float, int]],
) -> None:  # fmt: skip
    data = bytearray(whole[: round(cut * len(whole))])
    for place, mask in flips:
        if data:
            data[int(place * len(data))] ^= mask
    path = tmp_path_factory.getbasetemp() / f"damaged-{os.getpid()}.mcap"
    path.write_bytes(data)
    bag = Bag(path)
    found: list[Any] = []
    with suppress(StoreError):
        found.extend(bag.messages())
    assert len(found) <= 50
    assert len(found) == 50 or bag.damage or flips


@given(st.text(max_size=200))
def test_offers_that_are_none_are_left_out(text: str) -> None:
    assert isinstance(offers_of(text), tuple)


def test_offers_survive_and_numbers_of_old_bags_are_words() -> None:
    assert offers_of(qos_text(LATCHED.offers)) == LATCHED.offers
    old = "- {history: 1, depth: 5, reliability: 2, durability: 2}"
    assert offers_of(old) == (OfferedQos("best_effort", "volatile", 5),)
