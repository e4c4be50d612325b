"""Bags on the graph: what is said goes into a folder, and out of it again."""
