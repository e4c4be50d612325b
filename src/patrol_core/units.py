"""Units that people read, beside those of SI."""

from __future__ import annotations

_ZERO_CELSIUS_K = 273.15


def kelvin(celsius: float) -> float:
    """Degrees Celsius as kelvin."""
    return celsius + _ZERO_CELSIUS_K


def celsius(temperature_k: float) -> float:
    """Kelvin as degrees Celsius."""
    return temperature_k - _ZERO_CELSIUS_K
