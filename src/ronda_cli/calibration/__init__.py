"""Calibration of the base: measured squares, their picture, and the robot file."""
