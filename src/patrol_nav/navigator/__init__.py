"""Goals into motion: navigate, follow a route, dock; a reason for every failure."""
