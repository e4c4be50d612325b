"""A differential drive base on any of the motor controllers: commands in, odometry out."""
