"""Marks: small files that say a step is finished, and what it was made from. Standard library only."""

from __future__ import annotations

from ckanext.digitalcity.portal.folders import Folders


class Mark:
    """One finished step. It is written only after the step succeeded, so what was cut short is done again."""

    def __init__(self, folders: Folders, name: str) -> None:
        self.path = folders.marks / name

    def exists(self) -> bool:
        """Whether the step is finished, whatever it was made from."""
        return self.path.exists()

    def is_made_of(self, wanted: str) -> bool:
        """Whether the step is finished and was made from this."""
        return self.path.exists() and self.path.read_text(encoding="utf-8") == wanted

    def made_of(self, what: str) -> None:
        """Say that the step is finished."""
        temporary = self.path.with_suffix(".new")
        temporary.write_text(what, encoding="utf-8")
        temporary.replace(self.path)

    def forget(self) -> None:
        """Have the step done again."""
        self.path.unlink(missing_ok=True)
