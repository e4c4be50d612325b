"""Incidents, evidence and the patrol's record. One process writes; anybody may read."""
