"""Whether a deal is open, won or lost, and to whom: by CRM's own word, never by guessing."""

from __future__ import annotations

from collections.abc import Sequence

from roadmap.models.deals import LOST, OPEN, WON

from .layout import Layout
from .mapping import ImportMapping
from .values import boolean, plain, text


class UnknownStage(ValueError):
    """Nothing says what a stage or status means; `word` is it, `setting` where to say so."""

    def __init__(self, word: str, setting: str) -> None:
        super().__init__(f"nobody has said what the stage “{word}” means")
        self.word = word
        self.setting = setting


def is_deleted(layout: Layout, cells: Sequence[str]) -> bool:
    """Whether CRM has deleted the record; raises Unreadable where it says neither yes nor no."""
    return (
        boolean(layout.cell(cells, "deleted")) or plain(layout.cell(cells, "status")) == "deleted"
    )


class Statuses:
    """How the rows of one file say it.

    Where CRM has them, its columns *won* and *closed* decide; then its status; then the stage, by
    the words that the mapping knows.
    """

    def __init__(self, layout: Layout, mapped: ImportMapping) -> None:
        self.layout = layout
        self.mapped = mapped
        self.won, self.closed = layout.has("won"), layout.has("closed")
        self.status, self.stage = layout.has("status"), layout.has("stage")

    @property
    def can_tell(self) -> bool:
        return self.won or self.closed or self.status or self.stage

    def of(self, cells: Sequence[str]) -> str | None:
        """open, won or lost; None where the row says nothing. Raises UnknownStage, Unreadable."""
        layout = self.layout
        if is_deleted(layout, cells):
            return None
        if self.won and boolean(layout.cell(cells, "won")):
            return WON
        if self.closed:
            if not boolean(layout.cell(cells, "closed")):
                return OPEN
            if self.won:
                return LOST
        status = text(layout.cell(cells, "status"))
        meaning = self.mapped.statuses.get(plain(status)) if status else None
        meaning = meaning or self._by_stage(cells)
        if self._contradicts(meaning):
            meaning = None
        if meaning is None:
            stage = self.stage_of(cells)
            if stage:
                raise UnknownStage(stage, "stages")
            if status:
                raise UnknownStage(status, "statuses")
        return meaning

    def stage_of(self, cells: Sequence[str]) -> str:
        stage = text(self.layout.cell(cells, "stage"))
        return self.mapped.replace.get("stage", {}).get(stage.casefold(), stage)

    def lost_to(self, cells: Sequence[str]) -> str | None:
        """competitor or no decision where the row names one of them; None is not known."""
        for name in ("lost_to", "loss_reason"):
            said = text(self.layout.cell(cells, name))
            if said and plain(said) in self.mapped.lost_to:
                return self.mapped.lost_to[plain(said)]
        return None

    def _by_stage(self, cells: Sequence[str]) -> str | None:
        stage = self.stage_of(cells)
        if not stage:
            return None
        pipeline = text(self.layout.cell(cells, "pipeline"))
        words = self.mapped.stages
        return words.get(plain(f"{pipeline} {stage}")) or words.get(plain(stage))

    def _contradicts(self, meaning: str | None) -> bool:
        """A deal that CRM calls closed cannot be open, nor one that it calls not won be won."""
        return (self.closed and meaning == OPEN) or (self.won and meaning == WON)
