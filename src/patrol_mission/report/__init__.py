"""Reports of patrols and weeks, exports and the replay of a night, made from the records."""
