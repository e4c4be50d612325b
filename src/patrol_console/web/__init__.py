"""The web application: routes of all parts behind one guard."""
