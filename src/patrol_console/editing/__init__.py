"""Zones, checkpoints, routes and schedules of a site, changed by people in the console."""
