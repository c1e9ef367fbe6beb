"""The board: rows in rank order with their evidence, lines, filters, and what a page costs."""

import re

import pytest
from flask import Flask

from roadmap.board import page as page_module
from roadmap.extensions import db
from roadmap.models import User
from tests.support import cast
from tests.support.client import CheckingClient, Page
from tests.support.company import Company
from tests.support.queries import count_queries

pytestmark = pytest.mark.either


@pytest.fixture
def company(app: Flask) -> Company:
    return Company(app)


def ranks_and_titles(page) -> list[tuple[str, str]]:
    return list(zip(page.texts_of(".row-rank strong"), page.texts_of(".row-open"), strict=True))


def test_an_empty_board_tells_the_three_steps_to_a_full_one(priya: CheckingClient) -> None:
    page = priya.get("/board")
    assert page.text_of(".empty-state h2") == "The board is empty"
    assert len(page.all(".first-steps li")) == 3


def test_rows_stand_in_rank_order_with_their_evidence(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team("Core", people=2)
    enterprise = company.segment("Enterprise")
    pain = company.problem("Sign-in is manual work", segments=[enterprise])
    company.deal("Acme", 500_000_00, fit=80, blockers=[(pain, "customer")])
    company.deal("Bolt", 250_000_00, fit=40, blockers=[(pain, "rep")])
    company.deal("Crux", 90_000_00, status="lost", fit=60, blockers=[(pain, "crm")])
    company.initiative("Audit log", work=[(core, 10)])
    company.initiative("SSO", work=[(core, 20)], solves=[pain], value="Nobody types a password")

    page = priya.get("/board")

    assert ranks_and_titles(page) == [("1", "Audit log"), ("2", "SSO")]
    row = page.all(".board-row")[1]
    figures = {
        part.dt.get_text(): " ".join(part.dd.get_text(" ").split())
        for part in row.select(".row-figures > div")
    }
    assert figures["Lost"] == "$90K 1 deal"
    assert figures["Open pipeline"] == "$750K 2 deals"
    assert figures["ICP fit"].endswith("60 %")
    assert figures["Effort"] == "4 weeks"
    assert figures["Verified"] == "33 % 1 of 3"
    # 2 people make 10 person-days a week: 10 days fill week 0, the next 20 weeks 1 and 2.
    assert figures["Forecast"] == "Q1 2027 29 Jan 2027"
    chips = row.select_one(".row-chips").get_text(" ")
    assert "Enterprise" in chips
    assert "Sign-in is manual work" in chips
    assert "Platform" in chips
    assert "Nobody types a password" in row.get_text()


def test_what_nobody_knows_is_not_nothing(company: Company, priya: CheckingClient) -> None:
    core, pain = company.team("Core"), company.problem("Sign-in")
    for _ in range(3):
        company.deal(amount=None, blockers=[pain])
    company.deal(amount=None, status="lost", blockers=[pain])
    company.initiative("SSO", work=[(core, 20)], solves=[pain])

    row = priya.get("/board").all(".board-row")[0]

    figures = {
        part.dt.get_text(): " ".join(part.dd.get_text(" ").split())
        for part in row.select(".row-figures > div")
    }
    assert figures["Open pipeline"] == "unknown 3 deals"
    assert figures["Lost"] == "unknown 1 deal"
    report = priya.get("/reports/revenue-at-risk").text_of("main")
    assert "unknown 3 deals" in " ".join(report.split())


def test_the_score_stands_beside_the_rank_and_may_differ(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team(people=4)
    pain = company.problem("Pain")
    company.deal("Big", 900_000_00, blockers=[pain])
    company.initiative("Polish", work=[(core, 5)])
    company.initiative("Cure", work=[(core, 5)], solves=[pain])
    company.initiative("Unclear")

    places = priya.get("/board").texts_of(".row-rank small")

    assert places == ["score 2", "score 1", "no score"]


def test_the_line_of_a_quarter_stands_above_the_first_that_does_not_finish_in_it(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team("Core", people=1)  # 5 person-days a week
    company.initiative("In Q1", work=[(core, 20)])
    company.initiative("Over the edge", work=[(core, 60)])

    page = priya.get("/board")

    entries = [
        "line" if "capacity-line" in entry["class"] else entry.select_one(".row-open").get_text()
        for entry in page.all("#board-rows > li")
    ]
    assert entries[:3] == ["In Q1", "line", "Over the edge"]
    line = page.texts_of(".capacity-line")[0]
    assert line.startswith("Q1 2027 ends here")
    assert "Core 100 %" in line


def test_what_has_no_date_says_why_on_the_board(company: Company, priya: CheckingClient) -> None:
    core = company.team(people=1)
    vague = company.initiative("Vague", work=[(core, None)])
    company.initiative("Waiting", work=[(core, 5)], needs=[vague])
    company.initiative("Endless", work=[(core, 100_000)])

    forecasts = [
        dd.get_text(" ", strip=True)
        for dd in priya.get("/board").all(".row-figures > div:nth-child(5) dd")
    ]

    assert forecasts == [
        "Not estimated no forecast",
        "Blocked by what it needs",
        "Beyond three years",
    ]


def test_a_promise_that_the_forecast_misses_is_marked(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team(people=1)
    company.initiative(
        "SSO", work=[(core, 10)], promised=[("2027-01-15", "Acme"), ("2027-02-26", "Bolt")]
    )

    marks = priya.get("/board").texts_of(".row-title .stamp")

    assert marks == ["misses 15 Jan 2027", "promised 26 Feb 2027"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=LOG", ["Audit log"]),
        ("kind=strategic", ["SSO"]),
        ("fit=70", ["SSO"]),
        ("q=nothing+like+it", []),
        ("owner=999", []),
        ("fit=abc&kind=bogus", ["Audit log", "SSO"]),
    ],
)
def test_filters_keep_the_real_ranks_and_their_state_in_the_address(
    company: Company, priya: CheckingClient, query: str, titles: list[str]
) -> None:
    core = company.team()
    pain = company.problem("Pain")
    company.deal(fit=75, blockers=[pain])
    company.initiative("Audit log", work=[(core, 10)])
    company.initiative("SSO", work=[(core, 20)], solves=[pain], kind="strategic")

    page = priya.get(f"/board?{query}")

    assert page.texts_of(".row-open") == titles
    if titles == ["SSO"]:
        assert page.text_of(".row-rank strong") == "2"
        assert query in page.one("#board-poll")["hx-get"]
        assert query in page.link("CSV")
    if not titles:
        assert page.has(".empty-state")


def test_arrows_lead_past_the_next_row_shown_whatever_the_filter_and_the_part(
    company: Company, priya: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the page, on further parts and in what a poll brings, with the rows of one kept."""
    monkeypatch.setattr(page_module, "PART", 2)
    mine = company.people["product"]
    for n in range(1, 11):
        company.initiative(f"No. {n}", owner=mine if n in (2, 3, 6, 7, 9) else None)
    filters = {
        "": range(1, 11), f"owner={mine}": [2, 3, 6, 7, 9], "q=no.+1": [1, 10], "q=no.+5": [5],
    }  # fmt: skip
    for query in (*filters, *reversed(filters)):
        shown = list(filters[query])
        expected = [
            [before, after]
            for before, after in zip([None, *shown], [*shown[1:], None], strict=False)
        ]
        whole = priya.get(f"/board?rows=all&{query}")
        live = priya.fragment(f"/board/list?size=10&{query}")
        parts = [
            priya.fragment(f"/board/part?start={at}&{query}") for at in range(2, len(shown), 2)
        ]
        assert steps(whole) == steps(live) == expected
        assert [step for part in parts for step in steps(part)] == expected[2:]
        for page in (whole, live):
            rows = page.one("#board-rows")
            assert [rows["data-first"], rows["data-last"]] == [str(shown[0]), str(shown[-1])]


def steps(page) -> list[list[int | None]]:
    """Where each row's arrows lead, up and down; None for one that leads nowhere."""
    found = []
    for row in page.all(".board-row"):
        arrows = [row.select_one(selector) for selector in (".row-up", ".row-down")]
        links = [str(arrow.get("href", "")) for arrow in arrows]
        assert all(
            bool(link) != arrow.has_attr("aria-disabled")
            for link, arrow in zip(links, arrows, strict=True)
        )
        found.append([int(link.rpartition("to=")[2]) if link else None for link in links])
    return found


def test_an_arrow_without_javascript_moves_the_row_past_the_next_one_shown(
    company: Company, priya: CheckingClient
) -> None:
    mine = company.people["product"]
    for n in range(1, 6):
        company.initiative(f"No. {n}", owner=mine if n in (2, 5) else None)

    board = priya.get(f"/board?owner={mine}")
    preview = board.follow("Preview No. 2 one down")
    assert preview.text_of(".preview-sentence").startswith("Moving “No. 2” from 2 to 5")
    preview.submit("#commit-form", owner=str(mine), reason="Below")

    assert [title for _, title in ranks_and_titles(priya.get(f"/board?owner={mine}"))] == [
        "No. 5", "No. 2",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["segment", "product", "problem", "owner"])
def test_the_board_filters_by_what_a_row_is_tied_to(
    company: Company, priya: CheckingClient, by: str
) -> None:
    mine, theirs = company.segment("Mine"), company.segment("Theirs")
    pain, itch = company.problem("Pain", [mine]), company.problem("Itch", [theirs])
    app, api = company.product("App"), company.product("API")
    core = company.team()
    company.initiative(
        "Here", work=[(core, 5)], solves=[pain], product=app, owner=company.people["product"]
    )
    company.initiative(
        "There", work=[(core, 5)], solves=[itch], product=api, owner=company.people["executive"]
    )
    wanted = {
        "segment": mine,
        "product": app,
        "problem": pain,
        "owner": company.people["product"],
    }[by]

    assert priya.get(f"/board?{by}={wanted}").texts_of(".row-open") == ["Here"]


def test_the_board_can_be_taken_along_with_the_same_filters(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team()
    pain = company.problem("Pain")
    company.deal("Acme", 100_000_01, fit=50, blockers=[(pain, "interview")])
    company.initiative("Other", work=[(core, 5)])
    company.initiative("=cmd()", work=[(core, 12)], solves=[pain])

    table = priya.get("/board.csv?q=cmd").table()

    assert len(table) == 1
    assert table[0]["rank"] == "2"
    assert table[0]["title"] == "'=cmd()"
    assert table[0]["open_amount"] == "100000.01"
    assert table[0]["open_at_stake"] == "50000.01"  # half of it by fit, rounded half up
    assert table[0]["score_per_person_week"] == "20833.34"
    assert table[0]["finish"] == "2027-01-22"


def test_hostile_words_stay_words(company: Company, priya: CheckingClient) -> None:
    title = '<script>alert("x")</script> & "quotes" مرحبا 🚀'
    company.initiative(title, value="<img src=x onerror=alert(1)>")

    page = priya.get("/board")

    assert page.text_of(".row-open") == title
    assert not page.has(".board-row script")
    assert not page.has(".board-row img")


def test_a_poll_gets_304_until_the_board_changes_and_then_the_new_list(
    company: Company, priya: CheckingClient
) -> None:
    core = company.team()
    company.initiative("First", work=[(core, 5)])
    tag = priya.get("/board").one("#board-poll")["hx-ptag"]

    unchanged = priya.fragment("/board/list", headers={"HX-PTag": tag})
    company.initiative("Second", work=[(core, 5)])
    changed = priya.fragment("/board/list", headers={"HX-PTag": tag})

    assert unchanged.status_code == 304
    assert "ETag" not in unchanged.headers
    assert unchanged.headers["Cache-Control"] == "no-store"
    assert changed.texts_of(".row-open") == ["First", "Second"]
    assert changed.headers["HX-PTag"] != tag


def test_a_long_board_shows_two_hundred_rows_and_loads_on(
    company: Company, priya: CheckingClient, app: Flask
) -> None:
    fill(app, 230)

    first = priya.get("/board")
    further = priya.fragment(first.one("#board-more a")["hx-get"])

    assert len(first.all(".board-row")) == 200
    assert first.text_of("#board-more") == "30 more"
    assert further.texts_of(".row-rank strong") == [str(rank) for rank in range(201, 231)]
    assert "size=230" in further.one("#board-poll")["hx-get"]
    assert len(priya.get("/board?rows=all").all(".board-row")) == 230


@pytest.mark.parametrize("size", [3, 60])
def test_a_board_costs_one_query_warm_and_six_cold_whatever_its_size(
    company: Company, priya: CheckingClient, app: Flask, size: int
) -> None:
    fill(app, size)
    priya.get("/board")  # the first look of the day counts the totals
    app.extensions["roadmap pictures"] = type(app.extensions["roadmap pictures"])()
    app.extensions.pop("roadmap board parts")

    with count_queries(app, ignoring=["users u", "users"]) as cold:
        priya.get("/board")
    with count_queries(app) as warm:
        priya.get("/board")

    # One of the six joins the owners' names, and goes uncounted above with who asks.
    assert len(cold) <= 5, "\n".join(cold)
    assert len(warm) == 2, "\n".join(warm)
    assert "users" in warm[0]


def test_a_page_is_the_same_compressed_or_not(company: Company, priya: CheckingClient) -> None:
    company.initiative("SSO")
    plain = priya.get("/board", headers={"Accept-Encoding": "identity"})
    packed = priya.get("/board", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    # The client unpacks what it reads, and fails where the checksum or the length is wrong.
    assert without_token(packed.text) == without_token(plain.text)


def without_token(page: str) -> str:
    return re.sub(r'(X-CSRFToken": |csrf_token" value=)"[^"]+"', r"\1", page)


def fill(app: Flask, count: int) -> None:
    """Many unestimated initiatives at once, which the builder would take long for."""
    from roadmap.extensions import db
    from roadmap.models import Initiative
    from roadmap.planning import daily
    from roadmap.workspace import clock, revision

    with app.app_context():
        row = revision.lock()
        db.session.add_all(
            Initiative(
                title=f"Initiative {n}", kind="incremental", state="candidate", position=n * 1000
            )
            for n in range(1, count + 1)
        )
        db.session.flush()
        revision.count(row, plan=True)
        daily.refresh(row, clock.today())
        db.session.commit()


def test_two_people_who_look_at_one_board_each_get_their_own_page(
    company: Company, rosa: CheckingClient, priya: CheckingClient, ada: CheckingClient
) -> None:
    company.initiative("SSO", work=[(company.team(), 20)])
    another = company.user("product", "Marek Dubovsky")
    with company.looking():
        email = db.session.get_one(User, another).email
    marek = cast.visitor(company.app).sign_in(email)
    people = {"Rosa Quintero": rosa, "Priya Nair": priya, "Ada": ada, "Marek Dubovsky": marek}
    # Whoever looks first fills what is kept; each looks twice, so that everybody meets it filled.
    for who, visitor in [*people.items(), *people.items()]:
        page = visitor.get("/board")
        names = " ".join(page.texts_of(".who, header"))
        assert who in names
        assert not [other for other in people if other != who and other in names]
        may_write = who in ("Priya Nair", "Marek Dubovsky", "Ada")
        assert page.has("a[href='/imports']") == may_write
        mine = visitor.get("/tradeoffs")
        assert session_token(page) == session_token(mine)


def session_token(page: Page) -> str:
    """What a page's form token is of: the token itself is signed anew in each second."""
    signed = str(page.value_of("form[action='/sign-out'] input[name=csrf_token]"))
    return signed.partition(".")[0]
