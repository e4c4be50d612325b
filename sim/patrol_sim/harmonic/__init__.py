"""Gazebo Harmonic in the place of the embedded simulator: what is ours of it.

Gazebo has the physics and the sensors; the scenario, the base's firmware and the truth are the
same as in the embedded simulator. No ROS here; Gazebo's own modules are imported when they are
needed (`transport.py`), for they come with Gazebo.
"""
