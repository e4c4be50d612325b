"""A recorded run through the cores again: the same ticks, the same inputs, the same words."""
