"""Lidar and camera pipelines: tracks, anomalies with reasons, the blurred camera stream."""
