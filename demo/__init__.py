"""The demo city Aberfal: its files, recipes and loopback server."""
