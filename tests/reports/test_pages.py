"""The pages: findings that their numbers support, filters in the address, any day, the CSV."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.deals import actions
from roadmap.extensions import db
from roadmap.models import Account, Criterion, Deal
from tests.reports import naive
from tests.support.client import MARK, CheckingClient
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either

NAMES = ("segments", "reasons", "revenue-at-risk", "trend", "false-losses", "cohorts")

Store = Callable[[int], list[naive.Deal]]


def enterprise_loses(company: Company, fit: int = 80) -> int:
    """Enterprise loses 16 of 20, all others 4 of 20: half of all."""
    with company.app.app_context():
        db.session.add(Criterion(position=1, attribute="industry", operator="is", values=["x"]))
        db.session.commit()
    segment = company.segment("Enterprise")
    inside, outside = company.account("Big", fit, segment), company.account("Other", 20)
    for account, lost in ((inside, 16), (outside, 4)):
        for number in range(20):
            company.deal(
                account=account, status="lost" if number < lost else "won",
                close_date="2026-12-01", opened_on="2026-08-01",
            )  # fmt: skip
    return segment


def test_losing_inside_the_profile_asks_for_a_decision(
    elias: CheckingClient, company: Company
) -> None:
    enterprise_loses(company)
    page = elias.get("/reports/segments")
    assert page.text_of("#finding") == (
        "Enterprise: 80 % lost over 20 deals, far above 50 % overall, and inside the profile: "
        "pivot or double down?"
    )
    row = page.rows_of("table.sheet")[0]
    assert (row["Segment"], row["Verdict"]) == ("Enterprise", "losing here")
    assert row["Loss rate"] == "80 % 58 % to 92 %"


def test_losing_outside_the_profile_is_information(elias: CheckingClient, company: Company) -> None:
    enterprise_loses(company, fit=20)
    finding = elias.get("/reports/segments").text_of("#finding")
    assert "outside the profile: good to know, nothing to decide" in finding


def test_without_a_profile_nothing_is_in_or_outside_it(
    elias: CheckingClient, company: Company
) -> None:
    for number in range(40):
        segment = {"account": company.account(fit=0)} if number else {}
        company.deal(status="lost" if number < 20 else "won", product="A" if number < 20 else "B",
                     close_date="2026-12-01", **segment)  # fmt: skip
    page = elias.get("/reports/segments?by=product")
    assert page.text_of("#finding") == "A: 100 % lost over 20 deals, far above 50 % overall."
    assert "no profile yet" in page.text_of("tbody")


def test_losses_without_amounts_or_reasons_are_told_as_such(
    elias: CheckingClient, company: Company
) -> None:
    for _ in range(12):
        company.deal(status="lost", amount=None)
    assert elias.get("/reports/reasons").text_of("#finding") == (
        "For 100 % of 12 lost deals nobody gave a reason. Reps and customers have to be asked "
        "before anything can be told."
    )
    finding = elias.get("/reports/trend").text_of("#finding")
    assert finding.endswith("Their amounts are unknown.")


def test_nine_closed_deals_are_too_few_to_tell(elias: CheckingClient, company: Company) -> None:
    for _ in range(9):
        company.deal(status="lost")
    page = elias.get("/reports/segments")
    assert page.text_of("#finding") == "Only 9 closed deals: too few to tell where we lose."
    assert "too few to tell" in page.text_of("tbody")


@pytest.mark.parametrize("name", NAMES)
def test_every_report_of_an_empty_company_says_that_there_is_nothing(
    elias: CheckingClient, company: Company, name: str
) -> None:
    page = elias.get(f"/reports/{name}")
    assert page.text_of("#finding")
    assert "No lost deals" in page.text_of(".report-trust")
    assert page.has(".empty-state") or name == "false-losses"


@pytest.mark.parametrize("name", NAMES)
def test_every_report_says_its_day_its_filters_and_how_far_to_trust_it(
    elias: CheckingClient, random_company: Store, name: str
) -> None:
    random_company(1)
    page = elias.get(f"/reports/{name}?as_of=2026-11-30&region=Europe&fit=33")
    assert "30 Nov 2026" in page.text_of(".pretitle")
    chips = page.texts_of(".report-trust .chip-text")
    assert chips == ["ICP fit: at least 33 %", "Region: Europe"]
    assert "lost deal" in page.text_of(".report-trust")
    without = elias.get(str(page.all(".report-trust .chip")[1]["href"]))
    assert without.texts_of(".report-trust .chip-text") == ["ICP fit: at least 33 %"]


def test_what_closed_after_the_day_was_still_open(elias: CheckingClient, company: Company) -> None:
    company.deal(status="lost", opened_on="2026-01-01", close_date="2026-06-30")
    company.deal(status="won", opened_on="2026-06-01", close_date="2026-07-01")
    company.deal(status="lost", opened_on="2026-07-01", close_date="2026-08-01")
    (total,) = elias.get("/reports/segments.csv?as_of=2026-06-30").table()[-1:]
    assert (total["Lost deals"], total["Won deals"], total["Open deals"]) == ("1", "0", "1")


def test_a_loss_without_a_day_counts_until_a_window_is_asked_for(
    elias: CheckingClient, company: Company
) -> None:
    company.deal(status="lost", close_date=None)
    company.deal(status="lost", close_date="2026-12-15")
    assert elias.get("/reports/reasons.csv").table()[-1]["Lost deals"] == "2"
    windowed = elias.get("/reports/reasons?window=3")
    assert "1 lost deal without close date is left out" in windowed.text_of("main")
    assert elias.get("/reports/reasons.csv?window=3").table()[-1]["Lost deals"] == "1"
    left_out = "Closed deals left out, without close date"
    for window, deals in (("", "0"), ("3", "1")):
        rows = elias.get(f"/reports/segments.csv?window={window}").table()
        assert [row[left_out] for row in rows] == [deals] * len(rows), "the total says so, too"


def test_a_window_says_what_it_looks_back_on(elias: CheckingClient, company: Company) -> None:
    company.deal(status="lost", opened_on="2026-11-02")
    for name in NAMES:
        chips = elias.get(f"/reports/{name}?window=3").texts_of(".chip-text")
        assert chips == [("Opened" if name == "cohorts" else "Closed") + ": in the last 3 months"]


def test_a_company_without_deals_is_told_how_they_come_here(
    priya: CheckingClient, company: Company
) -> None:
    for name in ("segments", "reasons", "cohorts"):
        page = priya.get(f"/reports/{name}")
        assert page.all(".empty-state a[href='/imports']")
        assert "fits" in priya.get(f"/reports/{name}?fit=50").text_of(".empty-state")


def test_where_we_lose_is_shown_however_many_groups_there_are(
    elias: CheckingClient, company: Company
) -> None:
    for number in range(35):
        account = company.account(segment=company.segment(f"Segment {number:02}"))
        for each in range(10 if number == 34 else 2):
            status = "lost" if number == 34 or each else "won"
            company.deal(account=account, status=status, close_date="2026-12-01")
    page = elias.get("/reports/segments")
    assert page.text_of("#finding").startswith("Segment 34: 100 % lost over 10 deals")
    shown = [row["Segment"] for row in page.rows_of("table.sheet")]
    assert "Segment 34" in shown
    assert shown == sorted(shown)
    assert "Segment 34" in page.texts_of(".interval-label")
    assert "30 of 35 lines" in page.text_of("main")


def test_a_month_that_is_not_over_is_drawn_as_such(elias: CheckingClient, company: Company) -> None:
    for month in ("08", "09", "10", "11", "12"):
        for _ in range(3):
            company.deal(status="lost", close_date=f"2026-{month}-15")
    assert elias.get("/reports/trend").has(".trend-line.is-unfinished")
    assert elias.get("/reports/trend").has("svg text:-soup-contains('Jan so far')")
    assert not elias.get("/reports/trend?as_of=2026-12-31").has(".trend-line.is-unfinished")


def test_unknown_amounts_are_named_and_not_taken_for_nothing(
    elias: CheckingClient, company: Company
) -> None:
    for _ in range(3):
        company.deal(status="lost", amount=None)
    company.deal(status="won", amount=500_00, close_date="2026-12-01")
    row = elias.get("/reports/segments").rows_of("table.sheet")[0]
    assert "amounts unknown" in row["Lost"]
    assert row["Lost by amount"] == "amounts unknown"
    assert elias.get("/reports/segments.csv").table()[0]["Loss rate by amount"] == ""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "senseless",
    [
        "as_of=yesterday", "as_of=0001-01-01", "segment=0", "segment=-1&rep=x", "fit=101",
        "window=0&source=rumour", "by=%27%3B--", "by=fit", "attr.nothing=x", "region=%00",
        "product=%F0%9F%92%A5&segment=99999999999999999999", "attr.segment=1", "window=61",
    ],
)  # fmt: skip
def test_what_makes_no_sense_counts_as_not_given(
    elias: CheckingClient, company: Company, name: str, senseless: str
) -> None:
    company.deal(status="lost")
    assert elias.get(f"/reports/{name}?{senseless}").status_code == 200
    assert elias.get(f"/reports/{name}.csv?{senseless}").status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_the_page_s_csv(
    app: Flask, elias: CheckingClient, random_company: Store, name: str
) -> None:
    random_company(4)
    downloaded = elias.get(f"/reports/{name}.csv?as_of=2026-12-01&region=Asia&fit=33").text
    arguments = ["--as-of", "2026-12-01", "--filter", "region=Asia", "--filter", "fit=33", "--csv"]
    printed = app.test_cli_runner().invoke(args=["report", name, *arguments])
    assert printed.exit_code == 0, printed.output
    assert printed.stdout_bytes == downloaded.removeprefix(MARK).encode()
    assert downloaded.splitlines()[-1].startswith("Total,")
    assert downloaded.endswith("\r\n")


#: What a spreadsheet would run, and what a careless writer would break.
NAMES_OF_TROUBLE = ('=HYPERLINK("//x")', "+1+2", "-2+3", "@SUM(A1)", "Müller, “Łódź”\nشركة")


@pytest.mark.parametrize("name", [*NAMES, "deals"])
def test_the_csv_holds_every_name_and_no_formula(
    app: Flask, elias: CheckingClient, company: Company, name: str
) -> None:
    for trouble in NAMES_OF_TROUBLE:
        pain = company.problem(trouble)
        company.initiative(trouble, solves=[pain])
        account = company.account(trouble, segment=company.segment(trouble))
        owner = company.owner(trouble)
        for amount in (100_000_00, None):
            company.deal(
                trouble,
                amount,
                account=account,
                owner=owner,
                status="lost",
                blockers=[pain],
                opened_on="2026-03-01",
                close_date="2026-07-01",
            )
        company.deal(trouble, account=account, owner=owner, blockers=[pain])
    company.deal("Heard", account=account, owner=owner, status="lost", blockers=[pain])
    verify(company, "Heard")
    downloaded = elias.get(f"/reports/{name}.csv?by=segment")
    assert downloaded.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(downloaded.text.removeprefix(MARK), newline="")))
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = {cell for row in rows for cell in row}
    for cell in cells:
        assert not cell.startswith(("=", "+", "@")), cell
        assert not cell.startswith("-") or re.fullmatch(r"-\d+(\.\d+)?", cell), cell
    if name not in ("cohorts", "false-losses"):
        assert {f"'{text}" for text in NAMES_OF_TROUBLE[:4]} | {NAMES_OF_TROUBLE[4]} <= cells
    if name == "trend":
        assert downloaded.table()[-1]["Change in deals"] == "-9"


@pytest.mark.parametrize("by", ["=1+1", "-1+1"])
def test_an_attribute_with_the_name_of_a_formula_heads_no_formula(
    app: Flask, elias: CheckingClient, company: Company, by: str
) -> None:
    company.deal(status="lost", attributes={by: "x"})
    head = elias.get("/reports/segments.csv", query_string={"by": by}).lines()[0]
    assert head.startswith(f"'{by},")


def test_the_command_takes_names_and_prints_a_table_to_read(
    app: Flask, company: Company, elias: CheckingClient
) -> None:
    enterprise_loses(company)
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["report", "segments", "--filter", "segment=Enterprise"])
    assert answer.exit_code == 0
    assert answer.output.startswith("80 % of 20 closed deals were lost")
    assert "Enterprise" in answer.output


@pytest.mark.parametrize("name", NAMES)
def test_a_command_may_be_the_day_s_first_visitor(app: Flask, company: Company, name: str) -> None:
    pain = company.problem("Sign-in is manual work")
    company.initiative("SSO", solves=[pain])
    company.deal("Acme", 900_00, status="lost", close_date="2026-11-02", blockers=[pain])
    app.config["TODAY"] = "2027-01-12"
    answer = app.test_cli_runner().invoke(args=["report", name, "--csv"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("\n") >= 2
    assert company.wrong_totals() == []


def test_a_source_narrows_what_is_verified_in_rows_and_total_alike(
    elias: CheckingClient, company: Company
) -> None:
    pain = company.problem("Sign-in is manual work")
    company.deal("Acme", 900_00, blockers=[(pain, "rep"), (pain, "customer")])
    for source, verified in (("rep", "0"), ("customer", "1"), ("", "1")):
        rows = elias.get(f"/reports/revenue-at-risk.csv?source={source}").table()
        assert [row["Deals with a verified tie"] for row in rows] == [verified] * 2, source


def test_a_share_that_a_source_filter_narrows_says_so(
    elias: CheckingClient, company: Company
) -> None:
    pain = company.problem("Sign-in is manual work")
    company.deal("Acme", status="lost", blockers=[(pain, "rep"), (pain, "customer")])
    narrowed, heard = "0 % of 1 lost deal, 0 % of their amount", "100 % of 1 lost deal"
    for name in NAMES:
        assert heard in elias.get(f"/reports/{name}").text_of("main")
        said = elias.get(f"/reports/{name}?source=rep").text_of("main")
        if name == "false-losses":  # is what two sources say differently, whatever is asked for
            assert heard in said
        else:
            assert f"{narrowed}; other sources are left out" in said, name


@pytest.mark.parametrize(
    "arguments",
    [
        ["--by", "luck"], ["--filter", "luck=1"], ["--filter", "fit=high"], ["--filter", "fit"],
        ["--filter", "segment=Nowhere"], ["--as-of", "1066-10-14"], ["--as-of", "soon"],
    ],
)  # fmt: skip
def test_a_senseless_command_ends_with_two(
    app: Flask, company: Company, arguments: list[str]
) -> None:
    answer = app.test_cli_runner().invoke(args=["report", "segments", *arguments])
    assert answer.exit_code == 2
    assert "Error" in answer.output


def test_reports_may_be_grouped_by_whatever_an_import_brought(
    elias: CheckingClient, random_company: Store
) -> None:
    random_company(1)
    rows = elias.get("/reports/segments.csv?by=route").table()
    assert {row["route"] for row in rows} == {"partner", "direct", "Not given", "Total"}
    counted = sum(int(row["Lost deals"]) for row in rows[:-1])
    assert counted == int(rows[-1]["Lost deals"])


def test_a_false_loss_spares_the_work_that_nothing_else_asks_for(
    elias: CheckingClient, company: Company
) -> None:
    core = company.team("Core")
    pain, other = company.problem("Sign-in"), company.problem("Export")
    spared = company.initiative("SSO", work=[(core, 20)], solves=[pain])
    company.initiative("CSV", work=[(core, 10)], solves=[other])
    company.deal("Lost over price", 420_000_00, status="lost", blockers=[pain])
    company.deal("Also lost over price", 80_000_00, status="lost", blockers=[other])
    company.deal("Waits", blockers=[other])
    before = elias.get("/reports/false-losses")
    assert before.text_of("#finding").startswith("Nobody knows: none of 2 lost deals")
    verify(company, "Lost over price", "Also lost over price")
    page = elias.get("/reports/false-losses")
    assert page.text_of("#finding") == (
        "2 losses were claimed as Product and were something else: $500K that no feature would "
        "have won. 4 person-weeks of engineering are spared."
    )
    rows = page.rows_of(".box:has(h2:-soup-contains('lost weight')) table")
    assert [(row["Initiative"], row["Deals that still count"]) for row in rows] == [
        ("SSO", "0"), ("CSV", "1"),
    ]  # fmt: skip
    assert rows[0]["Work left"] == "4 person-weeks spared"
    assert company.order()[0] == "SSO"
    assert spared


def verify(company: Company, *names: str) -> None:
    """The customer says that it was the price."""
    for name in names:
        with company.app.app_context():
            id = db.session.scalars(select(Deal.id).where(Deal.name == name)).one()
            actions.give_reason(id, "price", "interview", None, "Too dear", 1)


def test_a_row_of_few_deals_is_said_to_stay_pale(elias: CheckingClient, company: Company) -> None:
    clinics = company.account(segment=company.segment("Clinics"))
    pain = company.problem("Sign-in")
    for _ in range(4):
        company.deal(status="lost", account=clinics, blockers=[pain])
    page = elias.get("/reports/reasons")
    assert page.has(".heat-1")
    assert not page.has(".heat-5")
    assert "a row of few deals stays pale" in page.text_of("main")
    assert "A row of fewer than 10 deals stays pale" in page.text_of("main")


def test_one_loud_deal_is_no_trend(elias: CheckingClient, company: Company) -> None:
    for month in ("02", "03", "04", "05", "06"):
        company.deal(status="lost", amount=100_000_00, close_date=f"2026-{month}-15")
    for month in ("08", "09", "10", "11"):
        company.deal(status="lost", amount=50_000_00, close_date=f"2026-{month}-15")
    company.deal(status="lost", amount=9_000_000_00, close_date="2027-01-05")
    finding = elias.get("/reports/trend").text_of("#finding")
    assert "stayed at 5" in finding
    assert "That rise rests on a single deal, so it is no trend." in finding


def test_the_case_for_a_problem_stands_on_one_page(elias: CheckingClient, company: Company) -> None:
    core = company.team("Core")
    segment = company.segment("Enterprise")
    pain = company.problem("Sign-in is manual work")
    account = company.account("Acme", segment=segment)
    company.deal("Renewal", 300_000_00, account=account, blockers=[(pain, "interview")])
    company.deal("Gone", 100_000_00, account=account, status="lost", blockers=[pain])
    company.initiative("First", work=[(core, 10)])
    company.initiative("SSO", work=[(core, 20)], solves=[pain])
    page = elias.get(f"/problems/{pain}").follow("Make the case")
    assert page.text_of("h1") == "Sign-in is manual work"
    assert page.text_of(".lead") == (
        "$300K in 1 open deal waits for it; $100K in 1 deal was lost over it since 11 Jul 2026. "
        "Customers confirm it in 1 of 2."
    )
    assert page.rows_of("table:has(caption:-soup-contains('by segment'))")[0]["Segment"] == (
        "Enterprise"
    )
    (cost,) = page.rows_of("table:has(caption:-soup-contains('address it'))")
    assert cost["Work left"] == "4 person-weeks"
    assert cost["If it went to the top"].startswith("Moving “SSO” from 2 to 1 delays 1 initiative")


def test_a_case_without_any_evidence_says_so(elias: CheckingClient, company: Company) -> None:
    pain = company.problem("Nobody asked")
    page = elias.get(f"/problems/{pain}/case")
    assert "No open deal waits for it" in page.text_of(".lead")
    assert "Nobody's words are recorded" in page.text_of("main")
    assert elias.get("/problems/999/case").status_code == 404


def test_a_warm_report_costs_few_queries(
    app: Flask, elias: CheckingClient, random_company: Store
) -> None:
    random_company(1)
    for name in NAMES:
        elias.get(f"/reports/{name}")
        with count_queries(app, ignoring=["users"]) as statements:
            elias.get(f"/reports/{name}")
        assert len(statements) <= 8, f"{name}:\n" + "\n".join(statements)


def test_a_new_reason_shows_at_once(elias: CheckingClient, company: Company) -> None:
    company.deal("Gone", status="lost")
    assert elias.get("/reports/reasons.csv").table()[-1]["Not given deals"] == "1"
    verify(company, "Gone")
    assert elias.get("/reports/reasons.csv").table()[-1]["Price deals"] == "1"


def test_a_report_says_once_how_much_of_its_money_stands_in(
    elias: CheckingClient, company: Company
) -> None:
    """Sums stay unmarked; the line opens the deals, which add up to it."""
    pain = company.problem("No export")
    closed = {"status": "lost", "close_date": "2026-12-01", "opened_on": "2026-11-01"}
    company.deal("Exact", 100_000_00, blockers=[pain], **closed)
    for name in NAMES:
        assert not elias.get(f"/reports/{name}").has("#stand-ins"), name
    company.deal("Lost", 30_000_00, blockers=[pain], amount_source="average", **closed)
    company.deal(
        "Open", 40_000_00, blockers=[pain], amount_source="list price", opened_on="2026-12-01"
    )
    said = {name: elias.get(f"/reports/{name}") for name in NAMES if name != "false-losses"}
    said["case"] = elias.get(f"/problems/{pain}/case")
    lost, both = (
        "1 deal, $30K of 2 deals with $130K has",
        "2 deals, $70K of 3 deals with $170K have",
    )
    for name, words in {
        "segments": both, "reasons": lost, "revenue-at-risk": both, "trend": lost,
        "cohorts": both, "case": both,
    }.items():  # fmt: skip
        line = said[name].text_of("#stand-ins")
        assert line == f"≈ {words} no amount in CRM: a list price or an average stands in.", name
        listed = elias.get(said[name].one("#stand-ins a")["href"])
        number = "1 deal of 1 account, $30K" if words == lost else "2 deals of 2 accounts, $70K"
        assert listed.text_of("[role=status] > strong") == number, name
        assert all("≈" in row["Amount"] for row in listed.rows_of("table.sheet"))
    assert not elias.get("/reports/false-losses").has("#stand-ins")


def test_a_false_loss_whose_amount_stands_in_is_named(
    elias: CheckingClient, company: Company
) -> None:
    pain = company.problem("No export")
    company.deal("Gone", 30_000_00, status="lost", blockers=[pain], amount_source="average")
    verify(company, "Gone")
    line = elias.get("/reports/false-losses").text_of("#stand-ins")
    assert line.startswith("≈ 1 deal, $30K of 1 deal with $30K has no amount in CRM")


NAMED_ODDLY = (
    'Say "x"', '"', "a\\b", "\\", 'both \\"', "it's", "a.b", "100%", "[0]", "$.a", "Größe", "#-1",
    "a=b&c", "<b>", "%(name)s", ":name",
)  # fmt: skip


@pytest.mark.only("sqlite", "postgresql")
@pytest.mark.parametrize("of", ["accounts", "deals"])
def test_an_attribute_of_any_name_groups_and_filters(
    app: Flask, elias: CheckingClient, company: Company, of: str
) -> None:
    values = {name: f"value {n}" for n, name in enumerate(NAMED_ODDLY)}
    told, other = company.account("Told"), company.account("Other")
    lost = {"status": "lost", "close_date": "2026-12-01"}
    deal = company.deal("One", 70_000_00, account=told, **lost)
    company.deal("Two", 30_000_00, account=other, **lost)
    with app.app_context():
        row = (
            db.session.get_one(Account, told)
            if of == "accounts"
            else db.session.get_one(Deal, deal)
        )
        row.attributes = values
        db.session.commit()
    for name, value in values.items():
        page = elias.get("/reports/segments", query_string={"by": name})
        rows = {row[name]: row["Lost"] for row in page.rows_of("table.sheet")}
        assert set(rows) == {value, "Not given"}, name
        assert rows[value].startswith("1"), name
        listed = elias.get(
            page.one(f"tbody tr:has(:-soup-contains('{value}')) td[data-label=Lost] a")["href"]
        )
        assert listed.texts_of("tbody th > div > a") == ["One"], name
        assert (name, value) in [
            tuple(chip.split(": ", 1)) for chip in listed.texts_of(".chip-text")
        ], name
        narrowed = elias.get("/reports/reasons", query_string={f"attr.{name}": value})
        assert narrowed.text_of("#finding").startswith("Only 1 lost deal"), name
        assert narrowed.text_of(".report-trust .chip-text") == f"{name}: {value}"
        nobody = elias.get("/reports/reasons", query_string={f"attr.{name}": "nothing"})
        assert not nobody.text_of("#finding").startswith("Only 1"), name


def test_an_empty_company_is_told_the_next_step(
    elias: CheckingClient, priya: CheckingClient, company: Company
) -> None:
    for name, title in {
        "segments": "No deal yet",
        "reasons": "No lost deal yet",
        "cohorts": "No deal with a known opening day yet",
    }.items():
        page = priya.get(f"/reports/{name}")
        assert page.text_of(".empty-state h2") == title
        assert page.has(".empty-state a[href='/imports']"), name
        reader = elias.get(f"/reports/{name}")
        assert not reader.has(".empty-state a"), name
        narrowed = priya.get(f"/reports/{name}?fit=50")
        assert "passes the filters" in narrowed.text_of(".empty-state p"), name
    assert priya.get("/reports/segments").one("#no-segments a")["href"] == "/segments"
    assert not elias.get("/reports/segments").has("#no-segments a")
    assert not priya.get("/reports/segments?by=region").has("#no-segments")
    company.segment("Banks")
    assert not priya.get("/reports/segments").has("#no-segments")
