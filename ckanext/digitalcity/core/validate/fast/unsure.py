"""The screen's only way to say no: Frictionless has to look itself."""


class NotSure(Exception):
    """What follows in this file goes to Frictionless, row by row."""
