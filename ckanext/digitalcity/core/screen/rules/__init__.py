"""The screening rules: one file each. A new rule is added to this list."""

from __future__ import annotations

from ..rule import Rule
from . import email, nhs_number, ni_number, postcode_address, uk_telephone

RULES: tuple[Rule, ...] = (
    email.RULE,
    uk_telephone.RULE,
    postcode_address.RULE,
    ni_number.RULE,
    nhs_number.RULE,
)
