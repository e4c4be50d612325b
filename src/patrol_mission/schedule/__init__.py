"""Patrols that start by the site's schedules, and what became of each of them."""
