"""Whether both VESCs brake by themselves when this computer falls silent."""

from __future__ import annotations

from patrol_drivers.motors import Watchdog
from patrol_drivers.vesc import state
from patrol_drivers.vesc.exchange import Exchange
from patrol_drivers.vesc.params import VescParams
from patrol_drivers.vesc.protocol import Request
from patrol_drivers.vesc.values import NAMES, Command


def read_watchdogs(line: Exchange, params: VescParams, quietly: bool) -> tuple[Watchdog, str]:
    """How sure it is, and why not: empty when it is. Raises ReplyError and LinkError."""
    both = [_read(line, params, behind_can, quietly) for behind_can in (False, True)]
    for worst in (Watchdog.UNVERIFIED, Watchdog.DECLARED):
        for watchdog, why in both:
            if watchdog is worst:
                return watchdog, why
    return Watchdog.VERIFIED, ""


def _read(
    line: Exchange, params: VescParams, behind_can: bool, quietly: bool
) -> tuple[Watchdog, str]:
    """A timeout that was read and is wrong stays wrong, whatever a person declared."""
    request = Request(Command.GET_APPCONF, b"", params.can_id, behind_can)
    guard = state.guard(line.ask(request, quietly=quietly))
    name = NAMES[behind_can]
    if guard is None:
        declared = Watchdog.DECLARED if params.watchdog_declared else Watchdog.UNVERIFIED
        return declared, f"{name} has a firmware whose configuration the driver cannot read"
    in_time = 0.0 < guard.timeout_s <= params.watchdog_s
    if in_time and abs(guard.brake_a) >= params.watchdog_brake_a:
        return Watchdog.VERIFIED, ""
    told = f"a timeout of {guard.timeout_s:g} s (0 is off) and {guard.brake_a:g} A to brake with"
    return Watchdog.UNVERIFIED, f"{name} has {told}"
