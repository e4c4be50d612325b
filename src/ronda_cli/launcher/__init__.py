"""Runs launch files: a closed subset of ROS 2's XML, by processes of this machine.

`launch_file` reads, `substitutions` and `evaluate` decide what is to run (pure), `packages` finds
it in the source tree, `supervisor` runs it. Where ROS 2's own `launch` and the built packages are
there, they do the same with the same files.
"""
