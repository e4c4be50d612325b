"""The tamper-evident log, to be read."""
