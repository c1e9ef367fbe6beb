"""What CRMs, spreadsheets and people write into files: the smallest input of each, read without a
database."""

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from roadmap.imports.mapping import MappingError, parse
from roadmap.imports.prepare import prepare_accounts, prepare_deals
from roadmap.imports.rates import Rates
from roadmap.imports.staging import DealCells, Rules

NO_ROWS: dict[str, dict[str, Any]] = {}


class Read:
    """A deals' file as it is read: deals by id, why rows fail, what is noted, what is asked."""

    def __init__(self, folder: Path, content: str | bytes, mapping: dict[str, Any]) -> None:
        path = folder / "deals.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.asked: list[Any] = []
        self.deals, self.failed = dict(NO_ROWS), list[str]()
        try:
            found = prepare_deals(path, parse(mapping), currency="USD")
        except MappingError as error:
            self.asked = error.questions or [str(error)]
            return
        self.report = found.report
        rules = Rules(
            found.layout, found.mapped, found.conventions, "USD", date(2026, 3, 1), found.report,
            Rates(),
        )  # fmt: skip
        for deals, refused in found.deals(DealCells(rules)):
            rows = zip(*deals.values(), strict=True)
            self.deals.update({row[1]: dict(zip(deals, row, strict=True)) for row in rows})
            self.failed += [each.reason for each in refused]

    def all(self, field: str) -> list[Any]:
        return [deal[field] for deal in self.deals.values()]

    def settings(self) -> list[str]:
        return [question["setting"] for question in self.asked]


