"""Patrols that an observer cannot predict: theory, policies, and the walks drawn from them."""
