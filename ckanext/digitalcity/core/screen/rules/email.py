"""E-mail addresses of people. An office's own mailbox (``planning@``) is only noted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..column import Column, words
from ..rule import Rule, Ruling, Sight, Table, Tally

# bounded as RFC 5321 section 4.5.3.1 bounds them, so that no cell takes long
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,63}")
# Words that mailboxes of offices are named after, as whole parts of the name before the @ ...
OFFICE = words(
    "abuse accounts admin administration admissions applications bookings box business cars central clerk comments "
    "communications comms complaints consultation consultations contact contactus contracts council customer customers "
    "customerservice customerservices data democracy desk developers digital donotreply elections emergency "
    "enquiries enquiry enquire environment equalities events external feedback finance foi freedom funding general gis "
    "head headteacher hello help helpdesk highways hr info information inspection invoices jobs land legal library "
    "libraries licensing local mail mailbox maintenance manager marketing media membership museum museums no noreply "
    "office officer online opendata orders organisation parking parks payments performance permits planning policy "
    "postmaster premises press privacy procurement property public purchasing ranger reception recruitment recycling "
    "register registrar registration registrars reply report reports research reservations room sales school schools "
    "secretary security service services shop statistics stats street support survey team tenders tourism trading "
    "traffic transparency transport treasurer trees unit volunteering waste webmaster website"
)
# ... and stems that only such mailboxes contain, however they are written together.
STEMS = ("enquir", "customer", "council", "planning", "licens", "services", "service", "office", "library", "team")


def is_office(address: str) -> bool:
    """Whether a mailbox is named after a role rather than a person."""
    local, _, domain = address.lower().partition("@")
    parts = [part for part in re.split(r"[._+\-\d]+", local) if part]
    if not parts or any(part in OFFICE for part in parts) or any(stem in local for stem in STEMS):
        return True
    if len(local) <= 4 and domain.endswith((".gov.uk", ".nhs.uk", ".police.uk")):
        return True  # an abbreviation; people there are written first.last
    # thebakery@thebakery.co.uk: named after the organisation itself
    return len(local) > 3 and local == domain.split(".")[0]


def look(texts: Sequence[str], columns: Sequence[Column]) -> Iterator[tuple[int, Sight, str]]:
    """One sight a cell: a person's address counts before an office's beside it, ``first.last`` before a single word."""
    for index, text in enumerate(texts):
        found = ADDRESS.findall(text) if "@" in text else []
        if not found:
            continue
        people = [address.lower() for address in found if not is_office(address)]
        if not people:
            yield index, Sight.OFFICE, found[0].lower()
        elif all(address.partition("@")[0].isalpha() for address in people):
            yield index, Sight.LIKELY, people[0]
        else:
            yield index, Sight.CERTAIN, people[0]


def judge(tally: Tally, table: Table) -> list[Ruling]:
    """Every person's address holds the file; one single word all the way down (``toilets@``) is an office's."""
    sights = [sight for sight in (Sight.CERTAIN, Sight.LIKELY) if tally.cells(sight)]
    same = sights == [Sight.LIKELY] and tally.values(Sight.LIKELY) == 1 and tally.cells(Sight.LIKELY) > 2
    rulings = [Ruling("note" if same else "personal", tuple(sights))] if sights else []
    return rulings + ([Ruling("note", (Sight.OFFICE,))] if tally.cells(Sight.OFFICE) else [])


RULE = Rule("email", "@", look, judge)
