"""The operators' console: a web application on the robot, its front end, and its link."""
