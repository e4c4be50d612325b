"""Global planning: search on the inflated costmap, shortcuts and smoothing."""
