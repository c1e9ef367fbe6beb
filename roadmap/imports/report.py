"""What an import found and did, counted and named by row. Nothing that it met is left out."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roadmap.models.imports import REQUESTS

from .values import shown

MOST_ROWS = 5
MOST_EXAMPLES = 5
MOST_FAILURES = 100
MOST_STAGES = 30
MOST_KEPT = 50


@dataclass
class Note:
    """Something that whoever imports should know, with how often, and where first."""

    count: int = 0
    rows: list[int] = field(default_factory=list)
    examples: Counter[str] = field(default_factory=Counter)


@dataclass
class FileReport:
    """One file: how it was read, what came of its rows, and what to know about them."""

    kind: str
    name: str
    form: str = ""
    source: str = ""
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    #: Rows that say again what another row says, and records that CRM marks as deleted.
    skipped: int = 0
    failed: int = 0
    columns: list[str] = field(default_factory=list)
    #: What each stage, or a request's status, was taken for, and how often.
    stages: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    #: Row and reason, the first hundred; `failed` counts all.
    failures: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Everything, as the database keeps it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            **plain,
            "stages": [[stage, status, count] for (stage, status), count in self.stages.items()],
            "notes": [
                [label, note.count, note.rows, dict(note.examples.most_common(MOST_KEPT))]
                for label, note in self.notes.items()
            ],
            "failures": [list(each) for each in self.failures],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FileReport:
        report = cls(**{name: stored[name] for name in _PLAIN})
        report.stages = Counter({(stage, status): n for stage, status, n in stored["stages"]})
        report.notes = {
            label: Note(count, rows, Counter(examples))
            for label, count, rows, examples in stored["notes"]
        }
        report.failures = [(row, reason) for row, reason in stored["failures"]]
        return report

    def note(self, label: str, row: int | None = None, example: str = "", count: int = 1) -> None:
        note = self.notes.get(label)
        if note is None:
            note = self.notes[label] = Note()
        note.count += count
        if row is not None and (len(note.rows) < MOST_ROWS or row < note.rows[-1]):
            insort(note.rows, row)
            del note.rows[MOST_ROWS:]
        if example and (example in note.examples or len(note.examples) < 1000):
            note.examples[example] += count

    def fail(self, row: int, reason: str) -> None:
        self.failed += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append((row, reason))

    def counted(self, label: str) -> int:
        """How often something was noted; 0 if never."""
        return self.notes[label].count if label in self.notes else 0


_PLAIN = (
    "kind", "name", "form", "source", "rows", "new", "changed", "unchanged", "skipped", "failed",
    "columns", "remarks",
)  # fmt: skip


@dataclass
class Report:
    """The whole import. With `dry_run` nothing of it was kept."""

    dry_run: bool
    files: list[FileReport] = field(default_factory=list)
    #: What was found about the database's side: owners without a user, accounts made.
    remarks: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return any(file.new or file.changed for file in self.files)

    @property
    def nothing_read(self) -> bool:
        """Whether every single row of some file failed."""
        return any(file.rows and file.failed == file.rows for file in self.files)

    def as_json(self) -> dict[str, Any]:
        return {"files": [file.as_json() for file in self.files], "remarks": self.remarks}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], *, dry_run: bool) -> Report:
        files = [FileReport.from_json(file) for file in stored.get("files", ())]
        return cls(dry_run, files, list(stored.get("remarks", ())))

    def file(self, kind: str) -> FileReport:
        return next(file for file in self.files if file.kind == kind)


def as_text(report: Report) -> str:
    """The report as the command prints it."""
    lines: list[str] = []
    for file in report.files:
        lines += [*_file_lines(file), ""]
    if report.remarks:
        lines += [*(f"* {remark}" for remark in report.remarks), ""]
    lines.append(
        "Dry run: nothing was changed."
        if report.dry_run
        else "Imported."
        if report.changed
        else "Nothing had changed."
    )
    return "\n".join(lines)


def _file_lines(file: FileReport) -> list[str]:
    read = f"read as {file.source} ({file.form})" if file.source else f"({file.form})"
    counts = (
        f"{file.new:,} new, {file.changed:,} changed, {file.unchanged:,} unchanged, "
        f"{file.skipped:,} skipped, {file.failed:,} failed"
    )
    lines = [
        f"{file.kind.capitalize()}: {file.name}, {file.rows:,} rows, {read}",
        f"  {counts}",
    ]
    lines += [f"  {line}" for line in file.columns]
    if file.stages:
        listed = [
            f"{shown(stage) or 'no stage'} is {status} ({count:,})"
            for (stage, status), count in file.stages.most_common(MOST_STAGES)
        ]
        more = len(file.stages) - len(listed)
        words = "Statuses" if file.kind == REQUESTS else "Stages"
        lines.append(f"  {words}: {', '.join(listed)}" + (f" and {more:,} others" if more else ""))
    lines += [f"  - {remark}" for remark in file.remarks]
    lines += [f"  - {_note_line(label, note)}" for label, note in file.notes.items()]
    if file.failed:
        lines.append("  Rows that failed (row 1 is the file's first):")
        lines += [f"    row {row}: {reason}" for row, reason in file.failures]
        if file.failed > len(file.failures):
            lines.append(f"    and {file.failed - len(file.failures):,} more")
    return lines


def _note_line(label: str, note: Note) -> str:
    line = f"{label}: {note.count:,}"
    if note.rows:
        line += f" ({rows_named(note.rows, note.count)})"
    if note.examples:
        line += f": {examples_named(note.examples)}"
    return line


def rows_named(rows: Sequence[int], count: int) -> str:
    listed = ", ".join(str(row) for row in rows)
    word = "row" if count == 1 else "rows"
    return f"{word} {listed}" + (f" and {count - len(rows):,} more" if count > len(rows) else "")


def examples_named(examples: Counter[str], of: int = 0) -> str:
    most = examples.most_common(MOST_EXAMPLES)
    listed = ", ".join(
        f"“{shown(word)}”" + (f" ({count:,})" if count > 1 else "") for word, count in most
    )
    more = max(of, len(examples)) - len(most)
    return listed + (f" and {more:,} others" if more else "")
