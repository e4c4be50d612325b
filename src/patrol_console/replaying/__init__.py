"""What happened, seen again: the flight recorder's recordings."""
