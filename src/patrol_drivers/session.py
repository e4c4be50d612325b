"""What all controllers that answer have in common: to begin, to go on, to lose the line, to end.

A driver inherits `Session` and says what is particular to its controller.
"""

from __future__ import annotations

import contextlib
import math
from abc import ABC, abstractmethod

from patrol_drivers.admission import MAX_COMMAND_AGE_S
from patrol_drivers.errors import DriverError, LinkError, SettingsError, WatchdogError
from patrol_drivers.link import Link
from patrol_drivers.motors import (
    Clock,
    Cycle,
    EventKind,
    MotorReadings,
    Watchdog,
    WheelSpeeds,
)
from patrol_drivers.notes import Notes


class Session(ABC):
    """The frame of a motors.MotorDriver. `clock` is monotonic, and stamps commands and readings.

    `_up`: the start sequence is through, and nothing was lost since. `_was_set`: the watchdog was
    set (or found set) by this driver once, so that it ought to be. `_retry_at_s`: when the start
    sequence may be tried next.
    """

    def __init__(self, link: Link, clock: Clock, retry_s: float) -> None:
        self._link = link
        self._clock = clock
        self._retry_s = retry_s
        self._notes = Notes()
        self._in_use = False
        self._up = False
        self._lost = False
        self._retry_at_s = -math.inf
        self._name = ""
        self._watchdog = Watchdog.UNVERIFIED
        self._was_set = False
        self._sent: WheelSpeeds | None = None

    def start(self) -> str:
        """See motors.MotorDriver."""
        try:
            self._begin()
        except DriverError:
            self._lost = True
            self._retry_at_s = self._clock() + self._pause_s()
            raise
        if self._watchdog is Watchdog.UNVERIFIED:
            self._retry_at_s = self._clock() + self._pause_s()
            raise self._unguarded()
        return self._name

    def cycle(self, command: WheelSpeeds | None) -> Cycle:
        """See motors.MotorDriver."""
        self._sent = None
        readings = None
        self._look_back()
        begins = not self._is_ready() and self._clock() >= self._retry_at_s
        if begins:
            self._begin_again()
            if command is not None and self._clock() - command.stamp_s > MAX_COMMAND_AGE_S:
                command = None  # it grew old meanwhile, for which nobody is to blame
        if self._up:
            try:
                readings = self._one_cycle(command)
            except DriverError as error:
                self._lose(error)
        looked = readings is not None and not begins
        return Cycle(self._sent, readings, self._notes.take(looked))

    def close(self) -> None:
        """See motors.MotorDriver."""
        if not self._in_use:
            return
        try:
            self._link.open()
            self._say_goodbye()
        except DriverError as error:
            self._notes.happened(EventKind.NO_REPLY, f"not stopped at the end: {error.problem}")
        self._in_use = False
        self._forget()
        self._link.close()

    # What is particular to a controller

    @abstractmethod
    def _open(self) -> None:
        """All that has to be before a motion, on an open line: stop, identify, guard (which sets
        `_watchdog`). Raises DriverError. Nothing is told twice while `_lost`."""

    @abstractmethod
    def _one_cycle(self, command: WheelSpeeds | None) -> MotorReadings:
        """Ask, command, ask. Raises DriverError when nothing is certain any more."""

    @abstractmethod
    def _say_goodbye(self) -> None:
        """Stop the motors on an open line, as surely as it goes. Raises DriverError."""

    @abstractmethod
    def _call_stop(self) -> None:
        """Say a stop to whoever may hear, and note it in `_sent`. Raises LinkError."""

    @abstractmethod
    def _unguarded(self) -> WatchdogError:
        """What is to be done where the watchdog could not be verified."""

    @abstractmethod
    def _look_back(self) -> None:
        """At the beginning of a cycle: how long was it quiet?"""

    def _is_ready(self) -> bool:
        """Whether the start sequence need not be tried."""
        return self._up and self._watchdog is not Watchdog.UNVERIFIED

    def _pause_s(self) -> float:
        """Between two tries of the start sequence."""
        return self._retry_s

    # The frame

    def _begin(self) -> None:
        """The start sequence. Raises DriverError; the line is closed then."""
        self._forget()
        try:
            self._in_use = True
            self._link.open()
            self._open()
        except DriverError:
            self._forget()
            self._link.close()
            raise
        self._was_set = self._watchdog is not Watchdog.UNVERIFIED
        self._up = True
        if self._lost:
            self._notes.happened(EventKind.LINK_BACK, f"{self._name} answers again")
        self._lost = False

    def _begin_again(self) -> None:
        try:
            self._begin()
        except DriverError as error:
            self._tell_lost(error)
        self._retry_at_s = self._clock() + self._pause_s()

    def _forget(self) -> None:
        """Nothing is certain any more."""
        self._up = False
        self._watchdog = Watchdog.UNVERIFIED

    def _is_another(self, name: str) -> bool:
        """Take the name that the controller gives; whether it told of a reset by that."""
        before, self._name = self._name, name
        if not before or name == before:
            return False
        self._tell_reset(f"it says now that it is {name}, not {before}")
        return True

    def _tell_reset(self, why: str) -> None:
        """A controller that was reset has to be started anew before it may move."""
        self._notes.happened(EventKind.RESET, f"the controller was reset: {why}")
        self._was_set = False
        self._begin_soon()

    def _begin_soon(self) -> None:
        """Only stops, until all is begun anew in the next cycle."""
        self._watchdog = Watchdog.UNVERIFIED
        self._retry_at_s = -math.inf

    def _tell_lost(self, error: DriverError) -> None:
        if not self._lost:
            wrong = isinstance(error, SettingsError)
            kind = EventKind.FAULT if wrong else EventKind.LINK_LOST
            self._notes.happened(kind, error.problem)
        self._lost = True

    def _lose(self, error: DriverError) -> None:
        """One more stop, unanswered, and all begins anew."""
        self._tell_lost(error)
        self._forget()
        self._retry_at_s = -math.inf
        with contextlib.suppress(LinkError):  # told already: the line is what was lost
            self._call_stop()
        self._link.close()
