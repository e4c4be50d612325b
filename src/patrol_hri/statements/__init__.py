"""Taking visitors' statements and reports, and keeping what they agreed to have kept."""
