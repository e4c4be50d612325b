"""Many patrols in closed loop, judged, with confidence intervals."""
