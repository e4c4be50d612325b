"""One DC motor with its wheel and encoder. All quantities are on the wheel's side of the gear."""

from __future__ import annotations

import math

from patrol_emulators.params import MotorParams


class Motor:
    """Speed from voltage and load. The current follows at once: its time constant is neglected.

    inertia * acceleration = torque_constant * current - viscous * speed - dry friction
    """

    def __init__(self, params: MotorParams) -> None:
        self._params = params
        self._angle_rad = 0.0
        self._lost_ticks = 0
        self._shown_ticks: int | None = None
        self.speed_radps = 0.0
        self.load_nm = 0.0
        """Outside load: it opposes motion like dry friction does, whatever the direction."""

    @property
    def ticks(self) -> int:
        """The encoder's count since the start, without bound; it stands still while stuck."""
        return (
            self._true_ticks - self._lost_ticks if self._shown_ticks is None else self._shown_ticks
        )

    @property
    def _true_ticks(self) -> int:
        return math.floor(self._angle_rad * self._params.ticks_per_rev / (2.0 * math.pi))

    def stick_encoder(self, stuck: bool) -> None:
        """Freeze the count, or let it go on from where it froze."""
        if stuck and self._shown_ticks is None:
            self._shown_ticks = self.ticks
        elif not stuck and self._shown_ticks is not None:
            self._lost_ticks = self._true_ticks - self._shown_ticks
            self._shown_ticks = None

    def current_at(self, voltage_v: float) -> float:
        """Current [A] that `voltage_v` drives against the back EMF of the present speed."""
        back_emf_v = self._params.torque_constant_nm_per_a * self.speed_radps
        return (voltage_v - back_emf_v) / self._params.resistance_ohm

    def voltage_for(self, current_a: float) -> float:
        """Voltage [V] that drives `current_a` at the present speed."""
        params = self._params
        return (
            current_a * params.resistance_ohm + params.torque_constant_nm_per_a * self.speed_radps
        )

    def step_voltage(self, voltage_v: float, dt_s: float) -> None:
        """Hold the terminals at `voltage_v` (0 is a short, a brake) for `dt_s`; exact."""
        params = self._params
        constant = params.torque_constant_nm_per_a
        damping = params.viscous_nms + constant * constant / params.resistance_ohm
        self._move(constant * voltage_v / params.resistance_ohm, damping, dt_s)

    def step_current(self, current_a: float, dt_s: float) -> None:
        """Hold the current at `current_a` (0 is an open circuit, coasting) for `dt_s`; exact."""
        params = self._params
        self._move(params.torque_constant_nm_per_a * current_a, params.viscous_nms, dt_s)

    def _move(self, torque_nm: float, damping_nms: float, dt_s: float) -> None:
        """Solve inertia * w' = torque - damping * w - dry friction; a wheel at rest may stick."""
        dry_nm = self._params.coulomb_nm + self.load_nm
        if self.speed_radps == 0.0:
            if abs(torque_nm) <= dry_nm:
                return
            direction = math.copysign(1.0, torque_nm)
        else:
            direction = math.copysign(1.0, self.speed_radps)
        before = self.speed_radps
        speed, angle = self._solve(torque_nm - direction * dry_nm, damping_nms, dt_s)
        if speed * direction < 0.0:
            # It stops within the step: the rest of the step, under 1 ms, is spent at rest.
            speed, angle = 0.0, before * dt_s / 2.0
        self.speed_radps = speed
        self._angle_rad += angle

    def _solve(self, net_nm: float, damping_nms: float, dt_s: float) -> tuple[float, float]:
        """Speed after, and angle gone in, `dt_s`."""
        inertia, before = self._params.inertia_kgm2, self.speed_radps
        if damping_nms * dt_s < 1e-9 * inertia:
            acceleration = net_nm / inertia
            return before + acceleration * dt_s, (before + acceleration * dt_s / 2.0) * dt_s
        final, tau_s = net_nm / damping_nms, inertia / damping_nms
        fade = -math.expm1(-dt_s / tau_s)
        return before + (final - before) * fade, final * dt_s + (before - final) * tau_s * fade
