"""What a cell says: text, ids, yes or no, percentages. Dates and money have modules of their own.

Everything here is pure. A value that cannot be read raises Unreadable with the reason in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import methodcaller
from typing import Any, NamedTuple, TypeVar
from unicodedata import normalize

K = TypeVar("K")
V = TypeVar("V")

#: What exporters and spreadsheets write into a cell that has nothing to say.
BLANKS = frozenset(
    {"", "-", "--", "–", "—", "n/a", "n.a.", "#n/a", "#null!", "na", "null", "none", "nan", "nil",
     "\\n", "(blank)", "(null)", "<null>", "[null]", "undefined", "0000-00-00",
     "0000-00-00 00:00:00", "0000-00-00t00:00:00", "0000-00-00t00:00:00z", "00.00.0000",
     "00/00/0000", "00-00-0000"}
)  # fmt: skip
YES = frozenset({"true", "yes", "y", "on", "1", "t", "x", "checked", "☑"}) | {
    "ja", "wahr", "oui", "vrai", "sí", "si", "verdadero", "sim", "verdadeiro", "sì", "vero",
    "waar", "sant", "sand", "tak", "prawda", "kyllä", "tosi",
}  # fmt: skip
NO = frozenset({"false", "no", "n", "off", "0", "f", "", "unchecked", "☐"}) | {
    "nein", "falsch", "non", "faux", "falso", "não", "nao", "nee", "onwaar", "nej", "nei",
    "falskt", "falsk", "usann", "nie", "fałsz", "ei", "epätosi",
}  # fmt: skip

MOST_ID = 200

#: Characters that nobody sees; within an id they make two of one.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ud800-\udfff]")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")
_SALESFORCE = re.compile(r"(?=.{3}.*[A-Za-z])[A-Za-z0-9]{15}")
_GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
#: Of five characters, which are capitals, the first one counting least; and the letter for it.
_CHECK_LETTER = {
    f"{place:05b}"[::-1]: letter for place, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345")
}
_CAPITALS = {code: "01"[chr(code).isupper()] for code in range(128)}


class Unreadable(ValueError):
    """A cell says something that its column cannot hold; the message says what, in words.

    Where it is known, `label` is the column and `cell` what stands there.
    """

    label: str = ""
    cell: str = ""

    def at(self, label: str, cell: str) -> Unreadable:
        """The same, with its place; the first one who knows it says it."""
        if not self.label:
            self.label, self.cell = label, shown(cell, 200)
        return self


class Memo(dict[K, V]):
    """What the cells of a column say, each read once: most columns repeat themselves.

    It forgets everything when it has met too many, and never keeps a long one.
    """

    MOST, LONGEST = 20_000, 200

    def __init__(self, read: Callable[[K], V]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, cell: K) -> V:
        found = self.read(cell)
        if isinstance(cell, str) and len(cell) > self.LONGEST:
            return found
        if len(self) >= self.MOST:
            self.clear()
        self[cell] = found
        return found


class Noted(NamedTuple):
    """What a cell means, with what is to be said about it."""

    value: Any
    note: str
    example: str = ""


class Cells(Memo[K, Any]):
    """What the cells of one field mean, each read once: a value, a value that is Noted, or the
    Unreadable that says where there is none. `plain` until one of them is not a mere value."""

    def __init__(self, read: Callable[[K], Any], label: str = "") -> None:
        super().__init__(self._tried)
        self._read, self.label = read, label
        self.plain = True

    def _tried(self, cell: K) -> Any:
        try:
            found = self._read(cell)
        except Unreadable as error:
            found = error.at(self.label, cell if isinstance(cell, str) else "")
        self.plain = self.plain and not isinstance(found, (Noted, Unreadable))
        return found


def text(cell: str) -> str:
    """One line of text: no control characters, white space collapsed, `="…"` unwrapped."""
    if cell.isascii() and cell.isprintable() and "  " not in cell and cell[:1] != "=":
        return cell.strip()  # nearly all cells, at a tenth of the cost
    wrapped = _FORMULA_TEXT.fullmatch(cell)
    if wrapped:
        cell = wrapped[1]
    # One spelling for a letter and its accent, or one name would be two.
    return " ".join(normalize("NFC", _CONTROL.sub("", cell)).split())


def all_plain(cells: Sequence[str], most: int) -> bool:
    """Whether `text` would leave every one of the cells as it is, and none is empty or longer.

    Looking at all of them at once costs next to nothing; where it finds one that is not so, or may
    not be, each has to be looked at.
    """
    joined = "|".join(cells)
    if not (joined.isascii() and joined.isprintable()) or max(map(len, cells), default=0) > most:
        return False
    fenced = f"|{joined}|"
    return not any(odd in fenced for odd in ("||", "  ", "| ", " |", "|="))


def long_text(cell: str) -> str:
    """Text that keeps its line breaks but no other control characters."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", cell).strip()


