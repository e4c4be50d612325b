"""Memory is bounded by time and bytes, each row for itself and in all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol_records.flight.ring import OVERHEAD_BYTES, Message, Rings

ROWS = {"scan": 4000, "map": 3000}
ADDED = st.lists(
    st.tuples(st.sampled_from(sorted(ROWS)), st.integers(0, 1500), st.floats(0.0, 5.0)),
    max_size=60,
)


@given(ADDED)
@settings(max_examples=50, deadline=None)
def test_no_bound_is_ever_passed_and_the_newest_are_kept(
    added: list[tuple[str, int, float]],
) -> None:
    rings = Rings(ROWS, frozenset({"map"}), 10.0, 5000)
    now_s, told = 0.0, []
    for name, size, wait_s in added:
        now_s += wait_s
        message = Message(name, now_s, bytes(size))
        told.append(message)
        rings.add(message)
        kept = rings.since(float("-inf"))
        assert rings.size_bytes == sum(m.cost_bytes for m in kept) <= 5000
        for row, most in ROWS.items():
            costs = [m.cost_bytes for m in kept if m.topic == row]
            assert sum(costs) <= most or len(costs) == 1
        assert [m for m in told if m in kept][-len(kept) :] or not kept
        assert kept == sorted(kept, key=lambda m: m.received_s)
        scans = [m for m in kept if m.topic == "scan"]
        assert all(m.received_s >= scans[-1].received_s - 10.0 for m in scans)


def test_a_silent_row_expires_and_a_latched_one_keeps_its_newest() -> None:
    rings = Rings(ROWS, frozenset({"map"}), 10.0, 5000)
    for name in ROWS:
        rings.add(Message(name, 1.0, b"old"))
        rings.add(Message(name, 2.0, b"new"))
    rings.expire(100.0)
    (kept,) = rings.since(95.0)
    assert (kept.topic, kept.data) == ("map", b"new")
    assert kept.received_s == 95.0, "told at the head of the recording"
    assert rings.size_bytes == 3 + OVERHEAD_BYTES
