"""Folders of MCAP files with a `metadata.yaml`, as rosbag2 of ROS 2 Jazzy has them."""
