"""Two VESC motor controllers on one serial line, the second one behind the CAN bus of the first.

Source of every fact, unless another is named: the maker's firmware, vedderb/bldc, by file of
version 7.01 (commit b9d287b3); what is said of older versions was read in their tags and release
branches, from 3.59 on. There is no manual of the packets.
"""
