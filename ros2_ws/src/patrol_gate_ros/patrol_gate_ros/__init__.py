"""The gate process on ROS 2."""
