"""The base as a ROS 2 node."""
