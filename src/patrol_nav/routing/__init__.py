"""Routes over a graph of lanes: the graph, its file, the search."""
