"""Two VESCs (Benjamin Vedder): the first on the serial line, the second behind its CAN bus.

Facts: the maker's firmware (vedderb/bldc, branch release_6_05), which is all the documentation
that there is of the protocol; the modules name its files and functions. The motors are taken to
run by FOC, the firmware's default, with sensors. The plant's motor is a DC motor: an ampere of it
is an ampere on the q axis, its voltage over the supply's is the duty cycle. What the firmware
leaves open, and what was chosen here, each module says.
"""
