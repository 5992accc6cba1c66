"""Starts the check server in an empty network: first of all, for the libraries it loads begin threads."""

from __future__ import annotations

from .sandbox import leave_network


def main() -> None:
    """Serves until there is nobody left to serve."""
    leave_network()
    from .check_server import main as serve

    serve()


if __name__ == "__main__":
    main()
