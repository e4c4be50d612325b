"""Talking with visitors: dialogue, knowledge of the site, languages, wayfinding, the kiosk."""
