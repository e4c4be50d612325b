"""Local control: velocity commands that follow a path round people and obstacles."""
