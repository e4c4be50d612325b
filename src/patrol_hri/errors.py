"""What can go wrong between the robot and its visitors."""

from __future__ import annotations

from patrol_core.errors import RondaError


class HriError(RondaError):
    """The root of this package's errors."""


class UnknownSessionError(HriError):
    """There is no conversation of that id, or it has ended."""


class KioskError(HriError):
    """The kiosk's page cannot be served."""
