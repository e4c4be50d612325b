"""Gazebo Classic 11 in the embedded simulator's place: its physics, its rays, its contacts."""
