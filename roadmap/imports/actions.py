"""An import from the files to the commit: prepare, stage, compare, apply, report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import delete, select

from roadmap.domain.errors import Conflict, Refused
from roadmap.extensions import db
from roadmap.models import Import, Workspace
from roadmap.models.imports import (
    ACCOUNTS,
    APPLIED,
    APPLYING,
    DEALS,
    PRODUCTS,
    READY,
    STAGING,
)
from roadmap.workspace import clock, revision
from roadmap.workspace.settings import workspace

from . import (
    applying,
    bulk,
    comparing,
    comparing_accounts,
    findings,
    loading,
    locks,
    queries,
    rewritten_ids,
    stand_ins,
    uploads,
)
from .attributes import IN_CRM, LOSS_REASON
from .columns import named_accounts
from .comparing import Said
from .loading import Loaded
from .mapping import ImportMapping
from .prepare import Prepared, prepare_accounts, prepare_deals
from .progress import Progress
from .report import Report
from .staging import DealCells, Rules
from .stand_ins import Product


@dataclass(frozen=True)
class Files:
    """What is to be imported. `products` is only compared with, never stored."""

    deals: Path
    accounts: Path | None = None
    products: Path | None = None

    @property
    def named(self) -> list[tuple[str, Path]]:
        """(kind, path) of each that there is."""
        every = ((DEALS, self.deals), (ACCOUNTS, self.accounts), (PRODUCTS, self.products))
        return [(kind, path) for kind, path in every if path]


@dataclass(frozen=True)
class Opened:
    """The files with their forms settled, ready to be staged."""

    deals: Prepared
    accounts: Prepared | None
    products: Sequence[Product]


def run(
    files: Files,
    mapping: ImportMapping | None = None,
    *,
    dry_run: bool = False,
    full_export: bool = False,
    maintain_totals: bool = True,
) -> Report:
    """Import the files and say what was done.

    With `dry_run`, or where every row of a file failed, nothing is kept; where nothing changes, no
    import is recorded. Raises UnreadableFile or MappingError, before anything is touched, where a
    file or the mapping cannot be used. `maintain_totals` off leaves the stored totals wrong: it
    exists to measure what they cost.
    """
    db.session.rollback()
    opened = open_files(files, mapping or ImportMapping())
    return recorded(
        files.named, dry_run,
        lambda made: stage(made.id, opened, Progress(made.id, made.attempt)),
        lambda made: apply(made.id, None, whatever=True, maintain_totals=maintain_totals),
        full_export=full_export,
    )  # fmt: skip


def recorded(
    files: Sequence[tuple[str, Path]],
    dry_run: bool,
    stage: Callable[[Import], Report],
    apply: Callable[[Import], object],
    *,
    full_export: bool = False,
) -> Report:
    """Make an import of these files, stage it and apply it, for a command; forgotten where nothing
    is to be kept."""
    with locks.Lock() as lock:
        made = Import(
            state=STAGING, full_export=full_export, report={}, created_at=clock.now(),
            job=lock.token, files=[uploads.described(kind, path) for kind, path in files],
        )  # fmt: skip
        db.session.add(made)
        db.session.commit()
        try:
            report = stage(made)
            report.dry_run = dry_run
            if dry_run or report.nothing_read or not (report.changed or full_export):
                discard(made.id)
            else:
                apply(made)
        except BaseException:
            db.session.rollback()
            discard(made.id)
            raise
        finally:
            locks.remove(lock.token)
    return report


def open_files(files: Files, own: ImportMapping, progress: Progress | None = None) -> Opened:
    """Survey the files. What stages mean that somebody was asked for before is known."""
    words = queries.stage_words()
    own = replace(
        own,
        stages=MappingProxyType({**words["stages"], **own.stages}),
        statuses=MappingProxyType({**words["statuses"], **own.statuses}),
    )
    currency = workspace().currency
    db.session.rollback()  # reading the files takes long, and must not keep anybody waiting
    with bulk.few_collections():
        return _opened(files, own, progress, currency)


def _opened(files: Files, own: ImportMapping, progress: Progress | None, currency: str) -> Opened:
    beat = progress.survey if progress else None
    deals = prepare_deals(files.deals, own, beat, currency)
    accounts = (
        prepare_accounts(
            files.accounts, own, deals.mapped.preset, beat,
            named_accounts(deals.sheet, deals.layout),
        )
        if files.accounts
        else None
    )  # fmt: skip
    products = stand_ins.products(files.products, own) if files.products else []
    return Opened(deals, accounts, products)


def stage(import_id: int, opened: Opened, progress: Progress) -> Report:
    """Read the files into staging and compare them with what is stored; the report is kept."""
    row = workspace()
    currency, today, rates = row.currency, clock.today(), queries.rates()
    clear(import_id)
    read_at = _evidence()
    deals, accounts = opened.deals, opened.accounts

    def rules(prepared: Prepared) -> Rules:
        return Rules(
            prepared.layout, prepared.mapped, prepared.conventions, currency, today,
            prepared.report, rates,
        )  # fmt: skip

    rows = sum(each.conventions.rows for each in (deals, accounts) if each)
    progress.begin(rows + deals.conventions.rows)
    if accounts:
        loading.load_accounts(import_id, accounts, rules(accounts), progress.loaded)
        comparing_accounts.compare_accounts(import_id)
    with bulk.few_collections():
        loaded = loading.load_deals(import_id, deals, rules(deals), progress.loaded)
    said = _said(deals, loaded.cells)
    if deals.mapped.stand_in:
        stand_ins.fill(import_id, deals.mapped.stand_in, opened.products, deals.report)
    # Those that deals name by an id may be known by their name alone: they are compared.
    compare(import_id, said, progress, None if loaded.accounts.by_id else read_at)
    rewritten_ids.ask(import_id, deals.mapped.rewritten_ids)
    deals.report.remarks += rewritten_ids.reused(import_id)
    report = _reported(import_id, opened, loaded, currency)
    made = db.session.get_one(Import, import_id, populate_existing=True)
    made.report = {**report.as_json(), "said": said.as_json()}
    made.state = READY
    db.session.commit()
    return report


def compare(
    import_id: int, said: Said, progress: Progress | None = None, read_at: int | None = None
) -> int:
    """Compare what is staged with what is stored; returns how many rows are said otherwise.

    The revision is taken before: whatever is written while it runs makes it look again. `read_at`
    is that of the moment when the rows were begun to be read, if accounts were looked up then.
    """
    made = db.session.get_one(Import, import_id, populate_existing=True)
    made.compared_revision = _evidence()
    fresh = made.compared_revision == read_at
    db.session.commit()
    moved = 0 if fresh else comparing_accounts.compare_accounts(import_id)
    moved += comparing.compare_deals(import_id, said, progress.compared if progress else None)
    return moved


def apply(
    import_id: int, by_id: int | None, *, whatever: bool = False, maintain_totals: bool = True
) -> bool:
    """Write what is staged, in one transaction; returns whether it did: another may have before.

    Where evidence changed after the dry run, the rows are compared again first. If some of them are
    to become something else now, raises Conflict, unless `whatever` comes of it is wanted.
    """
    for last in (False, False, True):
        row = revision.lock()
        made = db.session.get_one(Import, import_id, populate_existing=True)
        if made.state == APPLIED:
            db.session.rollback()
            return False
        if made.state not in (READY, APPLYING):
            db.session.rollback()
            raise Refused("It is not ready to be applied.")
        said = Said.from_json(made.report["said"])
        fresh = made.compared_revision == row.evidence_revision
        if not fresh and not last:
            db.session.rollback()
            moved = compare(import_id, said)
            recount(import_id)
            db.session.commit()
            if moved and not whatever:
                raise Conflict(str(moved))
            continue
        if not fresh:
            # Somebody keeps writing: once with everybody waiting.
            comparing_accounts.compare_accounts(import_id, commit=False)
            comparing.compare_deals(import_id, said, commit=False)
        changed = applying.apply(row, made, maintain_totals=maintain_totals)
        made.state, made.applied_at, made.applied_by_id = APPLIED, clock.now(), by_id
        # From now on it says after what it came, and before what.
        made.compared_revision = revision.count(row, evidence=True) if changed else row.revision
        db.session.commit()
        break
    _tidy(import_id)
    return True


def discard(import_id: int) -> None:
    """Forget an import that was not applied, with all that is staged."""
    clear(import_id)
    db.session.execute(delete(Import).where(Import.id == import_id))
    db.session.commit()


def clear(import_id: int) -> None:
    """Empty staging, in short transactions."""
    queries.empty_staging(import_id)


def _tidy(import_id: int) -> None:
    """Rows that changed nothing are no part of what an applied import tells."""
    queries.drop_unchanged(import_id)


def _evidence() -> int:
    """The evidence's revision as it is stored: this process may have read an older one."""
    return db.session.scalars(select(Workspace.evidence_revision)).one()


