"""A fifth bucket is a change of one list (and of the tables' constraints): everything still sums.

The list is read by everybody as they are imported, so this is tried in a process of its own.
"""

import csv
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

#: Run with the address of a new database and the folder for answers.
SCRIPT = """
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

url, answers = sys.argv[1], Path(sys.argv[2])
get_code = SourceFileLoader.get_code

def with_a_fifth(self, fullname):
    if fullname != "roadmap.domain.winloss":
        return get_code(self, fullname)
    path = self.get_filename(fullname)
    source = Path(path).read_text()
    four = "BUCKETS = (PRODUCT, PRICE, PROCESS, PRESENCE)"
    assert source.count(four) == 1
    return compile(source.replace(four, four[:-1] + ', "politics")'), path, "exec")

SourceFileLoader.get_code = with_a_fifth

from datetime import date

from roadmap import create_app
from roadmap.extensions import db
from roadmap.models import Account, Base, Deal, Statement, Workspace
from tests.support import cast
from tests.support.client import CheckingClient
from tests.support.databases import CONFIG

app = create_app({**CONFIG, "DATABASE_URL": url})
app.test_client_class = CheckingClient
with app.app_context():
    Base.metadata.create_all(db.engine)
    db.session.add(Workspace(id=1))
    account = Account(external_id="a", name="Acme", search_text="acme")
    reasons = [("rep", "politics"), ("rep", "price"), ("customer", "politics"), ("rep", "product")]
    for number, (source, bucket) in enumerate(reasons, start=1):
        deal = Deal(
            external_id=str(number), name=f"Deal {number}", search_text="", account=account,
            status="lost", lost_to="unknown", amount=number * 100_00,
            close_date=date(2026, 12, 10),
        )
        said = {"deal": deal, "reason_weight": 1}
        db.session.add(Statement(bucket=bucket, source=source, **said))
        if source == "customer":
            db.session.add(Statement(bucket="product", source="rep", **said))
    db.session.commit()
cast.enrol(app)
elias = cast.visitor(app, "executive")
for report in ("reasons", "trend"):
    by = "?by=bucket" if report == "trend" else ""
    (answers / f"{report}.csv").write_text(elias.get(f"/reports/{report}.csv{by}").text)
page = elias.get("/reports/reasons")
(answers / "reasons.html").write_text(page.text)
(answers / "beneath.csv").write_text(
    elias.get("/reports/deals.csv?report=reasons&state=lost&bucket=politics").text
)
script = cast.visitor(app, "admin").get("/interviews/questions")
(answers / "questions.html").write_text(script.text)
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fifth")
    url = f"sqlite:///{folder / 'fifth.db'}"
    subprocess.run(
        [sys.executable, "-c", SCRIPT, url, str(folder)],
        cwd=Path(__file__).parents[2], check=True, timeout=300,
    )  # fmt: skip
    return folder


def table(answers: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((answers / name).read_text().lstrip("\ufeff"))))


def test_a_table_of_reasons_sums_to_the_lost_deals(answers: Path) -> None:
    *_, total = table(answers, "reasons.csv")
    columns = ("Product", "Price", "Process", "Presence", "Politics", "Not given")
    assert [int(total[f"{column} deals"]) for column in columns] == [1, 1, 0, 0, 2, 0]
    assert sum(float(total[f"{column} amount"]) for column in columns) == 1000.00


def test_a_trend_by_bucket_sums_to_the_lost_deals(answers: Path) -> None:
    *lines, total = table(answers, "trend.csv")
    assert {line["Reason"]: line["Deals"] for line in lines}["Politics"] == "2"
    assert sum(int(line["Deals"]) for line in lines) == int(total["Deals"]) == 4


def test_what_was_claimed_against_what_was_verified_has_a_row_and_a_column(answers: Path) -> None:
    page = BeautifulSoup((answers / "reasons.html").read_text(), "html.parser")
    (agreement,) = (each for each in page.select("table") if "verified" in each.text)
    words = [
        [cell.get_text(" ", strip=True) for cell in row.select("th, td")]
        for row in agreement.select("tr")
    ]
    assert words[0][-1] == words[-1][0] == "Politics"
    assert words[1][-1].startswith("1")


def test_the_deals_beneath_a_cell_are_those_that_it_counts(answers: Path) -> None:
    *deals, total = table(answers, "beneath.csv")
    assert [deal["Deal"] for deal in deals] == ["Deal 3", "Deal 1"]
    assert total["Amount counted"] == "400.00"


def test_an_interviews_script_has_a_part_for_it(answers: Path) -> None:
    script = BeautifulSoup((answers / "questions.html").read_text(), "html.parser")
    assert len(script.select("[name=about_politics]")) == 1
