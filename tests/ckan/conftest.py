"""The fixtures of a real portal, from tests/support."""

from post_office import post_office
from uploading import all_large, dataset
from world import council, editor, harvest, portal

__all__ = ["all_large", "council", "dataset", "editor", "harvest", "portal", "post_office"]
