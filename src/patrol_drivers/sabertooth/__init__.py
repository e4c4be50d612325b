"""Sabertooth 2x motor controllers of Dimension Engineering, packetized serial.

Source of every fact, unless another is named: "Sabertooth 2x12 User's Guide" (Dimension
Engineering, April 2012), by page. "2x5 guide" is the maker's guide of the older models that find
the baud rate by themselves; "the library" is the maker's "Arduino Library for SyRen/Sabertooth
Packet Serial" (2012 to 2013), its comments included.
"""
