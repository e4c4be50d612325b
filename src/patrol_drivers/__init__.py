"""Serial motor controllers behind one interface (`motors.py`), one folder each.

A driver is `values` / `protocol` (bytes, pure) / `state` (bytes -> SI) / `command` (SI -> bytes,
limited) / `driver` (owns the port). Time and sleep are not its own: the clock is handed in, and
what waits is the link, for as long as each call allows.
"""
