"""Where the robot is on the map, and how far that can be trusted."""
