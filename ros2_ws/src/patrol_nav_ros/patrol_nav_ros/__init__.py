"""The nav process on ROS 2."""
