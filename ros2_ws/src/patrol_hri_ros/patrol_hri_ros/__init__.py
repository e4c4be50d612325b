"""The visitors' process on ROS 2."""
