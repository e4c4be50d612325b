"""`metadata.yaml` of a bag: version 9, as rosbag2 of Jazzy writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from patrol_core.errors import Place
from patrol_core.whole_file import write_whole
from patrol_records.errors import StoreError, file_errors

METADATA_FILE = "metadata.yaml"
ROOT = "rosbag2_bagfile_information"
VERSION, STORAGE, DISTRIBUTION = 9, "mcap", "jazzy"
_FOREVER = {"sec": 9223372036, "nsec": 854775807}


@dataclass(frozen=True, slots=True)
class OfferedQos:
    """What one publisher offers, in rosbag2's words. Time limits are not used in Ronda."""

    reliability: str = "reliable"
    durability: str = "volatile"
    depth: int = 10
    history: str = "keep_last"

    def document(self) -> dict[str, Any]:
        """As rosbag2 writes it since version 9."""
        return {
            "history": self.history, "depth": self.depth, "reliability": self.reliability,
            "durability": self.durability, "deadline": dict(_FOREVER),
            "lifespan": dict(_FOREVER), "liveliness": "automatic",
            "liveliness_lease_duration": dict(_FOREVER),
            "avoid_ros_namespace_conventions": False,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class BagTopic:
    """`name` with its slash. `type_hash`: REP-2016's, empty where unknown."""

    name: str
    ros_type: str
    offers: tuple[OfferedQos, ...] = ()
    type_hash: str = ""

    def qos_text(self) -> str:
        """As a channel of the MCAP file tells it."""
        return qos_text(self.offers)


@dataclass(slots=True)
class BagFile:
    """One MCAP file of a bag. Times of the first and the last message [ns]."""

    path: str
    start_ns: int = 0
    end_ns: int = 0
    count: int = 0


@dataclass(slots=True)
class BagInfo:
    """What a bag holds. `counts` by topic."""

    topics: dict[str, BagTopic] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    files: list[BagFile] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The file's content."""
        filled = [file for file in self.files if file.count]
        start = min((file.start_ns for file in filled), default=0)
        end = max((file.end_ns for file in filled), default=0)
        return {ROOT: {
            "version": VERSION,
            "storage_identifier": STORAGE,
            "duration": {"nanoseconds": end - start},
            "starting_time": {"nanoseconds_since_epoch": start},
            "message_count": sum(file.count for file in self.files),
            "topics_with_message_count": [
                {"topic_metadata": _topic(topic), "message_count": self.counts.get(name, 0)}
                for name, topic in self.topics.items()
            ],
            "compression_format": "",
            "compression_mode": "",
            "relative_file_paths": [file.path for file in self.files],
            "files": [_file(file) for file in self.files],
            "custom_data": None,
            "ros_distro": DISTRIBUTION,
        }}  # fmt: skip


def qos_text(offers: Sequence[OfferedQos]) -> str:
    return str(yaml.safe_dump([offer.document() for offer in offers], sort_keys=False))


def offers_of(text: str) -> tuple[OfferedQos, ...]:
    """Of `qos_text`, and of what rosbag2 wrote before version 9, with numbers for words.

    What cannot be understood is left out: a player then offers what is usual.
    """
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        return ()
    offers = []
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            depth = one.get("depth", 10)
            offers.append(
                OfferedQos(
                    _RELIABILITY.get(str(one.get("reliability")), "reliable"),
                    _DURABILITY.get(str(one.get("durability")), "volatile"),
                    depth if isinstance(depth, int) and 0 < depth < 10_000 else 10,
                    "keep_all" if str(one.get("history")) in ("2", "keep_all") else "keep_last",
                )
            )
    return tuple(offers)


_RELIABILITY = {
    "1": "reliable", "reliable": "reliable", "2": "best_effort", "best_effort": "best_effort"
}  # fmt: skip
_DURABILITY = {"1": "transient_local", "transient_local": "transient_local"}
"""Numbers of rmw's enumerations, which rosbag2 wrote until version 8."""


def write_metadata(folder: Path, info: BagInfo) -> None:
    """Raises StoreError."""
    text = yaml.safe_dump(info.document(), sort_keys=False)
    with file_errors(folder / METADATA_FILE, "write"):
        write_whole(folder / METADATA_FILE, text.encode())


def read_file_list(folder: Path) -> list[str] | None:
    """The files of a bag in order; None where there is no `metadata.yaml`. Raises StoreError."""
    path = folder / METADATA_FILE
    if not path.is_file():
        return None
    try:
        root = yaml.safe_load(path.read_text(encoding="utf-8"))
        paths = root[ROOT]["relative_file_paths"]
        storage = root[ROOT]["storage_identifier"]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
        raise StoreError(
            "this is no metadata of a bag", place=Place(path),
            expected=f"'{ROOT}' with 'relative_file_paths' and 'storage_identifier'",
            remedy="remove it, and the MCAP files beside it are read by name",
        ) from error  # fmt: skip
    if storage != STORAGE:
        raise StoreError(f"a bag in storage '{storage}'", place=Place(path), expected=STORAGE)
    if not isinstance(paths, list) or not all(isinstance(name, str) for name in paths):
        raise StoreError("'relative_file_paths' is no list of names", place=Place(path))
    return [Path(name).name for name in paths]


def _topic(topic: BagTopic) -> dict[str, Any]:
    return {
        "name": topic.name,
        "type": topic.ros_type,
        "serialization_format": "cdr",
        "offered_qos_profiles": [offer.document() for offer in topic.offers],
        "type_description_hash": topic.type_hash,
    }


def _file(file: BagFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "starting_time": {"nanoseconds_since_epoch": file.start_ns},
        "duration": {"nanoseconds": file.end_ns - file.start_ns},
        "message_count": file.count,
    }