def _table(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def read(folder: Path, header: str, *rows: str, **mapping: Any) -> Read:
    return Read(folder, _table(header, *rows), mapping)


@pytest.mark.parametrize(
    ("header", "row", "field", "right"),
    [
        ("Id;Name;Stage;Amount", "D1;A;Won;1.200,-", "amount", 120000),
        ("Id;Name;Stage;Amount", "D1;A;Won;1'200.--", "amount", 120000),
        ("Id;Name;Stage;Amount", "D1;A;Won;1 200:-", "amount", 120000),
        ("Id;Name;Stage;Amount", "D1;A;Won;$ 1 200,–", "amount", 120000),
        ("Id,Name,Stage,Amount", "D1,A,Won,\\N", "amount", None),
        ("Id,Name,Stage,Amount", "D1,A,Won,#N/A", "amount", None),
        ("Id,Name,Stage,Close Date", "D1,A,Won,0000-00-00", "close_date", None),
        ("Id,Name,Stage,Close Date", "D1,A,Won,0000-00-00 00:00:00", "close_date", None),
        ("Id,Name,Stage,Close Date", "D1,A,Won,00/00/0000", "close_date", None),
        ("Id,Name,Stage,Owner", "D1,A,Won,(null)", "owner", ""),
        # Which way it went says which day counts.
        ("Deal - ID,Deal - Title,Deal - Status,Deal - Won time,Deal - Lost time",
         "1,A,Lost,2024-01-02,2024-03-04", "close_date", "2024-03-04"),
        ("Id,Name,Status,Won time,Lost time", "1,A,Won,2024-01-02,2024-03-04",
         "close_date", "2024-01-02"),
        ("Id,Name,Status,Won date,Close Date", "1,A,Won,,2024-03-04", "close_date", "2024-03-04"),
        ("Id,Name,Stage,Closed", "1,A,Won,2024-05-06", "close_date", "2024-05-06"),
        ("Id,Name,Stage,Won,Lost", "1,A,Closed Lost,,26.07.2024", "close_date", "2024-07-26"),
        ("ID,TITLE,OPPORTUNITY,CURRENCY_ID,STAGE_ID,CLOSEDATE", "7,Big,1200.50,USD,WON,2024-05-06",
         "name", "Big"),
        ("ID,TITLE,OPPORTUNITY,CURRENCY_ID,STAGE_ID,CLOSEDATE", "7,Big,1200.50,USD,WON,2024-05-06",
         "amount", 120050),
        ("ID,TITLE,OPPORTUNITY,STAGE_ID,COMPANY_ID", "7,Big one,5,LOSE,0", "account_id", ""),
        ("Id,Name,AccountId,StageName,CloseDate", "7,A,0,Closed Won,2024-01-01", "account_id", ""),
        ("Id,Name,Stage,Status", "1,A,Neu,Gewonnen", "status", "won"),
        ("Id,Name,Stage", "1,A,Fermé gagné", "status", "won"),
        ("Id,Name,Stage", "1,A,Cerrada perdida", "status", "lost"),
        ("Id,Name,Stage", "1,A,Em aberto", "status", "open"),
        ("Id,Name,Stage", "1,A,Förlorad", "status", "lost"),
        # A system's own column goes before one that somebody added.
        ("Id,Deal_ID__c,Name,StageName,CloseDate", "006A,X1,A,Closed Won,2024-01-01", "id", "006A"),
        ("Id,Name,Stage,Active,Lost Reason", "1,A,Qualified,False,Too dear", "status", "lost"),
        ("Id,Name,Stage,Active,Lost Reason", "1,A,Won,False,", "status", "won"),
        ("Id,Name,Stage,Amount (USD)", "1,A,Won,12", "amount", 1200),
        ("Id,Name,Stage,Amount (€)", "1,A,Won,12", "amount", None),
        ("Id,Name,Stage,Betrag (EUR)", "1,A,Won,12", "amount", None),
        ("Id,Name,Stage,Amount (€)", "1,A,Won,USD 12", "amount", 1200),
    ],
)  # fmt: skip
def test_what_one_cell_means(tmp_path: Path, header: str, row: str, field: str, right: Any) -> None:
    found = read(tmp_path, header, row, stages={"Qualified": "open"})
    assert not found.asked, found.asked
    assert found.all(field) == [right], found.failed


@pytest.mark.parametrize(
    ("cell", "currency"),
    [("12 Kč", "CZK"), ("12 zł", "PLN"), ("₺12", "TRY"), ("RM 12", "MYR"), ("S$12", "SGD"),
     ("R$ 12", "BRL"), ("CHF 12", "CHF"), ("12 ₽", "RUB"), ("₫12", "VND"), ("12 Ft", "HUF"),
     ("HK$ 12", "HKD"), ("Rp 12", "IDR"), ("12 lei", "RON"), ("฿12", "THB"), ("SFr. 12.-", "CHF")],
)  # fmt: skip
def test_signs_in_common_use_are_currencies(tmp_path: Path, cell: str, currency: str) -> None:
    found = read(tmp_path, "Id,Name,Stage,Amount", f"1,A,Won,{cell}")
    assert found.all("amount") == [None], found.failed
    (note,) = [n for label, n in found.report.notes.items() if label.startswith("Amount not in")]
    assert dict(note.examples) == {currency: 1}


@pytest.mark.parametrize(
    ("header", "rows", "setting", "words"),
    [
        # No word of another column overrules a status that nobody knows.
        ("Deal - ID;Deal - Status;Deal - Stage;Deal - Title", ["1;Erfolg;Won;A", "2;Lost;Won;B"],
         "statuses", ["Erfolg"]),
        ("Id,Name,Stage,Status", ["1,A,Won,Paused", "2,B,Lost,Open"], "statuses", ["Paused"]),
        ("Id,Name,IsWon", ["1,A,true", "2,B,false"], "statuses", ["IsWon: no"]),
        ("Id,Name,IsClosed", ["1,A,true", "2,B,false"], "statuses", ["IsClosed: yes"]),
        ("Id,Name,Stage,Active", ["1,A,Qualified,False"], "statuses", ["Active: no"]),
    ],
)  # fmt: skip
def test_what_is_open_won_or_lost_is_asked_and_never_taken_from_another_column(
    tmp_path: Path, header: str, rows: list[str], setting: str, words: list[str]
) -> None:
    found = read(tmp_path, header, *rows, stages={"Qualified": "open"})
    assert [(each["setting"], each["words"]) for each in found.asked] == [(setting, words)]
    said = dict.fromkeys(words, "lost")
    found = read(tmp_path, header, *rows, stages={"Qualified": "open"}, **{setting: said})
    assert not found.asked
    assert "lost" in found.all("status")


def test_what_is_deleted_or_the_header_again_is_no_deal(tmp_path: Path) -> None:
    header = "Id,Name,Stage,Deleted"
    found = read(tmp_path, header, "1,A,Won,0", header, "2,B,Won,1", " Id ,Name,Stage,Deleted,")
    assert (list(found.deals), found.failed) == (["1"], ["deleted in CRM"])
    assert "The columns' names again, left out: 2 rows" in found.report.remarks


def test_an_open_deal_with_a_loss_reason_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, "Id,Name,Stage,Loss Reason", "1,A,Open,Price", "2,B,Lost,Price")
    assert found.report.notes["Open, though it has a loss reason"].rows == [2]


