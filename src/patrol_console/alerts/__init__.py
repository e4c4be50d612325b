"""What somebody has to look after: incidents with their evidence, and the robot's own troubles."""
