"""Navigation: maps, localisation, planning, control and docking. Knows no middleware."""
