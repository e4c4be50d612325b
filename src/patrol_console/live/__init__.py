"""What a robot is doing, as documents for browsers: one document a moment, sent to everybody."""
