"""Goals into motion: navigate, follow a route, dock; with recovery and a reason for every failure."""
