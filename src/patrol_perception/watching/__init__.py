"""Standing and watching: what stays behind, and what is gone, in the picture of a still camera."""
