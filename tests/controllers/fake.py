"""A controller's fake on the other end of a link, and a clock that goes only when told to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from patrol_drivers.errors import LinkError


class FakeClock:
    """A clock that goes only when told to."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.on_advance: list[Callable[[float], None]] = []

    def __call__(self) -> float:
        return self.now_s

    def advance(self, dt_s: float) -> None:
        self.now_s += dt_s
        for listener in self.on_advance:
            listener(dt_s)


@dataclass
class Line:
    """What is wrong with the line. Counts go down as they are used up."""

    plugged: bool = True
    silent: bool = False
    deaf: bool = False
    echo: bool = False
    chunk: int = 1000
    chunk_s: float = 0.0
    noise: list[bytes] = field(default_factory=list)
    corrupt: int = 0
    drop: int = 0
    hold: int = 0


class FakeController(ABC):
    """Controller and link (`patrol_drivers.link.Link`) in one; `line` says what is wrong."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.line = Line()
        self.is_open = False
        self._incoming = b""
        self._held = b""

    @abstractmethod
    def answer(self, packet: bytes) -> bytes:
        """Obey what the driver wrote at once, and say what comes back."""

    def open(self) -> None:
        self._need_cable()
        self.is_open = True

    def close(self) -> None:
        self.is_open = False

    def flush_input(self) -> None:
        self._need_cable()
        self._incoming = b""

    def read(self, count: int, timeout_s: float) -> bytes:
        self._need_cable()
        size = min(count, self.line.chunk)
        data, self._incoming = self._incoming[:size], self._incoming[size:]
        self.clock.advance(self.line.chunk_s if data else timeout_s)
        return data

    def write(self, data: bytes) -> None:
        self._need_cable()
        self.clock.advance(0.0005)
        if self.line.echo:
            self._incoming += data
        if self.line.silent or self.line.deaf:
            return
        reply = self.answer(data)
        if self.line.noise:
            self._incoming += self.line.noise.pop(0)
        self._incoming += self._held
        self._held = b""
        if self.line.corrupt and reply:
            self.line.corrupt -= 1
            reply = bytes((reply[0] ^ 0x40,)) + reply[1:]
        if self.line.drop and reply:
            self.line.drop -= 1
            reply = b""
        if self.line.hold and reply:
            self.line.hold -= 1
            self._held = reply
            return
        self._incoming += reply

    def _need_cable(self) -> None:
        if not self.line.plugged:
            raise LinkError("the cable is off")


class RandomLine:
    """A link whose other end talks nonsense, and which now and then is not there."""

    def __init__(self, clock: FakeClock, answers: list[bytes | None]) -> None:
        self._clock = clock
        self._answers = answers
        self.written: list[bytes] = []

    def open(self) -> None:
        if self._answers and self._answers[0] is None:
            self._answers.pop(0)
            raise LinkError("the cable is off")

    def write(self, data: bytes) -> None:
        self.open()
        self.written.append(data)

    def read(self, count: int, timeout_s: float) -> bytes:
        self.open()
        data = self._answers.pop(0) if self._answers else b""
        if not data:
            self._clock.advance(timeout_s)
            return b""
        if len(data) > count:
            self._answers.insert(0, data[count:])
        return data[:count]

    def flush_input(self) -> None:
        self.open()

    def close(self) -> None:
        pass
