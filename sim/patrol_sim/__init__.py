"""Ronda's embedded simulator: MuJoCo physics and sensors from SDF worlds and the robot's URDF."""
