"""Dual-channel Roboteq controllers for brushed motors, by their serial port (ASCII commands).

Facts: "Advanced Digital Motor Controllers User Manual", Roboteq; pages in the modules are of V1.8
(28 August 2017) unless another edition is named: V2.0 (8 July 2019) or V2.1 (3 December 2020).
What the manual leaves open, and what was chosen here, each module says.
"""
