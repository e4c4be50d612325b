"""RoboClaw motor controllers of BasicMicro (formerly Ion Motion Control), packet serial.

Source of every fact, unless another is named: "RoboClaw Series Brushed DC Motor Controllers, User
Manual" (BasicMicro), edition of September 2020, by page; "older edition" is the one that Ion
Motion Control published under the same title (with the 2x120A).
"""
