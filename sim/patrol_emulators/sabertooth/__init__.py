"""Sabertooth 2x25 by Dimension Engineering, packetized serial mode.

It never answers: the host's receive line is not connected (guide, "Packetized Serial"). No encoder
reaches it or the host; what it knows of the motors it shows on LEDs alone.

Facts: "Sabertooth 2x25 User's Guide" (July 2007), here version 1: commands 0 to 13, the rate is
found from the byte 170. "Sabertooth 2x25 V2 User's Guide" (April 2012), here version 2: commands
0 to 17, the rate is stored. Where the guides are silent, the maker's "Arduino Library for
SyRen/Sabertooth Packet Serial" (v1.5, 2013). What all three leave open, and what was chosen here,
each module says.
"""
