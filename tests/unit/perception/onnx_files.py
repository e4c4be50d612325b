"""Small ONNX networks, written byte by byte (protobuf wire format, onnx.proto3 of ONNX 1.16)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FLOAT, FLOAT16, INT64 = 1, 10, 7
_INTS = 7
_OPSET, _IR = 13, 8


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, values: npt.NDArray[np.generic]) -> bytes:
    kind = {"float32": FLOAT, "float16": FLOAT16, "int64": INT64}[values.dtype.name]
    dims = b"".join(_field(1, edge) for edge in values.shape)
    return dims + _field(2, kind) + _field(8, name) + _field(9, values.tobytes())


def _value(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    """A named input or output; an edge given as a word is open."""
    dims = b"".join(_field(1, _field(2 if isinstance(n, str) else 1, n)) for n in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, dims)))


def _node(kind: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    return (
        b"".join(_field(1, n) for n in inputs) + _field(2, output) + _field(4, kind) + attributes
    )


def _int(name: str, value: int) -> bytes:
    return _field(5, _field(1, name) + _field(3, value) + _field(20, 2))


def _ints(name: str, values: Sequence[int]) -> bytes:
    items = b"".join(_field(8, value) for value in values)
    return _field(5, _field(1, name) + items + _field(20, _INTS))


def model(
    nodes: Sequence[bytes],
    constants: dict[str, npt.NDArray[np.generic]],
    inputs: Sequence[tuple[str, int, Sequence[int | str]]],
    output: tuple[str, int, Sequence[int | str]],
) -> bytes:
    """The bytes of a whole file."""
    graph = b"".join(_field(1, node) for node in nodes) + _field(2, "test")
    graph += b"".join(_field(5, _tensor(name, v)) for name, v in constants.items())
    graph += b"".join(_field(11, _value(*one)) for one in inputs)
    graph += _field(12, _value(*output))
    return _field(1, _IR) + _field(8, _field(1, "") + _field(2, _OPSET)) + _field(7, graph)


def fixed(
    answer: npt.NDArray[np.float32], takes: Sequence[int | str] = (1, 3, 64, 64), kind: int = FLOAT
) -> bytes:
    """A network that gives the same answer to every picture."""
    gives = answer.astype(np.float16) if kind == FLOAT16 else answer
    return model(
        [_node("Identity", ["answer"], "output0")],
        {"answer": gives},
        [("images", kind, takes)],
        ("output0", kind, gives.shape),
    )


def colours(takes: Sequence[int | str] = (1, 3, 64, 64)) -> bytes:
    """A detector in the form of v8 with one box, x 32, y 32, 16 wide, 8 high, and three classes
    whose scores are the means of the three planes of the picture's middle."""
    box = np.array([[[32.0], [32.0], [16.0], [8.0]]], np.float32)
    nodes = [
        _node("Slice", ["images", "starts", "ends", "axes"], "middle"),
        _node("ReduceMean", ["middle"], "means", _ints("axes", [2, 3]) + _int("keepdims", 1)),
        _node("Reshape", ["means", "shape"], "scores"),
        _node("Concat", ["box", "scores"], "output0", _int("axis", 1)),
    ]
    constants: dict[str, npt.NDArray[np.generic]] = {
        "box": box, "shape": np.array([1, 3, 1], np.int64), "starts": np.array([28], np.int64),
        "ends": np.array([36], np.int64), "axes": np.array([2], np.int64),
    }  # fmt: skip
    return model(nodes, constants, [("images", FLOAT, takes)], ("output0", FLOAT, (1, 7, 1)))