def has_control(cell: str) -> bool:
    """Whether there is a character in it that no text means; `text` and `long_text` remove it."""
    return _CONTROL.search(cell) is not None


def name(cell: str) -> str:
    """One line of text; "" where the cell says in so many words that there is none."""
    value = text(cell)
    return "" if value.casefold() in BLANKS else value


def is_blank(cell: str) -> bool:
    """Whether a cell that should hold a number or a date holds nothing."""
    return text(cell).casefold() in BLANKS


def external_id(cell: str, prefix: str = "") -> str:
    """CRM's id in the one form it is stored in.

    With `prefix` (Salesforce's key for the kind of record, such as 006), an id of 15 characters
    becomes the one of 18 that names the same record. Identifiers in the form of a GUID lose braces
    and case. Raises Unreadable for an empty id, one that a spreadsheet turned into a number, and
    one that is longer than 200 characters.
    """
    if cell.isalnum() and cell.isascii() and len(cell) <= MOST_ID and cell.casefold() not in BLANKS:
        return _salesforce_id(cell, prefix) if prefix and cell.startswith(prefix) else cell
    value = text(_UNSEEN.sub("", cell))
    if value.casefold() in BLANKS:
        raise Unreadable("it has no id")
    if _SCIENTIFIC.fullmatch(value):
        raise Unreadable(
            f"the id {value} is in scientific notation: a spreadsheet rounded it, so nobody can "
            "tell which record it was; export again and do not open the file in between"
        )
    if len(value) > MOST_ID:
        raise Unreadable(f"the id is longer than {MOST_ID} characters")
    guid = _GUID.fullmatch(value)
    if guid:
        return guid[1].lower()
    return _salesforce_id(value, prefix) if prefix else value


def external_ids(cells: Sequence[str], prefix: str = "") -> list[str | None]:
    """The same of many cells; None where there is no id to be read."""
    if (
        all_plain(cells, MOST_ID)
        and "".join(cells).isalnum()
        and BLANKS.isdisjoint(map(str.casefold, cells))
    ):
        known = bool(prefix) and any(map(methodcaller("startswith", prefix), cells))
        if not known:
            return list(cells)
    return [_id_or_none(cell, prefix) for cell in cells]


def _id_or_none(cell: str, prefix: str) -> str | None:
    try:
        return external_id(cell, prefix)
    except Unreadable:
        return None


def check_letters(first: str) -> str:
    """The last three characters of a Salesforce id, which say which of the 15 are capitals."""
    capitals = first.translate(_CAPITALS)
    return "".join(_CHECK_LETTER[capitals[at : at + 5]] for at in (0, 5, 10))


def _salesforce_id(value: str, prefix: str) -> str:
    first, rest = value[:15], value[15:]
    if not value.startswith(prefix) or not _SALESFORCE.fullmatch(first):
        return value
    right = check_letters(first)
    # Other systems number their records too: eighteen characters that end in digits and do not
    # add up are theirs, and two of them may share their first fifteen.
    if rest in ("", right) or (
        len(rest) == 3 and rest.isascii() and rest.isupper() and rest.isalpha()
    ):
        return first + right
    return value


def boolean(cell: str) -> bool:
    """Yes or no in the spellings that exporters use; blank is no."""
    value = text(cell).casefold()
    if value in YES:
        return True
    if value in NO:
        return False
    raise Unreadable(f"“{shown(value)}” is neither yes nor no")


def percent(cell: str, *, fractions: bool) -> int | None:
    """A percentage from 0 to 100, rounded half up; with `fractions`, 0.6 stands for 60 %."""
    if is_blank(cell):
        return None
    value = text(cell)
    marked = value.endswith("%")
    number = value.removesuffix("%").strip().replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{0,30})?", number):
        raise Unreadable(f"“{shown(value)}” is no percentage")
    figure = Decimal(number)
    if fractions and not marked:
        figure *= 100
    if figure > 100:
        raise Unreadable(f"“{shown(value)}” is more than 100 %")
    return int(figure + Decimal("0.5"))


def percent_figure(cell: str) -> Decimal | None:
    """The bare figure of a percentage without its sign, to tell 0.6 from 60; None where marked."""
    number = text(cell).replace(",", ".")
    return Decimal(number) if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,30})?", number) else None


def shown(value: str, most: int = 60) -> str:
    """A value short enough to stand in a message."""
    value = text(value)
    return value if len(value) <= most else value[: most - 1] + "…"


def plain(value: str) -> str:
    """A name without case, spaces and punctuation, to compare spellings and column labels."""
    return "".join(letter for letter in value.casefold() if letter.isalnum())


def labels(cells: Sequence[str]) -> list[str]:
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    return names
