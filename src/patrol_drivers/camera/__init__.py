"""A camera of its own: grab, encode, open again; time is an argument."""
