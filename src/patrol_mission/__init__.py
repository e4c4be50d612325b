"""What the robot does and in which order: routes, the patrol executive, reports."""
