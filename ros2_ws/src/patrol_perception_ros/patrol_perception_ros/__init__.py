"""The perception process on ROS 2."""
