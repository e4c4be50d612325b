"""The mission process on ROS 2."""
