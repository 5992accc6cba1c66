"""Validation: what the bytes are, how their text is written, and what Frictionless says about the table in them."""
