"""Unpacking gzip as it arrives: a few kilobytes at a time, however small the bomb was packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from ckanext.digitalcity.core.errors import Retriable, Skippable

CHUNK = 1 << 16
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpacks a gzip stream of one or more members (RFC 1952, section 2.2), at most 64 KiB at once.

    Raises:
        Retriable: the stream ends before it is complete.
        Skippable: it is not gzip (reason ``unreadable``).
    """
    member = zlib.decompressobj(GZIP_OR_ZLIB)
    empty = True
    try:
        for chunk in chunks:
            packed = chunk
            while packed:
                empty = False
                if member.eof:
                    member = zlib.decompressobj(GZIP_OR_ZLIB)
                if piece := member.decompress(packed, CHUNK):
                    yield piece
                packed = member.unused_data if member.eof else member.unconsumed_tail
        while not member.eof and (piece := member.decompress(b"", CHUNK)):
            yield piece
    except zlib.error:
        raise Skippable(
            "The answer says it is packed with gzip, but cannot be unpacked.",
            "Tell the publisher: the file is damaged.",
            reason="unreadable",
        ) from None
    if not member.eof and not empty:
        raise Retriable("The packed answer ended before it was complete.", "It may have been cut off on the way.")
