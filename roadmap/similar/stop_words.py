"""What reps say about selling, which says nothing about the problem: left out of what is sought."""

from __future__ import annotations

import re

_TIME = (
    r"q[1-4]|quarter|month|year|week|today|tomorrow|"
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*|"
    r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day"
)
#: Phrases whose words say something elsewhere: "sign" in "sign in", "month" in "month end".
_PHRASES = re.compile(
    rf"\b(?:by|before|until|till|in|on|to|this|next|end of)(?: the)?(?: end of)?(?: next| this)? "
    rf"(?:{_TIME})\b(?: [0-9]{{4}})?"
    r"|\b(?:sign(?:s|ed|ing)?|signature)\b(?![- ]?(?:in|on|off|up)\b)|\bclos(?:e|es|ed)\b"
    r"|\b(?:left|leaving) (?:the|their) (?:company|firm)\b"
    r"|\b(?:on|parental|maternity|sick) leave\b|\bgo(?:es)? with\b|\bat risk\b"
    r"|\blook(?:s|ed)? at us\b|\bwent well\b|\b(?:new|next) (?:buyer|owner|contact)s?\b"
    r"|\bwait(?:s|ing)? for\b|\b(?:nothing|anything) else(?: open)?\b",
    re.IGNORECASE,
)
#: Words of the trade, by themselves.
WORDS = frozenset(
    "account approval asap ask asked asking asks bid blocked blocker blockers blocking blocks "
    "board breaker budget buy buyer buyers call called calls cannot ceo cfo champion cheaper "
    "churn cio ciso client clients close closing committee company competition competitor "
    "competitors contract coo cto customer customers deal dealbreaker deals demo discount "
    "evaluate evaluation expansion insist insisted insisting insists invitation key legal lose "
    "loses losing lost lunch meeting money negotiate negotiation objection objections offer "
    "opportunity owner parental pilot poc points pricey procurement proper prospect prospects "
    "purchase purchasing reference renew renewal require required requirement requires rfi rfp "
    "risk sell send showstopper signature stopper tender vendor vendors walk win wins".split()
)


def without_selling(text: str) -> str:
    """A rep's words without what they say about the sale itself."""
    return _PHRASES.sub(" ", text)
