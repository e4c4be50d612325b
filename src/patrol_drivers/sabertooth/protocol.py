"""Packets of the Sabertooth, which go one way only (p. 15).

Only the first byte of a packet is above 127, so that a controller finds the next packet whatever
was lost. The check sum has 7 bits: it sees every single wrong bit, but not every pair of them.
"""

from __future__ import annotations

from patrol_drivers.sabertooth.values import Command


def packet(address: int, command: Command, value: int) -> bytes:
    """The four bytes of a command; `value` is 0 to 127."""
    return bytes((address, command, value, (address + command + value) & 0x7F))
