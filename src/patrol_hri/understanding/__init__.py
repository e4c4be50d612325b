"""From what somebody says to a closed intent, the place that is meant, and what else was said."""
