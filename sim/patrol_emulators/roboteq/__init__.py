"""Dual-channel Roboteq controllers for brushed motors, by their serial port (ASCII commands).

Facts: "Advanced Digital Motor Controllers User Manual", Roboteq; pages in the modules are of V1.8
(28 August 2017) unless another edition is named: V2.0 (8 July 2019) or V2.1 (3 December 2020).
The texts of EX, MG, S, ECHOF, EPPR, MXRPM, OVL, OVH, UVL and of the gains were at hand only as
public drivers quote them from the manual, without a page.
What the manual leaves open, and what was chosen here, each module says.
"""
