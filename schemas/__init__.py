"""Data only: Table Schemas and label definitions. Read with importlib.resources."""
