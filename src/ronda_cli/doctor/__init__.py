"""Looks at a running system and says in words what is wrong with it."""
