"""The page on the robot's screen and on visitors' phones. It can talk, and command nothing."""
