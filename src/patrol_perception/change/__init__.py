"""What has changed since the robot last saw a place: pictures against reference views."""
