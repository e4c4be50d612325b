"""Who counts as a second publisher of the motors' topic."""

from __future__ import annotations

from types import SimpleNamespace

from patrol_host_ros.publishers import LINGERS_S, PublisherCount


def endpoint(node: str, participant: int, entity: int = 1) -> SimpleNamespace:
    gid = [participant] * 12 + [entity] * 12
    return SimpleNamespace(node_namespace="/", node_name=node, endpoint_gid=gid)


def test_one_and_none() -> None:
    count = PublisherCount()
    assert count.update([], 0.0) == 0
    assert count.update([endpoint("gate", 1)], 1.0) == 1


def test_another_node_counts_at_once() -> None:
    assert PublisherCount().update([endpoint("gate", 1), endpoint("teleop", 2)], 0.0) == 2


def test_two_publishers_of_one_node_count_at_once() -> None:
    assert PublisherCount().update([endpoint("gate", 1, 1), endpoint("gate", 1, 2)], 0.0) == 2


def test_the_former_self_of_a_restarted_node_is_let_linger() -> None:
    count, twins = PublisherCount(), [endpoint("gate", 1), endpoint("gate", 2)]
    assert count.update(twins, 10.0) == 1
    assert count.update(twins, 10.0 + LINGERS_S) == 1
    assert count.update([endpoint("gate", 2)], 11.0 + LINGERS_S) == 1
    assert count.update(twins, 12.0 + LINGERS_S) == 1


def test_twins_that_stay_are_two() -> None:
    count, twins = PublisherCount(), [endpoint("gate", 1), endpoint("gate", 2)]
    count.update(twins, 10.0)
    assert count.update(twins, 10.1 + LINGERS_S) == 2


def test_a_stranger_counts_beside_twins() -> None:
    everybody = [endpoint("gate", 1), endpoint("gate", 2), endpoint("teleop", 3)]
    assert PublisherCount().update(everybody, 0.0) == 2
