"""What can go wrong between this computer and a motor controller."""

from __future__ import annotations

from patrol_core.errors import RondaError


class DriverError(RondaError):
    """Root of everything that a motor driver raises on purpose."""


class LinkError(DriverError):
    """The port is not there, may not be opened, is in use, or went away."""


class ReplyError(DriverError):
    """The controller gave no answer, or none whose checksum is right."""


class WatchdogError(DriverError):
    """It is not certain that the controller stops by itself; the wheels stay still."""


class SettingsError(DriverError):
    """What is set in the controller does not fit the configuration; the wheels stay still."""
