"""Where a byte stands in a block, as one bit for each of its bytes: what quotes enclose takes a few steps on words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
WORD = 64
ONE, TOP = np.uint64(1), np.uint64(WORD - 1)


def marks(text: Bytes, byte: int) -> Words:
    """Set where the text has this byte; its first byte is the lowest bit of the first word."""
    bits = np.packbits(text == byte, bitorder="little")
    words = np.zeros(-(-text.size // WORD), np.dtype("<u8"))
    words.view(np.uint8)[: bits.size] = bits
    return words


def enclosed(quotes: Words) -> Words:
    """Set from each opening quote to the byte before the closing one: where the quotes so far are odd in number."""
    odd = quotes.copy()
    for step in (1, 2, 4, 8, 16, 32):
        odd ^= odd << np.uint64(step)
    carried = np.bitwise_xor.accumulate(odd >> TOP)[:-1]
    odd[1:] ^= np.negative(carried)  # 1 becomes a word full of ones
    return odd


def after(words: Words) -> Words:
    """Set at the byte after each mark."""
    moved = words << ONE
    moved[1:] |= words[:-1] >> TOP
    return moved


def before(words: Words) -> Words:
    """Set at the byte before each mark."""
    moved = words >> ONE
    moved[:-1] |= words[1:] << TOP
    return moved


def length(words: Words) -> int:
    """Bytes up to the last mark and including it."""
    used = np.flatnonzero(words)
    return int(used[-1]) * WORD + int(words[used[-1]]).bit_length() if used.size else 0


def first_bytes(words: Words, size: int) -> Words:
    """The marks of the first bytes only, of which there have to be so many."""
    kept = words[: -(-size // WORD)].copy()
    if size % WORD:
        kept[-1] &= np.uint64((1 << size % WORD) - 1)
    return kept


def count(words: Words) -> int:
    """How many bytes are marked."""
    return int(np.bitwise_count(words).sum())


def widest(words: Words) -> int:
    """No two neighbouring marks, nor the first and the start, are further apart than this; it may be 127 too many."""
    used = np.flatnonzero(words)
    return (int(np.diff(used, prepend=-1).max()) + 1) * WORD if used.size else words.size * WORD


def places(words: Words) -> Places:
    """Positions of the marked bytes. Most words have no mark and are not unpacked."""
    used = np.flatnonzero(words)
    found = np.flatnonzero(np.unpackbits(words[used].view(np.uint8), bitorder="little"))
    return used[found // WORD] * WORD + found % WORD
