"""Driving by hand from a terminal."""
