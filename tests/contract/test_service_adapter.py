"""A service is answered by what the components say at the tick that its request sets off."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("rclpy")

import rclpy
from patrol_interfaces.srv import Ask
from rclpy.experimental.events_executor import EventsExecutor
from rclpy.node import Node
from rclpy.utilities import try_shutdown

from patrol_core.actions import ASK
from patrol_core.types.dialogue import AskRequest, AskResponse
from patrol_host_ros.services import ServiceAdapter

PATIENCE_S = 20.0


@pytest.fixture
def node() -> Iterator[Any]:
    rclpy.init(domain_id=os.getpid() % 90 + 10)
    made: Any = Node("ends", enable_rosout=False, start_parameter_services=False)
    yield made
    made.destroy_node()
    try_shutdown()


def call(node: Any, text: str) -> Any:
    executor = EventsExecutor()
    executor.add_node(node)
    client = node.create_client(Ask, ASK.name)
    end_s = time.monotonic() + PATIENCE_S
    while not client.service_is_ready():
        assert time.monotonic() < end_s
        executor.spin_once(timeout_sec=0.02)
    future = client.call_async(Ask.Request(session_id="", language="en", text=text))
    while not future.done():
        assert time.monotonic() < end_s
        executor.spin_once(timeout_sec=0.02)
    return future.result()


def test_a_question_is_answered_at_once(node: Any) -> None:
    heard: list[AskRequest] = []

    def ask(request: AskRequest) -> None:
        heard.append(request)
        answer = AskResponse(
            request.request_id, "s1", "en", "way", "It is over there.", "visitors.yaml:3", ("yes",)
        )
        adapter.put(ASK.response, answer)

    adapter = ServiceAdapter(node, ASK, ask)
    response = call(node, "where is the office")
    assert [(request.language, request.text) for request in heard] == [
        ("en", "where is the office")
    ]
    assert (response.session_id, response.text) == ("s1", "It is over there.")
    assert (response.source, list(response.choices)) == ("visitors.yaml:3", ["yes"])


def test_a_question_that_nobody_answers_comes_back_empty(node: Any) -> None:
    ServiceAdapter(node, ASK, lambda request: None)
    response = call(node, "hello")
    assert (response.session_id, response.text) == ("", "")
