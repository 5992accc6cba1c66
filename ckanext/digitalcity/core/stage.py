"""Receiving bytes into a folder where every file is named by its SHA-256. Nothing half-written is ever seen there."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .reasons import Unchecked


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes that are kept: where, their SHA-256 (hex) and how many there are."""

    path: Path
    sha256: str
    size: int


def receive(chunks: Iterable[bytes], folder: Path, limit: int) -> Staged:
    """Keeps all bytes under their SHA-256, or none of them.

    Args:
        chunks: the bytes in any portions; read once.
        folder: must exist; a file that is already there under the same hash is left as it is.
        limit: most bytes taken.

    Raises:
        Unchecked: more bytes than the limit came (reason ``too-large``).
    """
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(prefix=".receiving-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Unchecked(
                        f"The file is larger than {limit} bytes, the most this portal takes.",
                        "Publish it in smaller parts, or ask the operator to raise the limit.",
                        reason="too-large",
                    )
                digest.update(chunk)
                file.write(chunk)
        final = folder / digest.hexdigest()
        if final.exists():
            Path(name).unlink()
        else:
            Path(name).replace(final)
        return Staged(final, digest.hexdigest(), size)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
