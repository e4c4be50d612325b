"""Numbers of the Sabertooth: commands, ranges and times."""

from __future__ import annotations

from enum import IntEnum

ADDRESSES = range(128, 136)
"""Set by three switches. The guide (p. 15) calls address bytes "greater than 128"; the library
and the maker's page about the switches begin with 128."""

BAUD_RATES = (9600, 19200, 38400, 115200)
"""Stored in the controller; 9600 from the factory (p. 15 and 19), 115200 on some models (the
library). 2400 is left out: what is sent in a cycle would take 50 ms."""

MAX_AUTOBAUD = 38400
"""The fastest rate of a model that finds it by itself: from the maker's page about the library,
as others cite it."""

MAX_VALUE = 127
"""Full speed, and the largest value of any command (p. 17). The library sends 126 at most and
does not say why; the guide counts to 127."""

TIMEOUT_STEP_S = 0.1
"""Unit of the serial timeout (p. 19). 0 is off: how it is after each power-up. Whether a timeout
of one unit may strike sooner, the guide does not say."""

BAUDING = b"\xaa"
"""What a model without a stored baud rate measures the rate by, before it takes any packet
(2x5 guide, p. 15). As an address it is nobody's; the library calls it harmless elsewhere."""

POWER_UP_S = 2.0
"""From power-up to the bauding character: 2 s in guides of such models as others cite them; the
library waits 1.5 s."""

BAUDING_PAUSE_S = 0.5
"""From the bauding character to the first packet: what the library waits."""


class Command(IntEnum):
    """The commands that the driver uses.

    15 (baud rate), 16 (ramping) and 17 (deadband) are left to a person: they are stored for good
    and hold in every mode of the controller (p. 19).
    """

    M1_FORWARD = 0  # p. 17
    M1_BACKWARD = 1  # p. 17
    M2_FORWARD = 4  # the library
    M2_BACKWARD = 5  # the library
    SET_SERIAL_TIMEOUT = 14  # p. 19; not stored: off again after a power cycle
