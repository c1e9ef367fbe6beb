"""Deals, accounts and owners as an import leaves them, and what it says about them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from roadmap.evidence import dates
from roadmap.extensions import db
from roadmap.imports import reverting
from roadmap.models import Import
from tests.imports.conftest import HEADER, Importing

Deals = Callable[[], dict[str, Any]]
Everything = Callable[[], dict[str, list[tuple[Any, ...]]]]


def test_the_same_file_twice_changes_nothing(importing: Importing, everything: Everything) -> None:
    content = (
        f"{HEADER},Opportunity Owner,Custom\n"
        "D1,First,Acme,Closed Won,1200.10,2024-05-17,Zoë,x\n"
        "D2,Second,,Closed Lost,,2024-05-18,,\n"
    )
    importing(content).has("2 new")
    before = everything()
    answer = importing(content)
    answer.has("0 new, 0 changed, 2 unchanged", "Nothing had changed")
    assert everything() == before


def test_the_customers_own_date_is_compared_with_itself_and_not_with_the_close_date(
    importing: Importing, deals: Deals
) -> None:
    file = f"{HEADER},Needed by\nD1,First,Acme,Open,1200,2027-05-17,{{}}\n"
    importing(file.format("")).has("1 new")
    importing(file.format("")).has("0 new, 0 changed, 1 unchanged")
    importing(file.format("2027-05-17")).has("0 new, 1 changed")
    assert deals()["D1"].own_needed_by == date(2027, 5, 17)
    importing(file.format("2027-05-17")).has("0 new, 0 changed, 1 unchanged")


def test_what_a_file_says_again_does_not_go_over_a_date_that_somebody_named_since(
    app: Flask, importing: Importing, deals: Deals
) -> None:
    file = f"{HEADER},Needed by\nD1,First,Acme,Open,{{}},2027-05-17,{{}}\n"
    importing(file.format(1200, "2027-05-17")).has("1 new")
    with app.app_context():
        dates.say(deals()["D1"].id, date(2027, 3, 1), None)
        db.session.commit()
    importing(file.format(1200, "2027-05-17")).has("0 new, 0 changed, 1 unchanged")
    importing(file.format(1300, "2027-05-17")).has("0 new, 1 changed")
    assert deals()["D1"].own_needed_by == date(2027, 3, 1)
    importing(file.format(1300, "2027-03-01")).has("0 new, 0 changed, 1 unchanged")
    importing(file.format(1300, "2027-06-17")).has("0 new, 1 changed")
    assert deals()["D1"].own_needed_by == date(2027, 6, 17)
    with app.app_context():
        last = db.session.scalars(select(Import.id).order_by(Import.id.desc())).first()
        reverting.revert(last or 0, None)
    assert deals()["D1"].own_needed_by == date(2027, 3, 1)
    with app.app_context():
        assert list(db.session.scalars(dates.wrong())) == []


def test_a_dry_run_says_the_same_and_leaves_nothing(
    importing: Importing, everything: Everything
) -> None:
    content = f"{HEADER}\nD1,First,Acme,Closed Won,1200.10,2024-05-17\n"
    before = everything()
    dry = importing(content, "--dry-run")
    assert everything() == before
    dry.has("Dry run: nothing was changed", "1 new")
    wet = importing(content)
    assert wet.text.replace("Imported.", "") == dry.text.replace(
        "Dry run: nothing was changed.", ""
    )


def test_only_what_the_file_speaks_of_is_changed(importing: Importing, deals: Deals) -> None:
    importing(f"{HEADER},Custom,Other\nD1,First,Acme,Won,1200,2024-05-17,x,y\n")
    answer = importing("Opportunity ID,Stage,Custom\nD1,Closed Lost,\n")
    answer.has("0 new, 1 changed")
    deal = deals()["D1"]
    assert (deal.status, deal.lost_to, deal.amount) == ("lost", "unknown", 120000)
    assert deal.close_date == date(2024, 5, 17)
    assert deal.account.name == "Acme"
    assert deal.attributes == {"Other": "y"}


def test_repeated_rows_count_once_and_contradicting_ones_fail(
    importing: Importing, deals: Deals
) -> None:
    row = "First,Acme,Won,1200,2024-05-17"
    answer = importing(f"{HEADER}\nD1,{row}\nD1,{row}\nD2,{row}\nD2,Else,Acme,Won,1,2024-05-17\n")
    assert answer.code == 0
    answer.has("1 new", "1 skipped", "2 failed", "its id D2 stands in rows 4, 5")
    assert list(deals()) == ["D1"]


def test_ids_of_15_and_18_characters_are_one_deal(importing: Importing, deals: Deals) -> None:
    importing(f"{HEADER}\n006Ec00000AieKF,First,Acme,Won,1,2024-05-17\n")
    answer = importing(f"{HEADER}\n006Ec00000AieKFIAZ,First,Acme,Won,2,2024-05-17\n")
    answer.has("0 new, 1 changed")
    importing(f"{HEADER}\n006Ec00000AieKf,Another,Acme,Won,2,2024-05-17\n").has("1 new")
    assert len(deals()) == 2
    assert deals()["006Ec00000AieKFIAZ"].amount == 200


def test_ids_that_a_spreadsheet_rounded_are_refused(importing: Importing, deals: Deals) -> None:
    answer = importing(f"{HEADER}\n1.2E+10,A,Acme,Won,1,2024-05-17\nD2,B,Acme,Won,1,2024-05-17\n")
    answer.has("row 2: the id 1.2E+10 is in scientific notation")
    assert list(deals()) == ["D2"]


def test_stages_that_nobody_explained_are_asked_for(importing: Importing, deals: Deals) -> None:
    content = (
        f"{HEADER}\nD1,A,Acme,Negotiation,1,2024-05-17\nD2,B,Acme,Signed,1,2024-05-17\n"
        "D3,C,Acme,Closed - Lost,1,2024-05-17\n"
    )
    answer = importing(content)
    assert answer.code == 2
    answer.has('"Negotiation": "open|won|lost"', '"Signed": "open|won|lost"', '"stages"')
    assert not deals()
    stages = {"stages": {"negotiation": "open", "Signed": "won"}}
    answer = importing(content, mapping=stages)
    assert answer.code == 0, answer.text
    answer.has("Negotiation is open (1)", "Signed is won (1)")
    assert {id: deal.status for id, deal in deals().items()} == {
        "D1": "open", "D2": "won", "D3": "lost",
    }  # fmt: skip


def test_crm_s_own_word_goes_before_the_stage_s_name(importing: Importing, deals: Deals) -> None:
    answer = importing(
        "Id,Name,StageName,Amount,CloseDate,IsClosed,IsWon\n"
        "D1,A,Anything,1,2024-05-17,true,TRUE\nD2,B,Whatever,1,2024-05-17,1,0\n"
        "D3,C,Closed Won?,1,2024-05-17,,\nD4,D,x,1,2024-05-17,perhaps,\n"
    )
    answer.has("row 5: “perhaps” is neither yes nor no")
    assert {id: deal.status for id, deal in deals().items()} == {
        "D1": "won", "D2": "lost", "D3": "open",
    }  # fmt: skip


def test_a_closed_deal_of_an_unknown_stage_is_asked_for(importing: Importing) -> None:
    answer = importing(
        "Opportunity ID,Opportunity Name,Stage,Closed\nD1,A,Negotiation,0\nD2,B,Signed,1\n"
    )
    assert answer.code == 2
    answer.has('"Signed"')
    assert "Negotiation" not in answer.text


@pytest.mark.parametrize(
    ("value", "day"),
    [("13/02/2024", date(2024, 4, 3)), ("02/13/2024", date(2024, 3, 4))],
)
def test_one_date_that_decides_speaks_for_the_file(
    importing: Importing, deals: Deals, value: str, day: date
) -> None:
    answer = importing(f"{HEADER}\nD1,A,Acme,Won,1,03/04/2024\nD2,B,Acme,Won,1,{value}\n")
    answer.has("Dates are read as")
    assert deals()["D1"].close_date == day


def test_dates_that_nothing_decides_are_asked_for(
    importing: Importing, deals: Deals, everything: Everything
) -> None:
    content = f"{HEADER}\nD1,A,Acme,Won,1,03/04/2024\nD2,B,Acme,Won,1,05/05/2024\n"
    before = everything()
    answer = importing(content)
    assert answer.code == 2
    answer.has("Day and month cannot be told apart", "row 2 has 03/04/2024", '"date_order"')
    assert everything() == before
    assert importing(content, mapping={"date_order": "dmy"}).code == 0
    assert deals()["D1"].close_date == date(2024, 4, 3)


def test_dates_that_contradict_each_other_are_asked_for(importing: Importing) -> None:
    content = f"{HEADER}\nD1,A,Acme,Won,1,28/12/2024\nD2,B,Acme,Won,1,12/28/2024\n"
    answer = importing(content)
    assert answer.code == 2
    answer.has("contradict", "row 2 has 28/12/2024", "row 3 has 12/28/2024")
    importing(content, mapping={"date_order": "dmy"}).has(
        "1 new", "row 3: “12/28/2024” is no date with date_order dmy"
    )


def test_figures_follow_the_file_s_own_decimal_mark(importing: Importing, deals: Deals) -> None:
    header = HEADER.replace(",", ";")
    importing(f"{header}\nD1;A;Acme;Won;1.234;2024-05-17\nD2;B;Acme;Won;1.234,50;2024-05-17\n")
    assert deals()["D1"].amount == 123400
    answer = importing(f"{header}\nD3;A;Acme;Won;1.234;2024-05-17\n")
    assert answer.code == 2
    answer.has('"decimal"')
    answer = importing(f'{HEADER}\nD4,A,Acme,Won,"$50,000",2024-05-17\n')
    answer.has("Commas in figures are taken for thousands")
    assert deals()["D4"].amount == 5_000_000


def test_amounts_in_another_currency_are_unknown_and_named(
    importing: Importing, deals: Deals
) -> None:
    answer = importing(
        f"{HEADER},Amount Currency\nD1,A,Acme,Won,1200,2024-05-17,EUR\n"
        "D2,B,Acme,Won,1300,2024-05-17,USD\n"
        'D3,C,Acme,Won,"AED 1,500.00 (USD 1,000.00)",2024-05-17,AED\n'
    )
    answer.has("Amount not in USD: left unknown: 1 (row 2): “EUR”")
    assert {id: deal.amount for id, deal in deals().items()} == {
        "D1": None, "D2": 130000, "D3": 100000,
    }  # fmt: skip


def test_blank_amounts_are_unknown_and_zero_is_zero(importing: Importing, deals: Deals) -> None:
    importing(f"{HEADER}\nD1,A,Acme,Won,,2024-05-17\nD2,B,Acme,Closed Lost,0,2024-05-17\n").has(
        "No amount: unknown (won deals): 1 (row 2)"
    )
    assert (deals()["D1"].amount, deals()["D2"].amount) == (None, 0)


def test_huge_amounts_and_long_names(importing: Importing, deals: Deals) -> None:
    answer = importing(
        f"{HEADER}\nD1,A,Acme,Won,{'9' * 40},2024-05-17\nD2,{'B' * 300},Acme,Won,1,2024-05-17\n"
    )
    answer.has("row 2: “9999", "is more than 100,000,000,000", "Cut at 200 characters: name: 1")
    assert deals()["D2"].name == "B" * 199 + "…"


def test_hostile_text_is_stored_as_text(importing: Importing, deals: Deals) -> None:
    name = "<script>alert(1)</script> '); DROP TABLE deals; -- \N{RIGHT-TO-LEFT OVERRIDE}\U0001f600"
    answer = importing(f"{HEADER},=cmd()\nD1,{name},=1+1,Won,1,2024-05-17,\x1b[31mred\n")
    assert answer.code == 0, answer.text
    assert deals()["D1"].name == name
    assert deals()["D1"].account.name == "=1+1"
    assert deals()["D1"].attributes == {"=cmd()": "[31mred"}
    assert "\x1b" not in answer.text


def test_owners_are_matched_once_by_exact_name_or_address(
    app: Flask, importing: Importing, deals: Deals, cast_ids: dict[str, int]
) -> None:
    from tests.support.cast import person

    rosa, elias = person("rep"), person("executive")
    answer = importing(
        f"{HEADER},Opportunity Owner\nD1,A,Acme,Won,1,2024-05-17,{rosa.name.upper()}\n"
        f"D2,B,Acme,Won,1,2024-05-17,{elias.email}\nD3,C,Acme,Won,1,2024-05-17,Nobody Known\n"
    )
    answer.has("matched to the user of the same name or e-mail address: 2", "match no user")
    answer.has("1 (“Nobody Known”)")
    found = deals()
    assert found["D1"].crm_owner.user_id == cast_ids["rep"]
    assert found["D2"].crm_owner.user_id == cast_ids["executive"]
    assert found["D3"].crm_owner.user_id is None


def test_lost_deals_keep_what_is_known_of_the_winner(importing: Importing, deals: Deals) -> None:
    content = (
        "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,Topic,Potential Customer,"
        "Est. Revenue,Est. Close Date,Actual Revenue,Actual Close Date,Status,Status Reason\n"
        "A0B1C2D3-0000-1111-2222-333344445555,abc,One,Acme,100,45292,,45300,Lost,Out-Sold\n"
        "A0B1C2D3-0000-1111-2222-333344445556,abd,Two,Acme,200,2024-05-17,150,2024-06-01,Won,Won\n"
        "A0B1C2D3-0000-1111-2222-333344445557,abe,Three,Acme,300,2024-05-17,,,Open,In Progress\n"
    )
    answer = importing(content)
    assert answer.code == 0, answer.text
    answer.has("Dynamics 365", "spreadsheet's count of days", "Left out: (Do Not Modify) Row")
    lost, won, still_open = (deals()[f"a0b1c2d3-0000-1111-2222-33334444555{n}"] for n in "567")
    assert (lost.lost_to, lost.amount, lost.close_date) == ("competitor", 10000, date(2024, 1, 9))
    assert (won.amount, won.close_date) == (15000, date(2024, 6, 1))
    assert (still_open.amount, still_open.close_date) == (30000, date(2024, 5, 17))
    assert "Row Checksum" not in str(lost.attributes)


def test_a_pipedrive_export(importing: Importing, deals: Deals) -> None:
    answer = importing(
        "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Status,Deal - Stage,"
        "Deal - Organization,Deal - Owner,Deal - Lost reason,Deal - Won time,Deal - Lost time,"
        "Deal - Expected close date,Deal - Deal Created\n"
        "1,One,100,USD,Won,Proposal,Acme,Zoë,,2024-05-17 10:00:00,,,2024-01-01 09:00:00\n"
        "2,Two,200,USD,Lost,Proposal,Acme,Zoë,Too dear,,2024-05-18 10:00:00,2024-04-01,\n"
        "3,Three,300,EUR,Open,Lead In,Beta,Zoë,,,,2024-09-01,2024-02-01 09:00:00\n"
        "4,Four,300,USD,Deleted,Lead In,Beta,Zoë,,,,2024-09-01,2024-02-01 09:00:00\n"
    )
    assert answer.code == 0, answer.text
    answer.has("3 new", "Deleted in CRM: skipped: 1 (row 5)")
    found = deals()
    assert [found[id].status for id in "123"] == ["won", "lost", "open"]
    assert [found[id].close_date for id in "123"] == [
        date(2024, 5, 17), date(2024, 5, 18), date(2024, 9, 1),
    ]  # fmt: skip
    assert found["2"].attributes == {"Loss reason": "Too dear"}
    assert found["3"].amount is None


def test_a_hubspot_export(importing: Importing, deals: Deals) -> None:
    answer = importing(
        "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal owner,"
        "Closed Lost Reason,Associated Company,Associated Company IDs,Deal probability\n"
        "12345678901,One,Closed won,Sales,100.5,2024-05-17 10:00,2024-01-01 10:00,Zoë,,Acme,77,1\n"
        "12345678902,Two,contractsent,Sales,,2024-06-17 10:00,2024-01-01 10:00,Zoë,,A;B,7;8,0.6\n"
    )
    assert answer.code == 0, answer.text
    answer.has("HubSpot", "names several: the first is taken: 1")
    found = deals()
    assert found["12345678901"].amount == 10050
    assert found["12345678902"].probability == 60
    assert found["12345678902"].account.external_id == "7"


def test_data_loader_names_and_booleans(importing: Importing, deals: Deals) -> None:
    answer = importing(
        "ID,NAME,STAGENAME,AMOUNT,CLOSEDATE,ISCLOSED,ISWON,ACCOUNT.NAME,OWNER.NAME,PROBABILITY,"
        "LOSS_REASON__C,ISDELETED,CREATEDDATE\n"
        "006Ec00000AieKFIAZ,One,Signed,100.00,2024-05-17,true,false,Acme,Zoë,0,Price,false,"
        "2024-01-22T16:14:25.000Z\n"
        "006Ec00000AieKGIAZ,Two,Signed,100.00,2024-05-17,true,true,Acme,Zoë,100,,true,\n"
    )
    assert answer.code == 0, answer.text
    answer.has("Deleted in CRM: skipped: 1 (row 3)")
    deal = deals()["006Ec00000AieKFIAZ"]
    assert (deal.status, deal.crm_owner.name) == ("lost", "Zoë")
    assert deal.attributes == {"Loss reason": "Price"}
    assert deal.opened_on == date(2024, 1, 22)


def test_products_written_differently_are_pointed_out(importing: Importing, deals: Deals) -> None:
    rows = f"{HEADER},Product\nD1,A,Acme,Won,1,2024-05-17,gtx-pro\nD2,B,Acme,Won,1,2024-05-17,XYZ\n"
    answer = importing(rows, products="product,price\nGTX Pro,1\nGTX Basic,2\n")
    answer.has("“gtx-pro” looks like a misspelling of “GTX Pro”", "Not in the products' file: 1")
    assert deals()["D1"].product == "gtx-pro"
    importing(rows, mapping={"replace": {"product": {"GTX-PRO": "GTX Pro"}}}).has("1 changed")
    assert deals()["D1"].product == "GTX Pro"


def test_a_report_without_ids_says_which_column_to_add(importing: Importing) -> None:
    answer = importing("Opportunity Name,Account Name,Stage,Amount\nA,Acme,Won,1\n")
    assert answer.code == 2
    answer.has("Add the column “Opportunity ID” to the export")


def test_ids_that_a_spreadsheet_rewrote_are_asked_about_and_never_make_a_second_deal(
    importing: Importing, deals: Deals
) -> None:
    importing("Id,Name,Stage\n00101,A,Won\n202,B,Won\n")
    rewritten = "Id,Name,Stage\n101.0,A,Lost\n00202,B,Won\n303,C,Won\n"
    answer = importing(rewritten)
    assert answer.code == 2
    answer.has("101.0 (here 00101)", "00202 (here 202)", '"rewritten_ids": "same"')
    assert set(deals()) == {"00101", "202"}
    importing(rewritten, mapping={"rewritten_ids": "same"}).has("1 new, 1 changed, 1 unchanged")
    assert {id: deal.status for id, deal in deals().items()} == {
        "00101": "lost", "202": "won", "303": "won"
    }  # fmt: skip
    assert importing(rewritten, mapping={"rewritten_ids": "other"}).code == 0
    assert len(deals()) == 5


def test_an_id_that_was_used_again_is_named(importing: Importing) -> None:
    header = "Id,Name,Account Name,Stage,Created Date"
    importing(f"{header}\n1,A,Acme,Won,2024-01-01\n2,B,Acme,Won,2024-01-01\n")
    answer = importing(f"{header}\n1,Z,Initech,Won,2025-01-01\n2,B2,Acme,Won,2025-01-01\n")
    answer.has(
        "used again, with another name, account and opening day than here: 1 (“1: A, now Z”)"
    )
