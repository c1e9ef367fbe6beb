"""Words that people use for the same thing when they speak of business software.

Which words are here was decided by what two people call the same gap, not by a dictionary: one says
"export", the other "download". A group is read by its words' stems; a phrase stands for the short
form that its group begins with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from .words import stem

_GROUPS = """
    access permission privilege authorization; account user login; add create;
    admin administrator administration; alert notification notify reminder notice;
    app application; approve approval signoff; archive retain retention;
    auth authentication authenticate login logon signin signon;
    automatic automatically auto automate automated automation; backup restore;
    bill billing invoice; bug error failure crash; bulk batch mass; button shortcut hotkey;
    calendar schedule; change edit modify update amend; chat message; clone copy duplicate;
    colleague teammate coworker; color colour; column field; combine merge unify consolidate;
    company organisation organization tenant; connect connection integrate integration connector;
    customer client; customize customise custom configurable personalize; dark night;
    date deadline; default preset; delay lag slow latency; delete remove erase;
    dictionary glossary; disable deactivate; docs documentation manual; employee staff worker;
    enable activate; encrypt encryption; excel spreadsheet xls xlsx csv; expire expiration expiry;
    export download; failure outage downtime; fast quick performance speed;
    file attachment document; filter narrow facet; folder directory; group category;
    hide hidden invisible; history audit trail log; image picture photo screenshot; import upload;
    language translation locale localization localisation; limit restrict quota cap;
    list overview; lock freeze; mail email; maintenance upkeep servicing; map mapping;
    mobile phone smartphone; multi multiple several many; name rename; offline disconnected;
    order purchase; password credential passphrase; pay payment; phone tablet;
    pin favorite favourite star bookmark; price pricing cost; print pdf; private confidential;
    recur recurring repeat repeating periodic; report reporting; role permission; row line;
    save store persist; search find lookup;
    settings setting configuration config option preference; share sharing; sheet table grid;
    sort order; split divide; sso saml; subscribe subscription; summary digest;
    sync synchronize synchronise synchronization synchronisation; tag label; task todo;
    team department; template boilerplate; theme mode skin; ticket case; timezone;
    undo revert rollback; vendor supplier; wait delay; warehouse depot; website site;
    window dialog popup; workflow process
"""

#: Short forms, and phrases that they are short for; the glossary of a workspace has others.
PHRASES = (
    ("kpi", "performance indicator"),
    ("dnd", "drag and drop"),
    ("ui", "user interface"),
    ("ooo", "out of office"),
    ("eta", "arrival time"),
)


def _related() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for group in _GROUPS.split(";"):
        stems = {stem(word) for word in group.split()}
        for each in stems:
            found[each] |= stems - {each}
    return {each: frozenset(others) for each, others in found.items()}


#: By stem, the stems of words that may mean the same.
RELATED = _related()
