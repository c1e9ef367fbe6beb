"""Whether a deal is open, won or lost, and to whom: by CRM's own word, never by guessing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadmap.domain.deals import LOST, OPEN, WON

from .layout import Layout
from .mapping import ImportMapping
from .values import Unreadable, boolean, name, plain, text

#: The fields that say whether CRM has deleted a record.
DELETED_FIELDS = ("deleted", "status")


#: The fields that say whether a deal is open, won or lost.
STATE_FIELDS = ("won", "closed", "status", "stage", "pipeline", "active", "loss_reason")


class UnknownStage(ValueError):
    """Nothing says what a stage or status means; `word` is it, `setting` where to say so."""

    def __init__(self, word: str, setting: str) -> None:
        super().__init__(f"nobody has said what the stage “{word}” means")
        self.word = word
        self.setting = setting


def is_deleted(layout: Layout, cells: Sequence[str]) -> bool:
    """Whether CRM has deleted the record; raises Unreadable where it says neither yes nor no."""
    return says_deleted({name: layout.cell(cells, name) for name in DELETED_FIELDS})


def says_deleted(said: Mapping[str, str]) -> bool:
    """The same of the cells by field."""
    return boolean(said["deleted"]) or plain(said["status"]) == "deleted"


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
        self.active = layout.has("active")

    @property
    def fields(self) -> Sequence[str]:
        """Those that decide: what a loss reason says, only where CRM has inactive deals."""
        return STATE_FIELDS if self.active else STATE_FIELDS[:-2]

    @property
    def can_tell(self) -> bool:
        return self.won or self.closed or self.status or self.stage

    def of(self, cells: Sequence[str]) -> str | None:
        """open, won or lost; None where the row says nothing. Raises UnknownStage, Unreadable."""
        if is_deleted(self.layout, cells):
            return None
        return self.meant(
            {field: self.layout.cell(cells, field) for field in STATE_FIELDS}
        )  # fmt: skip

    def meant(self, said: Mapping[str, str]) -> str | None:
        """The same of the cells by field, of a row that CRM has not deleted."""
        if self.won and self._yes("won", said):
            return WON
        if self.closed:
            if not self._yes("closed", said):
                return OPEN
            if self.won:
                return LOST
        return self._by_words(said)

    def _by_words(self, said: Mapping[str, str]) -> str | None:
        """By the status; what the stage says beside one that nobody knows may be another thing."""
        status, stage = text(said["status"]), self.stage_named(said["stage"])
        meaning = self._by_status(status) if status else None
        if status and meaning is None:
            raise UnknownStage(status, "statuses")
        meaning = meaning or self._by_stage(stage, text(said["pipeline"]))
        if self.active and meaning not in (WON, LOST) and not self._yes("active", said):
            return LOST if name(said["loss_reason"]) else self._answered("active", "no")
        if meaning and not self._contradicts(meaning):
            return meaning
        if stage:
            raise UnknownStage(stage, "stages")
        if status:
            raise UnknownStage(status, "statuses")
        if self.closed or self.won:
            return self._answered(*(("closed", "yes") if self.closed else ("won", "no")))
        return None

    def _by_status(self, status: str) -> str | None:
        return self.mapped.statuses.get(plain(status))

    def _answered(self, name: str, said: str) -> str:
        """What a yes or no that leaves it open was said to mean."""
        word = f"{self.layout.label(name)}: {said}"
        meaning = self._by_status(word)
        if meaning is None or self._contradicts(meaning):
            raise UnknownStage(word, "statuses")
        return meaning

    def _yes(self, name: str, said: Mapping[str, str]) -> bool:
        try:
            return boolean(said[name])
        except Unreadable as error:
            raise error.at(self.layout.label(name), said[name]) from error

    def stage_named(self, cell: str) -> str:
        """What the stage is called, replaced where the mapping says so."""
        stage = text(cell)
        return self.mapped.replace.get("stage", {}).get(stage.casefold(), stage)

    def lost_to_named(self, *cells: str) -> str | None:
        """competitor or no decision where a cell names one of them; None is not known."""
        for cell in cells:
            said = text(cell)
            if said and plain(said) in self.mapped.lost_to:
                return self.mapped.lost_to[plain(said)]
        return None

    def _by_stage(self, stage: str, pipeline: str) -> str | None:
        if not stage:
            return None
        words = self.mapped.stages
        return words.get(plain(f"{pipeline} {stage}")) or words.get(plain(stage))

    def _contradicts(self, meaning: str | None) -> bool:
        """A deal that CRM calls closed cannot be open, nor one that it calls not won be won."""
        return (self.closed and meaning == OPEN) or (self.won and meaning == WON)
