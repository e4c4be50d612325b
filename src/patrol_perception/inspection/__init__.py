"""Readings that a person would take on a round: tags, gauges, lamps, doors, hot spots."""
