"""What became different between the preview that somebody was shown and what would happen now."""

from __future__ import annotations

from roadmap.domain import fingerprint as parts
from roadmap.web.fields import whole_number
from roadmap.web.filters import money_short, plural

from .previews import Preview

#: No total is larger: databases add up in 64 bits.
MOST_TOTAL = 2**63 - 1

#: By part: the sentence where the total differs, and the one where only what adds up to it does.
WORDS = {
    parts.STEPS: ("", "What it changes was changed in between."),
    parts.DELAYED: ("It delayed {}, now {}.", "It delays other initiatives, or by other weeks."),
    parts.ADVANCED: (
        "It brought {} forward, now {}.",
        "It brings other initiatives forward, or by other weeks.",
    ),
    parts.PUSHED: ("It put {} out of reach, now {}.", "It puts other deals out of reach."),
    parts.BROUGHT: ("It brought {} within reach, now {}.", "It brings other deals within reach."),
    parts.BROKEN: ("It broke {}, now {}.", "Other promises break."),
    parts.MENDED: ("It mended {}, now {}.", "Other promises are mended."),
    parts.WORSENED: ("{} was missed by more, now {}.", "Other promises are missed by more."),
    parts.WITHDRAWN: ("It took {} back, now {}.", "Other promises are taken back."),
    parts.SPONSOR: ("", "Whether and why it needs a sponsor changed."),
}


def totals(preview: Preview) -> str:
    """The preview's totals in a form that a later one can be compared with."""
    return ",".join(str(total) for total in _totals(preview).values())


def sentences(fingerprint: str, totals: str, preview: Preview) -> list[str]:
    """Each thing that differs from what was shown, with both totals where these differ."""
    now = _totals(preview)
    known = [whole_number(text, MOST_TOTAL) for text in totals.split(",")]
    was = dict(zip(now, known, strict=True)) if len(known) == len(now) else {}
    found = []
    for part in parts.differing(fingerprint, preview.fingerprint):
        if part not in WORDS:
            continue
        summed, otherwise = WORDS[part]
        before = was.get(part)
        if before is None or before == now[part]:
            found.append(otherwise)
        else:
            found.append(summed.format(*(_total(part, n, preview) for n in (before, now[part]))))
    return found


def _totals(preview: Preview) -> dict[str, int]:
    impact = preview.impact
    return {
        parts.DELAYED: len(impact.delayed),
        parts.ADVANCED: len(impact.advanced),
        parts.PUSHED: impact.reach.pushed_amount,
        parts.BROUGHT: impact.reach.brought_amount,
        parts.BROKEN: len(impact.broken),
        parts.MENDED: len(impact.mended),
        parts.WORSENED: len(impact.worsened),
        parts.WITHDRAWN: len(impact.withdrawn),
    }


def _total(part: str, total: int, preview: Preview) -> str:
    if part in (parts.PUSHED, parts.BROUGHT):
        return money_short(total, preview.picture.currency)
    return plural(total, "initiative" if part in (parts.DELAYED, parts.ADVANCED) else "promise")
