"""Roboteq motor controllers with two channels, ASCII protocol on RS232 or USB.

Source of every fact, unless another is named: "Advanced Digital Motor Controller User Manual"
(Roboteq), V1.8 of August 28, 2017, by page; "V2.0" is the edition of July 8, 2019. Of commands
without a page the text was read, but not the number of its page.
"""
