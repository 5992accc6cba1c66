"""``digitalcity check``: one file or web address through the gate, without a portal."""
