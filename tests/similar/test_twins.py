"""Two people rarely say the same thing in the same words: the twin still comes first."""

import pytest

from tests.similar.conftest import Intake, Suggest
from tests.support.company import Company

#: Every problem is a stranger to all texts but its own.
PROBLEMS = {
    "Sign-in is manual work": "Everybody has a password of their own for us, which IT has to "
    "set up and reset by hand.",
    "Auditors ask who changed a price": "There is no history of who changed what, so every audit "
    "costs the controller a week of detective work.",
    "Crews lose their notes in cellars": "Technicians type a report where there is no signal, and "
    "it is gone when the page loads again.",
    "Invoices are typed twice": "What we bill is entered here and then once more in the "
    "accounting system.",
    "Reports cannot leave the product": "Managers want figures in a spreadsheet and copy them by "
    "hand from the screen.",
    "Everyone sees every customer": "A branch may only see its own customers, and we cannot "
    "separate them.",
    "The map is slow with many depots": "With more than five hundred sites, panning takes ten "
    "seconds.",
    "Colours cannot follow the brand": "Franchises want their own logo and colours on what "
    "tenants see.",
    "Orders cannot be changed in bulk": "When a supplier changes a part number, somebody edits "
    "four hundred orders one by one.",
    "Nobody notices an expired contract": "Contracts run out without a word, and prices fall "
    "back to list.",
    "Tenants call instead of booking": "There is no way for a tenant to choose an appointment "
    "without telephoning.",
    "The app speaks English only": "Half of the warehouse staff reads Polish or Spanish.",
}


@pytest.fixture
def filled(company: Company, intake: Intake) -> None:
    for title, statement in PROBLEMS.items():
        company.problem(title, statement=statement)
    intake.request("Weekly call with the account", "They were happy about the new dashboard.")


#: What somebody types, and which of the problems it is.
TEXTS = [
    # Other words.
    ("Their security team insists on single sign-on, no more passwords", 0),
    ("Compliance needs an audit trail of price changes", 1),
    ("The field team has no signal in basements and what they report vanishes", 2),
    ("Bookkeeping enters every bill a second time", 3),
    ("Export to Excel", 4),
    ("Permissions by branch, so that they don't see each other's clients", 5),
    ("Performance of the map with hundreds of sites", 6),
    ("White label: their logo on the tenant portal", 7),
    ("Batch editing of order lines when a part number changes", 8),
    ("A reminder before a contract ends", 9),
    ("Online appointments", 10),
    ("Localization into Spanish", 11),
    # Plural, tense, word order.
    ("changing a lot of orders", 8),
    ("an auditor asked us who had been changing the prices", 1),
    ("invoice typing twice", 3),
    ("notes of a crew lost", 2),
    # Slips of the fingers.
    ("Sigin with pasword reset", 0),
    ("Expird contarcts", 9),
    ("acounting sytem", 3),
    ("techncians loose thier reports", 2),
    # One word or two, other spelling, accents.
    ("spread sheet", 4),
    ("signin", 0),
    ("A common login", 0),
    ("brand colors", 7),
    ("The áudit of prices", 1),
]


@pytest.mark.usefixtures("filled")
def test_the_twin_comes_first(ask: Suggest) -> None:
    titles = list(PROBLEMS)
    first = {text: [each.title for each in ask(text)[:1]] for text, _ in TEXTS}
    assert first == {text: [titles[twin]] for text, twin in TEXTS}


def test_a_title_says_more_than_a_statement(company: Company, ask: Suggest) -> None:
    words = "Something else entirely stands here about stock and shelves"
    company.problem("Stock is wrong on shelves", statement="Barcodes are not scanned at night.")
    company.problem("Barcodes at night", statement="Stock is wrong on shelves.")
    assert [each.id for each in ask("barcodes at night")] == [2, 1]
    assert [each.id for each in ask("stock on shelves")] == [1, 2]
    assert ask(words)[0].id == 1


def test_a_text_is_found_by_its_workaround_and_a_request_by_its_quote(
    company: Company, intake: Intake, ask: Suggest
) -> None:
    company.problem("Deliveries arrive unannounced", workaround="A whiteboard at the gate.")
    intake.request("Delivery times", "", quote="We phone every haulier in the morning.")
    assert [each.title for each in ask("whiteboard")] == ["Deliveries arrive unannounced"]
    assert [each.title for each in ask("phoning hauliers")] == ["Delivery times"]


def test_a_private_note_and_a_name_are_not_searched(intake: Intake, ask: Suggest) -> None:
    intake.request("Delivery times", note="Margin is terrible", said_by_name="Zbigniew Kowal")
    assert ask("terrible margin") == []
    assert ask("Zbigniew Kowal") == []
