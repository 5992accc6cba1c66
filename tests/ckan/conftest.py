"""The fixtures of a real portal, from tests/support."""

from kept import check_server, make_app, tables, with_plugins
from post_office import post_office
from uploading import all_large, dataset
from world import council, editor, harvest, portal

__all__ = [
    "all_large", "check_server", "council", "dataset", "editor", "harvest", "make_app", "portal", "post_office",
    "tables", "with_plugins",
]  # fmt: skip
