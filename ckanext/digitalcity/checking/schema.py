"""The Table Schema that a person names: a file of theirs, or one that comes with this package."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path

from ..core.errors import Fatal
from ..core.model import Json
from ..core.shipped import names, shipped


def read_schema(name: str) -> Json:
    """The descriptor.

    Raises:
        Fatal: there is neither such a file nor such a name, or the file is no JSON object.
    """
    file = Path(name)
    if not file.is_file():
        if name in names():
            return shipped(name)
        near = get_close_matches(name, names(), n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Choose one of: {', '.join(names())}."
        raise Fatal(f"There is no Table Schema called '{name}', nor a file of that name.", hint)
    try:
        descriptor = json.loads(file.read_text("utf-8-sig"))
    except OSError:
        raise Fatal(f"'{name}' cannot be opened.", "Ask its owner to let you read it.") from None
    except UnicodeDecodeError:
        raise Fatal(f"'{name}' is not UTF-8 text.", "Save it as UTF-8.") from None
    except (ValueError, RecursionError):
        raise Fatal(f"'{name}' is not JSON.", "A Table Schema is a JSON file with a list of fields.") from None
    if not isinstance(descriptor, dict):
        raise Fatal(f"'{name}' is no Table Schema.", "A Table Schema is a JSON object with a list of fields.")
    return descriptor
