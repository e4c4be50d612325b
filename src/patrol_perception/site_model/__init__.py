"""What stood where on earlier patrols, and at which hours."""
