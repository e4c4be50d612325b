"""The last gate before the motors (DESIGN section 6): small, separate and distrustful.

Whatever is missing, late or absurd means stop. numpy and patrol_core only.
"""