def test_two_loss_reasons_that_begin_alike_are_two(tmp_path: Path) -> None:
    long = "x" * 300
    found = read(tmp_path, "Id,Name,Stage,Loss Reason", f"1,A,Lost,{long}a", f"2,A,Lost,{long}b",
                 f"3,A,Lost,{long.upper()}A")  # fmt: skip
    first, second, third = found.all("words")
    assert first == third != second
    assert max(map(len, (first, second))) <= 200


def test_a_workbooks_formats_count_with_what_they_show(tmp_path: Path) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Id", "Name", "Stage", "Amount"])
    formats = [(7, "#,##0.00\\ [$€-407]"), (8, '"$"#,##0.00'), (9, "[$kr-41D] #,##0"), (10, "0.00")]
    for number, code in formats:
        sheet.append([number, "A", "Won", 1200.5])
        sheet.cell(sheet.max_row, 1).number_format = "00000"
        sheet.cell(sheet.max_row, 4).number_format = code
    stream = BytesIO()
    book.save(stream)
    found = Read(tmp_path, stream.getvalue(), {"currencies": {"kr": "SEK"}})
    assert list(found.deals) == ["00007", "00008", "00009", "00010"]
    assert found.all("amount") == [None, 120050, None, 120050]
    assert dict(found.report.notes["Amount not in USD: left unknown"].examples) == {
        "EUR": 1, "SEK": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "rows", "named", "right"),
    [
        ("Id,Name,Industry,Customer_ID__c", ["001A,Acme,Toys,C7"], ["001A"], "Id"),
        ("Id,Name,Industry,Customer_ID__c", ["001A,Acme,Toys,C7"], [], "Id"),
        ("Record ID,Customer ID,Name", ["5,C7,Acme", "6,C8,Initech"], ["C7", "C8", "C9"],
         "Customer ID"),
        ("Record ID,Customer ID,Name", ["5,5,Acme"], ["5"], "Customer ID"),
    ],
)  # fmt: skip
def test_the_accounts_id_is_the_systems_own_or_what_deals_name(
    tmp_path: Path, header: str, rows: list[str], named: list[str], right: str
) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(_table(header, *rows))
    found = prepare_accounts(path, parse({}), "", named=named)
    assert found.layout.label("id") == right


def test_a_month_without_a_day_is_asked(tmp_path: Path) -> None:
    file = ("Id,Name,Stage,Close Date", "1,A,Won,2024-02", "2,B,Won,Feb 2024", "3,C,Won,02/2024")
    assert read(tmp_path, *file).settings() == ["month_only"]
    assert read(tmp_path, *file, month_only="first").all("close_date") == ["2024-02-01"] * 3
    assert read(tmp_path, *file, month_only="last").all("close_date") == ["2024-02-29"] * 3


