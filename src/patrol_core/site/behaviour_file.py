"""`behaviour.yaml` of a site folder: the rules, read and checked."""

from __future__ import annotations

from patrol_core.site.behaviour import Rule, RuleKind
from patrol_core.site.hours import read_hours
from patrol_core.site.loader import SiteError
from patrol_core.site.model import Site, Zone
from patrol_core.site.yaml_tree import Problems, Value, did_you_mean, read_yaml, repeated

BEHAVIOUR_FILE = "behaviour.yaml"
LONGEST_S = 1800.0
"""Nothing has to last for longer until it is told: so long people's trails are kept."""
SHORT_S = 6.0
"""How long each place of a person's way is kept: over less than that running is told."""
_NEEDED: dict[RuleKind, tuple[str, ...]] = {
    RuleKind.LOITERING: ("radius_m",),
    RuleKind.RUNNING: ("speed_mps",),
    RuleKind.LYING: (),
    RuleKind.CROWD: ("people", "radius_m"),
    RuleKind.CLOSED_ZONE: ("zones",),
    RuleKind.KEEP_FREE: ("zones",),
}
_OPTIONAL = {RuleKind.KEEP_FREE: ("hours", "length_m")}
_SPAN_S = {RuleKind.LOITERING: (5.0, LONGEST_S), RuleKind.RUNNING: (0.6, SHORT_S - 1.0)}


def read_behaviour(site: Site) -> tuple[Rule, ...]:
    """The site's rules; none where it has no such file. Raises SiteError with every mistake."""
    file = site.folder / BEHAVIOUR_FILE
    if not file.exists():
        return ()
    problems = Problems()
    root = read_yaml(file, "the behaviour file", problems)
    rules = () if root is None else _rules(root, site)
    if problems.found:
        raise SiteError(tuple(problems.found))
    return rules


def _rules(root: Value, site: Site) -> tuple[Rule, ...]:
    fields = root.fields(("rules",))
    values = fields["rules"].items() if "rules" in fields else []
    read = [(value, _rule(value, site)) for value in values]
    repeated((rule.rule_id, value) for value, rule in read if rule is not None)
    return tuple(rule for _, rule in read if rule is not None)


def _rule(value: Value, site: Site) -> Rule | None:
    kind = _kind(value)
    if kind is None:
        return None
    usual = [key for key in ("zones", "hours") if key not in _NEEDED[kind]]
    optional = _OPTIONAL.get(kind, usual)
    fields = value.fields(("id", "kind", "for_s", *_NEEDED[kind]), optional)
    if not fields.keys() >= {"id", "kind", "for_s", *_NEEDED[kind]}:
        return None
    name = fields["id"].identifier()
    for_s = fields["for_s"].number(*_SPAN_S.get(kind, (0.0, LONGEST_S)), "seconds")
    zones = _zones(fields["zones"], site) if "zones" in fields else ()
    hours = read_hours(fields["hours"]) if "hours" in fields else ()
    radius = fields["radius_m"].number(0.5, 50.0, "metres") if "radius_m" in fields else 0.0
    speed = fields["speed_mps"].number(1.0, 12.0, "m/s") if "speed_mps" in fields else 0.0
    people = fields["people"].whole_number(2, 100, "people") if "people" in fields else 0
    length = fields["length_m"].number(0.0, 50.0, "metres") if "length_m" in fields else 0.0
    if kind is RuleKind.CLOSED_ZONE and not hours:
        _check_closing(fields["zones"], zones)
    if name is None or for_s is None or people is None:
        return None
    if radius is None or speed is None or length is None:
        return None
    ids = tuple(zone.zone_id for zone in zones)
    return Rule(name, kind, for_s, ids, hours, radius, speed, people, length)


def _kind(value: Value) -> RuleKind | None:
    """The kind decides which other keys may stand beside it."""
    every = ("id", "for_s", "zones", "hours", "radius_m", "speed_mps", "people", "length_m")
    kind = value.peek("kind")
    if kind is None:
        value.fields(("id", "kind", "for_s"), every)
        return None
    return kind.enum(RuleKind)


def _zones(value: Value, site: Site) -> tuple[Zone, ...]:
    known = {zone.zone_id: zone for zone in site.zones}
    found = []
    items = value.items()
    if not items and not value.problems.found:
        value.wrong(f"{value.name} is empty", "one zone or more", "name a zone, or remove 'zones'")
    for item in items:
        name = item.text()
        if name is not None and name not in known:
            item.wrong(
                f"no zone of this site is called '{name}'",
                f"one of {', '.join(known)}" if known else "a zone of zones.geojson",
                did_you_mean(name, list(known), "add the zone to zones.geojson"),
            )
        elif name is not None:
            found.append(known[name])
    return tuple(found)


def _check_closing(value: Value, zones: tuple[Zone, ...]) -> None:
    """Without hours of its own, the rule goes by those of its zones."""
    for zone in zones:
        if not zone.hours:
            value.wrong(
                f"zone '{zone.zone_id}' has no hours, and the rule has none: it is never closed",
                "hours at which the zone is closed",
                "add 'hours' to the rule, or to the zone the hours at which it is open",
            )
