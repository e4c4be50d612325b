"""What is in the way: map, zones and scans, turned into distances to the nearest obstacle."""
