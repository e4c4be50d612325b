"""Roboteq motor controllers with two channels, ASCII protocol on RS232 or USB.

Source of every fact, unless another is named: "Advanced Digital Motor Controller User Manual"
(Roboteq), V1.8 of August 28, 2017, by page; "V2.0" is the edition of July 8, 2019. Of commands
without a page the text was read, but not the number of its page.

Not established from it, and taken for the safe side:

- What a controller answers to an empty line: nothing is expected, and an answer is skipped.
- Whether a command is kept that comes during an emergency stop: stops are said all the time.
- How a setting of both channels is told (`~MMOD`): as queries are (`MMOD=1:1`); any other form is
  refused at the start. The numbers of MMOD beside 1, and the 4 counts for each pulse of EPPR, are
  common knowledge; a wrong scale is seen by a person who compares the wheel with its angle.
- Commands from CAN or another port feed the watchdog, too (p. 286), and cannot be seen from here:
  nothing else may command the controller. Of a script the driver asks (?FS).
"""
