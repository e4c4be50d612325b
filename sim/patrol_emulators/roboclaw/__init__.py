"""RoboClaw by Basicmicro, packet serial mode.

Facts: "RoboClaw Series Brushed DC Motor Controllers User Manual", Basicmicro (Rev. 5.7 and later),
sections Packet Serial, Advanced Packet Serial, Encoders, Advanced Motor Control; page numbers in
the modules are of the edition for the 2x120A of firmware 4.1.11 and later. What the manual leaves
open, and what was chosen here, each module says.
"""
