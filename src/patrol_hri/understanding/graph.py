"""Writes small networks in the form that ONNX Runtime reads (ONNX IR: onnx.proto3).

Only what a chain of operators with weights needs, so that no other package has to be there: a
message is a row of fields, each its number and kind, then its value (Protocol Buffers encoding).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Single = npt.NDArray[np.float32]

IR_VERSION, OPSET, CONTRIB = 8, 17, "com.microsoft"
"""What ONNX Runtime 1.14 and later reads; `CONTRIB`: its own operators, fused ones among them."""
_FLOAT_TENSOR, _FLOAT, _INT = 1, 1, 2


class Graph:
    """Operators in the order in which they run, from the input `x` on; every value has a name."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._weights: list[bytes] = []

    def weight(self, values: Single) -> str:
        """Something constant; returns its name."""
        name = f"w{len(self._weights)}"
        dims = b"".join(_number(1, size) for size in values.shape)
        raw = np.ascontiguousarray(values, "<f4").tobytes()
        self._weights.append(dims + _number(2, _FLOAT_TENSOR) + _text(8, name) + _bytes(9, raw))
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        attributes: Mapping[str, float] | None = None,
        domain: str = "",
    ) -> str:
        """An operator; whole numbers are attributes of the kind int. Returns its output's name."""
        output = f"v{len(self._nodes)}"
        told = b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, operator)
        for name, value in (attributes or {}).items():
            if isinstance(value, int):
                told += _bytes(5, _text(1, name) + _number(3, value) + _number(20, _INT))
            else:
                told += _bytes(5, _text(1, name) + _real(2, value) + _number(20, _FLOAT))
        self._nodes.append(told + _text(7, domain))
        return output

    def model(self, output: str) -> bytes:
        """The whole, with `x` (any, any, any) going in and `output` coming out."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, "graph")
        graph += b"".join(_bytes(5, weight) for weight in self._weights)
        graph += _bytes(11, _value("x")) + _bytes(12, _value(output))
        sets = _bytes(8, _number(2, OPSET)) + _bytes(8, _text(1, CONTRIB) + _number(2, 1))
        return _number(1, IR_VERSION) + sets + _bytes(7, graph)


def _value(name: str) -> bytes:
    """A tensor of three dimensions of any size."""
    shape = b"".join(_bytes(1, _text(2, f"{name}{axis}")) for axis in range(3))
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _FLOAT_TENSOR) + _bytes(2, shape)))


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _real(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())
