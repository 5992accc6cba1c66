"""Translation catalogues (gettext)."""
