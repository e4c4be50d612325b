"""Makes any component a ROS 2 node: conversions, parameters, actions, the tick."""
