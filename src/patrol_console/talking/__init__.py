"""Visitors' conversations, as far as an operator may hear them, and what he says in them."""
