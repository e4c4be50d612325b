"""Commands to the robot, from the wish to what became of it."""
