"""A plan in words: what was drawn, from which policy, and what that is good for."""

from __future__ import annotations

from collections.abc import Iterator

from patrol_mission.plan import END, TURN, Plan
from patrol_mission.unpredictable.policy import STAYS
from patrol_mission.unpredictable.ring import EARLY_LAPS, UNIT_LAPS
from patrol_mission.unpredictable.timeline import Timeline, longest_alone_s, timeline


def explain(plan: Plan) -> str:
    """Some lines for an operator (`./ronda patrol explain`); times count from the first move."""
    times = timeline(plan)
    return "\n".join((*_policy(plan), "", *_chances(plan), "", *_drawn(plan, times)))


def _policy(plan: Plan) -> Iterator[str]:
    policy = plan.policy
    yield (
        f"Lap of {plan.lap_m:.0f} m at {plan.speed_mps:g} m/s, {plan.direction.value}: "
        f"{_span(policy.lap_s)} with its stops. Planned for the time of {plan.laps}."
    )
    if policy.turning.never:
        yield "Policy: a fixed lap (level 0). Who has watched it knows when the robot comes."
    else:
        yield (
            f"Policy: level {policy.level:g} of unpredictability against a {policy.against}. In "
            f"each {UNIT_LAPS * plan.lap_m:.0f} m the robot turns round with a chance of "
            f"{policy.turning.early:.1%}, after {EARLY_LAPS * plan.lap_m:.0f} m without a turn "
            f"of {policy.turning.late:.1%}."
        )
    yield f"Bound: no place is left alone for longer than {_span(plan.bound_s)}."


def _chances(plan: Plan) -> Iterator[str]:
    yield "Chance of meeting somebody who knows the policy, not the draw, at the worst place"
    yield "and time. A watcher sees the robot at his place, a seer sees it everywhere:"
    yield f"{'needs':>10} {'of a lap':>9} {'watcher':>8} {'seer':>7}"
    for stay, (watcher, seer) in zip(STAYS, plan.policy.chances, strict=True):
        yield f"{_span(stay * plan.policy.lap_s):>10} {stay:>9.0%} {watcher:>8.1%} {seer:>7.1%}"
    if plan.bound_s < plan.policy.bound_s:
        yield "In a patrol as short as this the bound makes it turn less often: they are lower."
    yield "(No robot alone meets the watcher with more than the share of the lap that he needs,"
    yield "or a seer in less than half a lap.)"


def _drawn(plan: Plan, times: Timeline) -> Iterator[str]:
    turns = sum(visit.reason == TURN for visit in plan.visits)
    yield (
        f"Drawn with seed {plan.seed}: off {_span(plan.start_delay_s)} late, first "
        f"{plan.visits[0].direction.value}, {turns} turns; {_span(times.duration_s)} in all."
    )
    places = {v.checkpoint_id: v.along_m for v in plan.visits if v.checkpoint_id}
    alone = {name: longest_alone_s(plan, times, at_m) for name, at_m in places.items()}
    if alone:
        longest = max(alone, key=lambda name: alone[name])
        yield f"Left alone for longest: {longest}, {_span(alone[longest])}."
    for visit, arrive_s in zip(plan.visits, times.arrive_s.tolist(), strict=True):
        place = visit.checkpoint_id or f"at {visit.along_m:.0f} m"
        stand = f", stands {visit.dwell_s:.0f} s" if visit.dwell_s else ""
        why = visit.reason if visit.reason in (TURN, END) or ";" in visit.reason else ""
        said = f"{place}{stand}{': ' if why else ''}{why}"
        yield f"{_span(arrive_s):>10}  {visit.direction.value:16} {said}"


def _span(time_s: float) -> str:
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
