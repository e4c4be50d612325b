"""The plant against answers that can be worked out on paper."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from patrol_emulators.params import MotorParams, PlantParams, SupplyParams, ThermalParams
from patrol_emulators.plant import BRAKE, COAST, Battery, Drive, Plant, PowerStage

MOTOR = MotorParams()
STIFF = SupplyParams(full_v=24.0, empty_v=24.0, resistance_ohm=0.0, idle_a=0.0)
HELD_NM = 1000.0


def plant(motor: MotorParams = MOTOR, supply: SupplyParams = STIFF) -> Plant:
    return Plant(PlantParams(motor, supply))


def test_speed_follows_the_time_constant_of_inertia_and_back_emf() -> None:
    driven = plant()
    driven.drives = [Drive(0.5), BRAKE]
    k, ohm = MOTOR.torque_constant_nm_per_a, MOTOR.resistance_ohm
    damping = MOTOR.viscous_nms + k * k / ohm
    final = (k * 12.0 / ohm - MOTOR.coulomb_nm) / damping
    tau_s = MOTOR.inertia_kgm2 / damping
    for t_s in (0.05, 0.1, 0.3, 1.0):
        other = plant()
        other.drives = [Drive(0.5), BRAKE]
        other.step(t_s)
        assert other.motors[0].speed_radps == pytest.approx(final * -math.expm1(-t_s / tau_s))
        assert other.motors[1].speed_radps == 0.0
    driven.step(1.0)
    angle = final * 1.0 - final * tau_s * -math.expm1(-1.0 / tau_s)
    assert driven.motors[0].ticks == math.floor(angle * MOTOR.ticks_per_rev / (2.0 * math.pi))


def test_one_long_step_is_many_short_ones() -> None:
    long, short = plant(supply=SupplyParams()), plant(supply=SupplyParams())
    for each in (long, short):
        each.drives = [Drive(0.8, limit_a=10.0), Drive(-0.3)]
    long.step(0.5)
    for _ in range(500):
        short.step(0.001)
    assert long.motors[0].speed_radps == pytest.approx(short.motors[0].speed_radps, rel=1e-9)
    assert long.motors[1].ticks == short.motors[1].ticks
    assert long.battery.fraction == pytest.approx(short.battery.fraction, rel=1e-12)


def test_backwards_is_forwards_mirrored() -> None:
    both = plant()
    both.drives = [Drive(0.4), Drive(-0.4)]
    both.step(0.37)
    assert both.motors[0].speed_radps == pytest.approx(-both.motors[1].speed_radps)


def test_a_wheel_at_rest_stays_until_the_torque_beats_dry_friction() -> None:
    k, ohm = MOTOR.torque_constant_nm_per_a, MOTOR.resistance_ohm
    enough = MOTOR.coulomb_nm * ohm / k / 24.0
    still, moving = plant(), plant()
    still.drives = [Drive(0.99 * enough), BRAKE]
    moving.drives = [Drive(1.01 * enough), BRAKE]
    still.step(1.0)
    moving.step(1.0)
    assert still.motors[0].speed_radps == 0.0 and still.motors[0].ticks == 0
    assert moving.motors[0].speed_radps > 0.0


def test_coasting_slows_by_friction_alone_and_braking_by_the_motor_too() -> None:
    motor = replace(MOTOR, viscous_nms=0.0)
    coasting, braking = plant(motor), plant(motor)
    for each, drive in ((coasting, COAST), (braking, BRAKE)):
        each.motors[0].speed_radps = 20.0
        each.drives = [drive, COAST]
        each.step(0.1)
    expected = 20.0 - motor.coulomb_nm / motor.inertia_kgm2 * 0.1
    assert coasting.motors[0].speed_radps == pytest.approx(expected)
    assert coasting.currents_a[0] == 0.0
    assert braking.motors[0].speed_radps < 0.6 * expected
    assert braking.currents_a[0] < 0.0
    coasting.step(10.0)
    assert coasting.motors[0].speed_radps == 0.0


def test_a_held_wheel_draws_the_stall_current_and_the_supply_sags() -> None:
    supply = SupplyParams()
    held = plant(supply=supply)
    held.motors[0].load_nm = HELD_NM
    held.drives = [Drive(1.0), BRAKE]
    held.step(0.001)
    open_v = 21.0 + 0.9 * 5.0
    volts = (open_v - supply.resistance_ohm * supply.idle_a) / (1.0 + supply.resistance_ohm / 0.6)
    assert held.supply_v == pytest.approx(volts, rel=1e-4)
    assert held.currents_a[0] == pytest.approx(volts / 0.6, rel=1e-4)
    assert not held.limited[0]


def test_a_limit_holds_the_current_whatever_the_duty() -> None:
    held = plant()
    held.motors[0].load_nm = HELD_NM
    held.drives = [Drive(-1.0, limit_a=10.0), Drive(0.1, limit_a=10.0)]
    held.step(0.01)
    assert held.currents_a[0] == -10.0
    assert held.limited == (True, False)
    k, dry = MOTOR.torque_constant_nm_per_a, MOTOR.coulomb_nm
    free = plant(replace(MOTOR, viscous_nms=0.0))
    free.drives = [Drive(1.0, limit_a=5.0), BRAKE]
    free.step(0.1)
    assert free.motors[0].speed_radps == pytest.approx((5.0 * k - dry) / MOTOR.inertia_kgm2 * 0.1)


def test_the_battery_gives_what_motors_turn_and_heat_take() -> None:
    driven = plant(supply=SupplyParams())
    driven.drives = [Drive(0.7), Drive(-0.4, limit_a=3.0)]
    driven.step(0.2)
    before = driven.battery.fraction
    k, ohm = MOTOR.torque_constant_nm_per_a, MOTOR.resistance_ohm
    speeds = [motor.speed_radps for motor in driven.motors]
    driven.step(0.001)
    amps = driven.currents_a
    used_w = sum(a * a * ohm + k * w * a for a, w in zip(amps, speeds, strict=True))
    charge_as = (before - driven.battery.fraction) * 20.0 * 3600.0
    given_w = driven.supply_v * (charge_as / 0.001 - 0.1)
    assert given_w == pytest.approx(used_w, rel=1e-3)


def test_a_battery_counts_amperes_and_is_never_less_than_empty() -> None:
    battery = Battery(SupplyParams(capacity_ah=2.0, initial_fraction=0.5))
    battery.draw(4.0, 450.0)
    assert battery.fraction == pytest.approx(0.25)
    assert battery.open_v == pytest.approx(22.25)
    battery.draw(-2.0, 900.0)
    assert battery.fraction == pytest.approx(0.5)
    battery.draw(100.0, 3600.0)
    assert battery.fraction == 0.0


def test_the_power_stage_warms_and_cools_like_one_lump() -> None:
    params = ThermalParams(ambient_c=20.0, stage_ohm=0.02, capacity_j_per_k=30.0)
    stage = PowerStage(params)
    final_c = 20.0 + 0.02 * (20.0**2 + 10.0**2) * params.to_ambient_k_per_w
    tau_s = 30.0 * params.to_ambient_k_per_w
    for _ in range(60):
        stage.step((20.0, -10.0), 1.0)
    warm_c = final_c + (20.0 - final_c) * math.exp(-60.0 / tau_s)
    assert stage.temperature_c == pytest.approx(warm_c)
    stage.step((0.0, 0.0), 30.0)
    assert stage.temperature_c == pytest.approx(20.0 + (warm_c - 20.0) * math.exp(-30.0 / tau_s))


def test_a_stuck_encoder_stands_still_and_goes_on_from_there() -> None:
    driven = plant()
    driven.drives = [Drive(0.5), BRAKE]
    driven.step(0.5)
    motor = driven.motors[0]
    motor.stick_encoder(True)
    stuck_at = motor.ticks
    driven.step(0.5)
    motor.stick_encoder(True)
    assert motor.ticks == stuck_at and motor.speed_radps > 1.0
    motor.stick_encoder(False)
    assert motor.ticks == stuck_at
    driven.step(0.01)
    gone = motor.speed_radps * 0.01 * MOTOR.ticks_per_rev / (2.0 * math.pi)
    assert motor.ticks - stuck_at == pytest.approx(gone, abs=2)


def test_a_fault_forces_the_supply() -> None:
    driven = plant()
    driven.drives = [Drive(1.0), BRAKE]
    driven.forced_v = 5.0
    driven.step(3.0)
    assert driven.supply_v == 5.0
    assert driven.motors[0].speed_radps < 5.0 / MOTOR.torque_constant_nm_per_a
    driven.forced_v = None
    driven.step(0.001)
    assert driven.supply_v == 24.0
