"""The software stop. It is no emergency stop of IEC 60204: the robot's own button is."""
