"""What every web page of the robot stands on: connections, rates, headers."""
