"""People on foot as a planar lidar sees them: legs, pairs of legs, and what stands still."""
