"""The records process on ROS 2."""
