"""What every part of Ronda shares: SI types, geometry, tables, parameters, errors.

Knows no middleware, no clock and no sibling package.
"""
