"""The gate for files that people upload, by CKAN's form or API (docs/adr/012-uploads-through-the-gate.md)."""
