"""The operators' console on ROS 2."""
