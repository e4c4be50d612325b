"""What the robot speaks and understands: a folder of YAML a language, no code."""
