"""The OpenAPI 3.1 description of the requests, from their declarations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from patrol_console.web.endpoints import Endpoint
from patrol_console.web.guard import CHANGE_HEADER
from patrol_console.web.mounting import API

Document = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"


def describe(endpoints: Sequence[Endpoint], cookie: str) -> Document:
    """Paths, bodies and refusals. Answers are JSON objects; docs/CONSOLE.md tells their keys."""
    bodies = [one.body for one in endpoints if one.body is not None]
    _, schemas = models_json_schema(
        [(body, "validation") for body in bodies], ref_template=_REFERENCE
    )
    paths: Document = {}
    for one in endpoints:
        paths.setdefault(API + one.path, {})[one.method.lower()] = _operation(one)
    refusal = {
        "type": "object",
        "properties": {"error": {"type": "string"}},
        "required": ["error"],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Ronda: the operators' console", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Refusal": refusal},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "key": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(one: Endpoint) -> Document:
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    operation: Document = {
        "summary": one.summary,
        "operationId": f"{one.method.lower()}{re.sub(r'[^a-z]+', '_', one.path)}",
        "parameters": _parameters(one),
        "responses": {
            "200": {"description": "Done."},
            "4XX": {"description": "Refused, with a sentence that says why.", "content": refused},
        },
        "security": _security(one),
    }
    if one.permission is not None:
        operation["description"] = f"Needs the permission '{one.permission.value}'."
    if one.body is not None:
        schema = {"$ref": f"#/components/schemas/{one.body.__name__}"}
        operation["requestBody"] = {
            "required": True, "content": {"application/json": {"schema": schema}}
        }  # fmt: skip
    return operation


def _security(one: Endpoint) -> list[Document]:
    if one.by_key:
        return [{"key": []}]
    return [] if one.permission is None else [{"session": []}]


def _parameters(one: Endpoint) -> list[Document]:
    text = {"type": "string"}
    made: list[Document] = [
        {"name": name, "in": "path", "required": True, "schema": text}
        for name in re.findall(r"{(\w+)", one.path)
    ]
    made += [
        {"name": name, "in": "query", "description": meaning, "schema": text}
        for name, meaning in (one.query or {}).items()
    ]
    if one.method != "GET" and not one.by_key:
        made.append({
            "name": CHANGE_HEADER, "in": "header", "required": True, "schema": {"const": "1"}
        })  # fmt: skip
    return made
