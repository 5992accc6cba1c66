"""Kinds of source, one per file. Imports nothing of CKAN."""
