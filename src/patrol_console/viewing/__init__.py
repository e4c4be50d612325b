"""What only viewers need (RViz, Foxglove): the robot's description, and markers."""
