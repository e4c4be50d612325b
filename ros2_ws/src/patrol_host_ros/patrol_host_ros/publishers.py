"""Who speaks to the motors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LINGERS_S = 8.0
"""A process that was killed stays in the graph until its DDS lease ends (4 s in our profile)."""

_PARTICIPANT_BYTES = 12


class PublisherCount:
    """Counts the publishers of a topic, but for a while not the former self of a restarted node.

    Two participants with the same node name count as one for `LINGERS_S`: one of them is gone, and
    what both say comes from the same program. After that they are two that live.
    """

    def __init__(self) -> None:
        self._twins_since_s: float | None = None

    def update(self, endpoints: Sequence[Any], steady_s: float) -> int:
        """The count, from rclpy's TopicEndpointInfo of every publisher."""
        participants: dict[str, set[bytes]] = {}
        for endpoint in endpoints:
            name = f"{endpoint.node_namespace}/{endpoint.node_name}"
            gid = bytes(endpoint.endpoint_gid[:_PARTICIPANT_BYTES])
            participants.setdefault(name, set()).add(gid)
        twins = sum(len(gids) - 1 for gids in participants.values())
        if twins == 0:
            self._twins_since_s = None
        elif self._twins_since_s is None:
            self._twins_since_s = steady_s
        if self._twins_since_s is not None and steady_s - self._twins_since_s > LINGERS_S:
            twins = 0
        return len(endpoints) - twins