@pytest.mark.parametrize(
    ("rows", "asked", "closed"),
    [
        # In years of two digits: only what no date rules out is asked.
        (["1,A,Won,,20-10-16"], ["dmy", "ymd"], ""),
        (["1,A,Won,,01-02-03"], ["dmy", "mdy", "ymd"], ""),
        (["1,A,Won,,01/02/2024"], ["dmy", "mdy"], ""),
        # Nobody closes a deal before it is opened.
        (["1,A,Won,20-10-16,01-03-17"], [], "2017-03-01"),
        (["1,A,Won,03/01/2024,02/03/2024"], [], "2024-03-02"),
        # Where each order has such a deal, it shows nothing.
        (["1,A,Won,03/01/2024,02/03/2024", "2,B,Won,01/03/2024,03/02/2024"], ["dmy", "mdy"], ""),
    ],
)  # fmt: skip
def test_orders_of_dates_that_the_file_rules_out_are_not_asked(
    tmp_path: Path, rows: list[str], asked: list[str], closed: str
) -> None:
    found = read(tmp_path, "Id,Name,Stage,Created,Close Date", *rows)
    offered = [order for question in found.asked for order, _ in question["options"]]
    assert offered == asked
    assert found.all("close_date") == ([closed] if closed else [])


@pytest.mark.parametrize(
    ("header", "cell"),
    [("Amount", "12 kr"), ("Amount", "Rs. 12"), ("Amount (kr)", "12"), ("Amount,Currency", "12,¥")],
)
def test_a_sign_of_several_currencies_is_asked(tmp_path: Path, header: str, cell: str) -> None:
    file = (f"Id,Name,Stage,{header}", f"1,A,Won,{cell}")
    (question,) = read(tmp_path, *file).asked
    code, _ = question["options"][0]
    sign = question["paths"][0][1]
    found = read(tmp_path, *file, currencies={sign: code})
    assert dict(found.report.notes["Amount not in USD: left unknown"].examples) == {code: 1}


def test_the_workspaces_own_sign_is_not_asked(tmp_path: Path) -> None:
    found = read(tmp_path, "Id,Name,Stage,Amount", "1,A,Won,$ 12")
    assert found.all("amount") == [1200]


def test_whether_0_is_an_amount_is_asked_once_where_many_deals_have_it(tmp_path: Path) -> None:
    rows = [f"{n},A,{'Lost' if n % 2 else 'Open'},0.00" for n in range(1, 25)]
    file = ("Id,Name,Stage,Amount", *rows)
    (question,) = read(tmp_path, *file).asked
    assert question["paths"] == [["lost_zero_is_unknown"], ["open_zero_is_unknown"]]
    said = {"lost_zero_is_unknown": True, "open_zero_is_unknown": False}
    found = read(tmp_path, *file, **said)
    assert found.all("amount") == [None, 0] * 12
    assert not read(tmp_path, *file[:6]).asked


@pytest.mark.parametrize(
    ("header", "row", "field", "offered"),
    [
        ("Id,Name,Stage,Opportunity Amount USD", "1,A,Won,12.50", "amount",
         ["Opportunity Amount USD"]),
        ("Id,Name,Stage,Size,ProductRevenue,City", "1,A,Won,5,12,Rome", "amount",
         ["ProductRevenue", "Size"]),
        ("Id,Name,Opportunity Result,Amount", "1,A,Won,5", "status", ["Opportunity Result"]),
        ("Opportunity Nr,Name,Stage,Amount", "1,A,Won,5", "id", ["Opportunity Nr"]),
    ],
)  # fmt: skip
def test_columns_that_are_called_nearly_so_are_offered(
    tmp_path: Path, header: str, row: str, field: str, offered: list[str]
) -> None:
    question = read(tmp_path, header, row).asked[0]
    assert question["paths"] == [["deals", field]]
    assert [value for value, _ in question["options"] if value] == offered
    assert not read(tmp_path, header, row, deals={field: offered[0]}).asked


def test_that_there_is_no_amount_is_asked_once(tmp_path: Path) -> None:
    file = ("Id,Name,Stage,Size", "1,A,Won,5")
    (question,) = read(tmp_path, *file).asked
    assert question["options"][-1][0] is None
    assert read(tmp_path, *file, deals={"amount": None}).all("amount") == [None]
    assert not read(tmp_path, "Id,Name,Stage,City", "1,A,Won,Rome").asked
