"""ODrive v3.6 by ODrive Robotics, ASCII protocol, firmware 0.5.6.

Facts: the maker's documentation of that firmware ("ASCII Protocol", "Getting Started", "Control",
"Hoverboard Guide", "UART Interface", the interface reference odrive-interface.yaml) and, where it
is silent, the firmware's source at the tag fw-v0.5.6; the modules name documents and files. The
command h (help) and the input modes but inactive, passthrough, velocity ramp and trapezoidal
trajectory are not emulated, nor are calibrations, a brake resistor, the 512 bytes that hold
answers until they are sent, step and direction, CAN and the native protocol.

The maker counts in turns and turns a second of the shaft that the encoder is on. Here that is the
wheel, as on a hub motor: motors, encoders and battery are those of the shared plant, whose motors
are brushed. A brushless motor whose encoder stands still would stand, too, with its current at the
limit; these run away.

An ODrive v3 has no e-stop input: a pressed one changes nothing, and the snapshot says so.
"""
