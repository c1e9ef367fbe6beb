"""An import from the files to the commit: prepare, stage, compare, apply, report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from roadmap.extensions import db
from roadmap.models import Workspace
from roadmap.workspace import clock, revision

from . import findings, queries
from .accounts import AccountBook
from .deals import DealBook
from .mapping import ImportMapping
from .owners import OwnerBook
from .prepare import Prepared, prepare_accounts, prepare_deals, product_names
from .report import FileReport, Report
from .staging import LOSS_REASON, AccountStager, DealStager, Rules, StagedAccount, StagedDeal


@dataclass(frozen=True)
class Files:
    """What is to be imported. `products` is only compared with, never stored."""

    deals: Path
    accounts: Path | None = None
    products: Path | None = None


def run(
    files: Files,
    mapping: ImportMapping | None = None,
    *,
    dry_run: bool = False,
    maintain_totals: bool = True,
) -> Report:
    """Import the files in one transaction and say what was done.

    With `dry_run`, or where every row of a file failed, nothing is kept. Raises UnreadableFile or
    MappingError, before anything is touched, where a file or the mapping cannot be used.
    `maintain_totals` off leaves the stored totals wrong: it exists to measure what they cost.
    """
    own = mapping or ImportMapping()
    deals = prepare_deals(files.deals, own)
    accounts = (
        prepare_accounts(files.accounts, own, deals.mapped.preset) if files.accounts else None
    )
    products = product_names(files.products, own) if files.products else []
    try:
        row = revision.lock()
        report = _applied(row, deals, accounts, products, maintain_totals=maintain_totals)
        report.dry_run = dry_run
        if dry_run or report.nothing_read:
            db.session.rollback()
        else:
            if report.changed:
                revision.count(row, evidence=True)
            db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return report


def apply(
    deals: Iterable[StagedDeal],
    accounts: Iterable[StagedAccount],
    book: DealBook,
    deals_report: FileReport,
    accounts_report: FileReport,
) -> None:
    """Write staged accounts, then staged deals, chunk by chunk; the caller locks and commits."""
    for some_accounts in queries.chunks(accounts):
        book.accounts.store(some_accounts, accounts_report)
    for some_deals in queries.chunks(deals):
        book.store(some_deals, deals_report)


def _applied(
    row: Workspace,
    deals: Prepared,
    accounts: Prepared | None,
    products: Sequence[str],
    *,
    maintain_totals: bool,
) -> Report:
    stager = DealStager(_rules(deals, row))
    labels = list(deals.layout.attributes)
    if deals.layout.has("loss_reason"):
        labels.append(LOSS_REASON)
    book = DealBook(
        AccountBook(maintain_totals=maintain_totals),
        OwnerBook(),
        labels,
        has_account=stager.has_account,
        has_owner=stager.has_owner,
        maintain_totals=maintain_totals,
    )
    staged: Iterable[StagedAccount] = ()
    if accounts:
        staged = accounts.accounts(AccountStager(_rules(accounts, row)))
    accounts_report = accounts.report if accounts else FileReport("accounts", "")
    apply(deals.deals(stager), staged, book, deals.report, accounts_report)
    report = Report(dry_run=False, files=[deals.report])
    if accounts:
        report.files.insert(0, accounts.report)
    findings.missing_columns(deals, row.currency)
    findings.spellings(deals, accounts, products)
    report.remarks += findings.accounts(book.accounts) + findings.owners(book.owners)
    return report


def _rules(prepared: Prepared, row: Workspace) -> Rules:
    return Rules(
        prepared.layout,
        prepared.mapped,
        prepared.conventions,
        row.currency,
        clock.today(),
        prepared.report,
    )