def _said(deals: Prepared, cells: DealCells) -> Said:
    layout = deals.layout
    columns = ["name", "status"]
    if cells.statuses.stage or cells.statuses.status:
        columns.append("stage")
    columns += [name for name in ("product", "probability", "opened_on", "needed_by")
                if layout.has(name)]  # fmt: skip
    if cells.has_amount:
        columns += ["amount", "amount_source"]
    if cells.has_closing:
        columns.append("close_date")
    labels = [*layout.attributes]
    if layout.has("loss_reason"):
        labels.append(LOSS_REASON)
    if cells.has_amount:
        labels.append(IN_CRM)
    return Said(
        tuple(columns), frozenset(labels),
        account=cells.has_account, owner=cells.has_owner, words=layout.has("loss_reason"),
        split=deals.mapped.split_reasons,
    )  # fmt: skip


def _reported(import_id: int, opened: Opened, loaded: Loaded, currency: str) -> Report:
    deals, accounts = opened.deals, opened.accounts
    report = Report(dry_run=True, files=[deals.report])
    if accounts:
        report.files.insert(0, accounts.report)
    count_into(import_id, report)
    findings.missing_columns(deals, currency)
    known = queries.product_names()
    db.session.commit()  # comparing spellings takes long, and must not keep anybody waiting
    findings.spellings(deals, accounts, [product.name for product in opened.products], known)
    report.remarks += findings.accounts(import_id) + findings.owners(import_id)
    comparing_accounts.drop_unchanged_named(import_id)
    return report


def recount(import_id: int) -> None:
    """Have the import's report say what is to become of the rows now."""
    made = db.session.get_one(Import, import_id, populate_existing=True)
    report = Report.from_json(made.report, dry_run=True)
    count_into(import_id, report)
    made.report = {**made.report, **report.as_json()}


def count_into(import_id: int, report: Report) -> None:
    """What is to become of the rows, as staging has it."""
    counts = queries.staged_counts(import_id)
    for file in report.files:
        for action in ("new", "changed", "unchanged"):
            setattr(file, action, counts[file.kind].get(action, 0))


__all__ = ["Files", "apply", "count_into", "discard", "recorded", "recount", "run", "stage"]
