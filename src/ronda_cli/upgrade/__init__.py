"""Another version of the program in the place of this one, and back again.

Beside the checkout, `.releases/NAME` is a whole program with an environment of its own, and
`.releases/in_force` says which of them runs: one line a release, the newest last; none, and the
checkout runs. That file is written in one step, so that a program is changed in one step. What
belongs to the robot (`runs`, with state, accounts, log and keys, and `sites`) stays in the
checkout, and releases have links to it.
"""
