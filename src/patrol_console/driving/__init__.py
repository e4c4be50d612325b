"""Driving by hand: who has the robot, whether the dead-man is held, how old a command is."""
