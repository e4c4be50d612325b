"""Nobody is recognisable in what leaves perception, and privacy zones are black."""
