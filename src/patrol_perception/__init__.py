"""Lidar and camera pipelines: tracks, anomalies with their reasons, and the blurred camera stream."""
