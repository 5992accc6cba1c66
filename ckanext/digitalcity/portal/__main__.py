"""``python -m ckanext.digitalcity.portal``: the launcher inside its environment."""

from __future__ import annotations

import sys

from ckanext.digitalcity.portal.cli import main

sys.exit(main(sys.argv[1:]))
