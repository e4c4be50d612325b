"""What is said to a controller of which nothing is known yet, and what it has to answer."""

from __future__ import annotations

from patrol_drivers.motors import Watchdog
from patrol_drivers.roboteq.command import ECHO_ON, POWER_OFF, STOPS, set_watchdog
from patrol_drivers.roboteq.exchange import TRIES, Exchange
from patrol_drivers.roboteq.params import RoboteqParams
from patrol_drivers.roboteq.protocol import asking
from patrol_drivers.roboteq.settings import SETTINGS
from patrol_drivers.roboteq.values import (
    FIRMWARE,
    MODE,
    MODEL,
    OPEN_LOOP,
    SCRIPT_RUNS,
    STATUS,
    TORQUE,
    WATCHDOG,
)

UNHEARD_STOPS = (*STOPS, *STOPS)
"""Both stops, each twice: what one write of unknown fate should hold."""


def stop_both(line: Exchange, tries: int = TRIES, quietly: bool = False) -> None:
    """Stop both motors before anything else is said, and see it confirmed, with the echo on.

    Raises ReplyError when it is not confirmed.
    """
    line.echoed = False
    line.say(UNHEARD_STOPS)
    line.ask(ECHO_ON, tries, quietly)
    line.echoed = True
    confirm_stops(line, tries, quietly)


def confirm_stops(line: Exchange, tries: int = TRIES, quietly: bool = False) -> None:
    """Raises ReplyError unless both stops were heard and taken."""
    for request in STOPS:
        line.ask(request, tries, quietly)


def name_of(line: Exchange) -> str:
    """Model and firmware, as the controller gives them."""
    firmware = line.ask(asking(FIRMWARE)).text
    model = line.maybe(asking(MODEL))
    return firmware if model is None else f"{model.text.rpartition(':')[2]}, {firmware}"


def check_settings(line: Exchange, params: RoboteqParams) -> None:
    """Raises SettingsError when a setting does not fit.

    In modes in which !S does not stop, what !G left running is stopped first: else the stops of
    each new attempt would feed the watchdog and keep it running.
    """
    for setting in SETTINGS:
        request = asking(setting.query)
        reply = line.ask(request) if setting.known else line.maybe(request)
        if reply is None:
            continue
        if setting.query == MODE and {OPEN_LOOP, TORQUE} & set(reply.numbers):
            for power_off in POWER_OFF:
                line.maybe(power_off)
        setting.check(reply.numbers, params)


def guard(line: Exchange, params: RoboteqParams) -> tuple[Watchdog, bool]:
    """Set the watchdog, read it back, and see that no script feeds it.

    Also whether it had another value before, as after a reset.
    """
    right = (params.watchdog_ms,)
    before = line.maybe(asking(WATCHDOG))
    if before is not None and before.numbers != right:
        before = line.maybe(asking(WATCHDOG))  # one wrong digit is no reset
    line.maybe(set_watchdog(params))
    after = line.maybe(asking(WATCHDOG))
    status = line.maybe(asking(STATUS))
    differed = before is not None and before.numbers != right
    confirmed = after is not None and after.numbers == right
    untold = before is None and after is None
    scripted = status is not None and bool(status.numbers[0] & SCRIPT_RUNS)
    if params.watchdog_declared and (untold or (confirmed and scripted)):
        return Watchdog.DECLARED, differed
    return Watchdog.VERIFIED if confirmed and not scripted else Watchdog.UNVERIFIED, differed
