"""The stops of a route and what is done when one fails, as `site.yaml` has them."""

from __future__ import annotations

import yaml

from patrol_core.site.elements import Element, OnFailure, Otherwise, RouteCare
from patrol_core.site.hours import read_hours
from patrol_core.site.yaml_tree import Value

CARE_KEYS = ("on_failure", "battery", "unpredictable")
"""Keys of a route that `read_care` reads; they may be missing."""


def read_stops(value: Value) -> tuple[list[tuple[str, Value]], tuple[Element, ...]]:
    """Checkpoint ids beside their values, and what is said of those that are more than an id."""
    ids: list[tuple[str, Value]] = []
    elements: list[Element] = []
    for item in value.items():
        element = _read_element(item, ids) if _is_mapping(item) else None
        if element is not None:
            elements.append(element)
        elif not _is_mapping(item) and (name := item.identifier()) is not None:
            ids.append((name, item))
    return ids, tuple(elements)


def stop_id(value: Value) -> Value:
    """Where the id of a stop stands; the stop itself if it is no more than that."""
    return value.peek("id") or value


def read_care(fields: dict[str, Value], elements: tuple[Element, ...]) -> RouteCare:
    """Of the fields of a route."""
    on_failure = _read_on_failure(fields["on_failure"]) if "on_failure" in fields else None
    battery = (
        fields["battery"].fields((), ("start_at", "return_at")) if "battery" in fields else {}
    )
    charges = {
        key: value.number(0.05, 0.95, "of a full battery") for key, value in battery.items()
    }
    start_at, return_at = charges.get("start_at"), charges.get("return_at")
    if start_at is not None and return_at is not None and start_at <= return_at:
        battery["start_at"].wrong(
            f"start_at is {start_at:g} and return_at {return_at:g}",
            "a patrol that starts with more than it returns with",
            "raise start_at, or lower return_at",
        )
    drawn = "unpredictable" in fields
    if drawn and "path" in fields:
        fields["unpredictable"].wrong(
            "a taught route that is unpredictable", "a route along the outline",
            "remove 'unpredictable', or patrol along the outline",
        )  # fmt: skip
    drawn = drawn and fields["unpredictable"].one_of(("true", "false")) == "true"
    return RouteCare(elements, on_failure or OnFailure(), start_at, return_at, drawn)


def _is_mapping(value: Value) -> bool:
    return isinstance(value.node, yaml.MappingNode)


def _read_element(value: Value, ids: list[tuple[str, Value]]) -> Element | None:
    fields = value.fields(("id",), ("on_failure", "speed_mps", "corridor_m", "hours"))
    name = fields["id"].identifier() if "id" in fields else None
    if name is None:
        return None
    ids.append((name, fields["id"]))
    speed = corridor = None
    if "speed_mps" in fields:
        speed = fields["speed_mps"].number(0.1, 3, "metres a second")
    if "corridor_m" in fields:
        corridor = fields["corridor_m"].number(0.5, 50, "metres")
    on_failure = _read_on_failure(fields["on_failure"]) if "on_failure" in fields else None
    hours = read_hours(fields["hours"]) if "hours" in fields else ()
    return Element(name, on_failure, speed, corridor, hours)


def _read_on_failure(value: Value) -> OnFailure | None:
    fields = value.fields((), ("retries", "ask_operator_s", "otherwise"))
    retries = fields["retries"].whole_number(0, 10, "tries") if "retries" in fields else 0
    ask_s = 0.0
    if "ask_operator_s" in fields:
        ask_s = fields["ask_operator_s"].number(0, 3600, "seconds") or 0.0
    otherwise = fields["otherwise"].enum(Otherwise) if "otherwise" in fields else Otherwise.PROCEED
    if retries is None or otherwise is None:
        return None
    return OnFailure(retries, ask_s, otherwise)
