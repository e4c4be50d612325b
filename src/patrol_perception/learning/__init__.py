"""Refits thresholds from what people have said of incidents. Pure: records in, numbers out."""
