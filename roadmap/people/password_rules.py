"""Which passwords are good enough: NIST SP 800-63B-4 for a password that stands alone.

At least 15 characters, no rule about which, and none that are guessed first: common passwords,
words of this place and of the person, runs and repetitions. Hardly any leaked password has 15
characters, so what counts is what a password is made of: what is left when everything that
guessers try is taken out of it. A meter such as zxcvbn would say more, at ten megabytes a process.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from .passwords import normal

SHORTEST, LONGEST = 15, 1_000

#: So many different pieces must be left: a common word is one of them, as is any other character.
FEWEST = 3

_COMMON = Path(__file__).with_name("common_passwords.txt")
_LONGEST_WORD = 30

#: What people of any company think of first, here.
_OF_THIS_PLACE = (
    "roadmap", "board", "roadmapboard", "roadmap-demo", "password", "passphrase", "passwort",
    "secret", "welcome", "changeme", "login", "signin", "admin", "administrator", "user", "account",
    "correcthorsebatterystaple", "thequickbrownfox", "jumpsoverthelazydog", "tobeornottobe",
    "iloveyou", "letmein", "letmeinplease", "opensesame", "default", "temporary", "please",
    "january", "february", "march", "april", "june", "july", "august", "september", "october",
    "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
    "sunday", "spring", "summer", "autumn", "winter",
)  # fmt: skip

_RUNS = (
    "01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "qazwsxedcrfvtgbyhnujmikolp",
    "!@#$%^&*()", "!\"§$%&/()=", "zaq12wsxcde34rfvbgt56yhn",
)  # fmt: skip
_YEAR = re.compile(r"(19|20)\d\d(?!\d)")
_LEET = str.maketrans("0134578@$!|€", "oleastbasile")


def refusal(password: str, about: Iterable[str] = ()) -> str | None:
    """Why the password is refused, in words that hold nothing of it; None for a good one.

    `about` are words that whoever knows the person or the place would try: names, an address.
    """
    plain = normal(password)
    try:
        plain.encode()
    except UnicodeEncodeError:
        return "The password cannot be read: is the terminal set to UTF-8?"
    if len(plain) < SHORTEST:
        return f"The password must have at least {SHORTEST} characters; a short sentence is fine."
    if len(password) > LONGEST:
        return f"The password must have at most {LONGEST:,} characters."
    unit = _unit(plain.casefold())
    if len(unit) * 2 <= len(plain) and len(unit) < SHORTEST:
        return "The password repeats itself. Choose one that is harder to guess."
    own = {*_OF_THIS_PLACE, *_words(about)}
    common = _common()
    if _pieces(plain.casefold(), own, common) < FEWEST:
        return (
            "The password is made of common words, names or rows of characters that are tried "
            "first. Choose one that is harder to guess."
        )
    return None


def _unit(text: str) -> str:
    """The shortest beginning of which the whole text is a repetition."""
    # By the longest border of each beginning, in one pass (Knuth, Morris and Pratt).
    borders = [0] * len(text)
    for at in range(1, len(text)):
        border = borders[at - 1]
        while border and text[border] != text[at]:
            border = borders[border - 1]
        borders[at] = border + (text[border] == text[at])
    return text[: len(text) - borders[-1]]


def _pieces(text: str, own: Collection[str], common: Collection[str]) -> int:
    """How many different pieces the text needs besides runs, repetitions and words of its own."""
    leet = text.translate(_LEET)
    pieces: set[str] = set()
    separators: set[str] = set()
    at = 0
    while at < len(text):
        known = max(_run(text, at), _word(text, at, own), _word(leet, at, own))
        word = max(_word(text, at, common), _word(leet, at, common))
        if word > known:
            pieces.add(leet[at : at + word])
        elif not known:
            plain = text[at].isascii() and not text[at].isalnum()
            (separators if plain else pieces).add(text[at])
        at += max(known, word, 1)
    # Words are parted by something, and end with something; more than that is a choice.
    return len(pieces) + max(0, len(separators) - 2)


def _word(text: str, at: int, words: Collection[str]) -> int:
    """The length of the longest of the words that stands here; 0 for none."""
    longest = min(_LONGEST_WORD, len(text) - at)
    return next((n for n in range(longest, 2, -1) if text[at : at + n] in words), 0)


def _run(text: str, at: int) -> int:
    """How far a row of one character, of an alphabet or of a keyboard goes from here, from three,
    or a year.
    """
    if _YEAR.match(text, at):
        return 4
    same = re.match(r"(.)\1*", text[at:], re.DOTALL)
    longest = same.end() if same else 0
    for run in _RUNS:
        for way in (run, run[::-1]):
            length = longest
            while text[at : at + length + 1] in way and at + length < len(text):
                length += 1
            longest = max(longest, length)
    return longest if longest >= 3 else 0


def _words(about: Iterable[str]) -> set[str]:
    """Each text as a whole and each word of it, as they would be typed."""
    found = set()
    for text in about:
        plain = normal(text).casefold()
        parts = re.split(r"[\W_]+", plain)
        found |= {plain, "".join(parts), *parts}
        found |= {part.translate(_LEET) for part in found}
    return {word for word in found if len(word) >= 3}


def _common() -> frozenset[str]:
    """Read when somebody sets a password, which is seldom, and not kept.

    Digits after a word are no part of it: they may begin a run.
    """
    lines = _COMMON.read_text("utf-8").splitlines()
    words = {line.rstrip("0123456789") for line in lines if not line.startswith("#")}
    return frozenset(word for word in words if len(word) >= 4)
