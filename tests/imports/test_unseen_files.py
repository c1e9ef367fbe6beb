"""Files as nobody here has exported them: the same deals each time, or a question, or a refusal."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from tests.imports.conftest import HEADER, Importing, Writing
from tests.support.client import CheckingClient

Deals = Callable[[], dict[str, Any]]
Everything = Callable[[], dict[str, list[tuple[Any, ...]]]]
Book = Callable[..., Path]

ROWS = "D1,First,Acme,Closed Won,1200,2024-05-17\nD2,Second,Acme,Closed Lost,99.5,2024-05-18\n"
TWO = {"D1": ("First", 120000), "D2": ("Second", 9950)}


@pytest.fixture
def stored(deals: Deals) -> Callable[[], dict[str, tuple[str, int | None]]]:
    return lambda: {id: (deal.name, deal.amount) for id, deal in deals().items()}


@pytest.fixture
def book(file: Writing) -> Book:
    """A workbook of sheets, each a list of rows, under any name; `last` may change it."""

    def write(
        *sheets: list[list[Any]],
        name: str = "deals.xlsx",
        last: Callable[[Any], None] | None = None,
    ) -> Path:
        made = Workbook()
        made.remove(made.active)  # type: ignore[arg-type]
        for rows in sheets:
            sheet = made.create_sheet()
            for row in rows:
                sheet.append(row)
        if last:
            last(made)
        stream = io.BytesIO()
        made.save(stream)
        return file(stream.getvalue(), name=name)

    return write


def _sheet(first: float | str = 1200) -> list[list[Any]]:
    return [
        HEADER.split(","),
        ["D1", "First", "Acme", "Closed Won", first, date(2024, 5, 17)],
        ["D2", "Second", "Acme", "Closed Lost", 99.5, date(2024, 5, 18)],
    ]


def test_a_last_deal_whose_name_begins_like_a_total_is_a_deal(
    importing: Importing, deals: Deals
) -> None:
    answer = importing(
        "Account Name,Opportunity ID,Opportunity Name,Stage,Amount,Close Date\n"
        "Acme,D1,First,Won,1,2024-05-17\nTotal Energies,D2,Second,Won,2,2024-05-17\n"
        'Grand Totals (2 records),,,,"USD 3.00",\n'
    )
    answer.has("2 new", "0 failed", "footer was left out, 1 rows")
    assert deals()["D2"].account.name == "Total Energies"


@pytest.mark.parametrize("nothing", ["null", "N/A", "-", "(blank)", "None"])
def test_what_says_that_there_is_nothing_becomes_no_id_account_owner_or_reason(
    importing: Importing, deals: Deals, nothing: str
) -> None:
    answer = importing(
        f"{HEADER},Owner,Loss Reason\n"
        f"{nothing},No id,Acme,Won,1,2024-05-17,Bob,\n"
        f"D2,Second,{nothing},Lost,{nothing},{nothing},{nothing},{nothing}\n"
    )
    answer.has("1 new", "row 2: it has no id (column Opportunity ID)")
    assert list(deals()) == ["D2"]
    deal = deals()["D2"]
    assert (deal.account, deal.crm_owner, deal.amount, deal.close_date) == (None,) * 4
    assert deal.attributes == {}


def test_a_row_that_fails_names_its_column(importing: Importing) -> None:
    importing(f"{HEADER}\n{ROWS}D3,Third,Acme,Won,1,2024-02-31\n").has(
        "row 4: “2024-02-31” is no date (column Close Date)"
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        # It closes where the next row opens its own, and all columns are there.
        ('D1,"First,Acme,Won,1,2024-05-17\nD2,"Second",Acme,Won,2,2024-05-17\n', "row 2: "),
        (f'{ROWS}D3,"Third,Acme,Won,1,2024-05-17\nD4,Fourth,Acme,Won,2,2024-05-17\n', "row 4: "),
    ],
)
def test_a_quotation_mark_that_is_not_closed_never_swallows_deals(
    importing: Importing, everything: Everything, rows: str, words: str
) -> None:
    before = everything()
    answer = importing(f"{HEADER}\n{rows}")
    assert answer.code == 2
    answer.has(words, "a quotation mark is opened and")
    assert everything() == before


def test_a_quotation_mark_within_one_cell_is_read_as_it_stands(
    importing: Importing, deals: Deals
) -> None:
    answer = importing(
        f'{HEADER},Note\nD1,19" rack,Acme,Won,1,2024-05-17,"a\nb"\n'
        'D2,"Rack" of 19",Acme,Won,1,2024-05-17,\n'
    )
    assert answer.code == 0, answer.text
    assert {id: deal.name for id, deal in deals().items()} == {
        "D1": '19" rack', "D2": 'Rack of 19"'
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("Łódź Żaneta", "cp1250"), ("Größe für Müller", "mac-roman"), ("Привет", "cp1251"),
     ("Société Générale", "mac-roman")],
)  # fmt: skip
def test_words_that_no_language_writes_are_asked_about(
    importing: Importing, file: Writing, deals: Deals, name: str, encoding: str
) -> None:
    path = file(f"{HEADER}\n{ROWS}D3,{name},Acme,Won,1,2024-05-17\n", encoding=encoding)
    answer = importing(path)
    assert answer.code == 2
    answer.has("row 4 has “", "which encoding it is in")
    assert not deals()
    assert importing(path, mapping={"encoding": encoding}).code == 0
    assert deals()["D3"].name == name


def test_one_broken_byte_does_not_turn_all_names_into_others(
    importing: Importing, deals: Deals
) -> None:
    content = f"{HEADER}\nD1,Größe für Müller,Acme,Won,1,2024-05-17\nD2,".encode()
    answer = importing(content + b"Caf\xff,Acme,Won,1,2024-05-17\n")
    assert answer.code == 2
    answer.has("which encoding it is in", "row 2")
    assert not deals()


@pytest.mark.parametrize(
    "name",
    ["Größe für Müller", "Déjà créée à l’été", "Ação nº 5, São João", "Åse Øst–Vest",
     "O\u00b4Neil & Søn", "Preis: 5 € §3 «ça» 20°C", "ÉCOLE SUPÉRIEURE"],
)  # fmt: skip
def test_windows_1252_that_reads_well_is_not_asked_about(
    importing: Importing, file: Writing, deals: Deals, name: str
) -> None:
    row = f'D1,"{name}",Acme,Won,1,2024-05-17\n'
    answer = importing(file(f"{HEADER}\n{row}", encoding="cp1252"))
    assert answer.code == 0, answer.text
    answer.has("look at the names with accents, such as “")
    assert deals()["D1"].name == name


def test_the_page_asks_for_the_encoding_too(priya: CheckingClient, deals: Deals) -> None:
    content = f"{HEADER}\nD1,Łódź Żaneta,Acme,Won,1,2024-05-17\n".encode("cp1250")
    page = priya.get("/imports").submit("form#upload", deals=(io.BytesIO(content), "deals.csv"))
    page = page.submit("form#mapping", press="check")
    assert "The letters do not look right" in page.text
    page = page.submit("form#mapping", press="check", encoding="cp1250")
    page.submit("form#apply")
    assert deals()["D1"].name == "Łódź Żaneta"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_separators(
    importing: Importing, file: Writing, deals: Deals, encoding: str
) -> None:
    name = "案件の名前" * 20
    rows = "".join(f"D{n},{name},会社の名前,Won,{n},2024-05-17\n" for n in range(1, 40))
    answer = importing(file(f"{HEADER}\n{rows}", encoding=encoding))
    assert answer.code == 0, answer.text
    assert {deal.name for deal in deals().values()} == {name}


def test_an_id_of_two_lengths_or_with_what_nobody_sees_is_one(
    importing: Importing, deals: Deals
) -> None:
    row = ",First,Acme,Won,1,2024-05-17\n"
    answer = importing(f"{HEADER}\n006Ec00000AieKF{row}006Ec00000AieKFIAZ{row}")
    answer.has("1 new", "1 skipped", "0 failed")
    assert importing(f"{HEADER}\n006Ec00000AieKF\u200b{row}").text.count("1 unchanged") == 1
    assert list(deals()) == ["006Ec00000AieKFIAZ"]


@pytest.mark.parametrize(("yes", "no"), [("WAHR", "FALSCH"), ("oui", "non"), ("Sim", "Não")])
def test_yes_and_no_in_the_language_of_the_spreadsheet(
    importing: Importing, deals: Deals, yes: str, no: str
) -> None:
    answer = importing(
        f"Opportunity ID,Opportunity Name,Stage,Won,Closed\n"
        f"D1,A,X,{yes},{yes}\nD2,B,Y,{no},{yes}\nD3,C,Z,{no},{no}\n"
    )
    assert answer.code == 0, answer.text
    assert {id: d.status for id, d in deals().items()} == {"D1": "won", "D2": "lost", "D3": "open"}


def test_hidden_sheets_and_covers_are_not_the_deals(
    importing: Importing, book: Book, stored: Any
) -> None:
    def hide(made: Any) -> None:
        made.worksheets[0].sheet_state = "hidden"
        made.active = 1

    answer = importing(book(_sheet(7), [["Our report"], ["by Bob"]], _sheet(), last=hide))
    answer.has("2 new")
    assert stored() == TWO


def test_a_workbook_may_be_called_anything(importing: Importing, book: Book, stored: Any) -> None:
    assert importing(book(_sheet(), name="deals.csv")).code == 0
    assert stored() == TWO


def test_blank_rows_below_a_sheet_are_not_counted_against_it(
    importing: Importing, book: Book, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roadmap.imports.workbook.MOST_ROWS", 100)
    answer = importing(book(_sheet() + [[""]] * 300))
    answer.has("2 new", "0 failed")
    assert stored() == TWO
    monkeypatch.setattr("roadmap.imports.workbook.MOST_NUMBERS", 200)
    importing(book(_sheet() + [[""]] * 300)).has("has more than 100 rows")


def test_a_formula_that_nobody_worked_out_is_not_taken_for_blank(
    importing: Importing, book: Book, stored: Any
) -> None:
    rows = _sheet("=2*600")
    rows[2][0] = '="D2"'
    importing(book(rows)).has("1 new", "row 2: “=2*600” is no amount (column Amount)")
    assert stored() == {"D2": TWO["D2"]}


def test_dates_of_which_a_spreadsheet_swapped_some_are_asked_about(
    importing: Importing, book: Book, deals: Deals
) -> None:
    # 12/31/2024 opened where the day comes first: what can be read so is a date, the rest is text.
    rows: list[list[Any]] = [HEADER.split(",")]
    rows += [[f"D{n}", "A", "Acme", "Won", 1, date(2024, n, 5)] for n in range(1, 7)]
    rows += [["D9", "A", "Acme", "Won", 1, "12/31/2024"]]
    answer = importing(book(rows))
    assert answer.code == 2
    answer.has("row 8", "12/31/2024", "takes the day for the month")
    assert importing(book(rows), mapping={"date_order": "mdy"}).code == 0
    assert deals()["D9"].close_date == date(2024, 12, 31)


def test_an_id_that_a_workbook_has_rounded_is_refused(importing: Importing, book: Book) -> None:
    rows = _sheet()
    rows[1][0] = 12345678901234567.0
    importing(book(rows)).has("1 new", "row 2: the id 1.234568E+16 is in scientific notation")


def test_what_is_neither_yes_nor_no_is_named_by_its_own_column(importing: Importing) -> None:
    importing(
        "Opportunity ID,Opportunity Name,Stage,Won,Closed\nD1,A,Won,maybe,1\nD2,B,Won,1,1\n"
    ).has("row 2: “maybe” is neither yes nor no (column Won)")


@pytest.mark.parametrize(
    "header",
    ["Opportunity-ID;Opportunity-Name;Accountname;Inhaber;Phase;Betrag;Schlusstermin",
     "Datensatz-ID;Deal-Name;Firma;Zuständiger Mitarbeiter;Deal-Phase;Betrag;Abschlussdatum",
     "ID de l'opportunité;Nom de l'opportunité;Compte;Propriétaire;Étape;Montant;Date de clôture",
     "ID da oportunidade;Nome da oportunidade;Conta;Proprietário;Fase;Valor;Data de fechamento"],
)  # fmt: skip
def test_columns_are_known_in_other_languages(
    importing: Importing, deals: Deals, header: str
) -> None:
    content = f"Pipeline\n\n{header}\nD1;Ein Name;Müller;Zoe;Gewonnen;1.234,56;31.12.2026\n"
    answer = importing(content)
    assert answer.code == 0, answer.text
    deal = deals()["D1"]
    assert (deal.name, deal.account.name, deal.crm_owner.name) == ("Ein Name", "Müller", "Zoe")
    assert (deal.status, deal.amount, deal.close_date) == ("won", 123456, date(2026, 12, 31))
