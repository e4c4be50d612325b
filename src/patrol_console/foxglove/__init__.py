"""What the robot says, live, for engineers' tools that speak the Foxglove WebSocket protocol."""
