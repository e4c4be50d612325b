"""Things by name, from a detector network that the operator brings along. Names decide nothing."""
