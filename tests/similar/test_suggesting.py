"""What is suggested, in what order and why; and what it costs."""

import threading

import pytest
from flask import Flask

from roadmap.extensions import db, reading
from roadmap.models import Problem
from roadmap.similar import Context, Text, near_identical_problems, shown, suggest
from roadmap.similar.corpus import KEY, keeper
from roadmap.workspace import revision
from tests.similar.conftest import Intake, Suggest
from tests.support.company import Company
from tests.support.queries import count_queries


def merge(app: Flask, problem: int, into: int | None) -> None:
    with app.app_context():
        row = revision.lock()
        found = db.session.get_one(Problem, problem)
        found.merged_into_id = into
        found.revision = revision.count(row, plan=True)
        db.session.commit()


def keys(found: list[object]) -> list[tuple[str, int]]:
    return [(each.kind, each.id) for each in found]  # type: ignore[attr-defined]


class TestWhat:
    def test_a_request_points_to_the_problem_that_it_belongs_to(
        self, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        pain = company.problem("Sign-in is manual work")
        request = intake.request("Okta for contractors", "Contractors forget", problem_id=pain)
        found = ask("contractors and okta")
        assert keys(found) == [("problem", pain)]
        assert found[0].through == request
        assert ask("manual sign-in")[0].through is None

    def test_a_request_that_belongs_to_none_is_suggested_itself(
        self, intake: Intake, ask: Suggest
    ) -> None:
        request = intake.request("Okta for contractors")
        assert keys(ask("okta")) == [("request", request)]
        assert ask("okta")[0].state == "new"

    def test_it_follows_what_is_done_with_the_request(
        self, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        request = intake.request("Okta for contractors")
        pain = company.problem("Sign-in is manual work")
        other = intake.request("Directory of people")
        assert keys(ask("okta")) == [("request", request)]
        intake.change(request, problem_id=pain)
        assert keys(ask("okta")) == [("problem", pain)]
        intake.change(request, problem_id=None, state="merged", merged_into_id=other)
        assert keys(ask("okta")) == [("request", other)]
        intake.change(request, state="new", merged_into_id=None, title="Something else")
        assert ask("okta") == []

    def test_a_merged_problem_stands_for_the_one_that_stayed(
        self, app: Flask, company: Company, ask: Suggest
    ) -> None:
        stays = company.problem("Sign-in is manual work")
        goes = company.problem("Okta for contractors")
        assert keys(ask("okta")) == [("problem", goes)]
        merge(app, goes, stays)
        assert keys(ask("okta")) == [("problem", stays)]
        merge(app, goes, None)
        assert keys(ask("okta")) == [("problem", goes)]

    def test_each_is_suggested_once_and_no_more_than_asked_for(
        self, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        pain = company.problem("Okta for contractors")
        for n in range(4):
            intake.request(f"Okta number {n}", problem_id=pain)
            intake.request(f"Okta once more, number {n}")
        found = ask("okta", limit=3)
        assert len(found) == 3
        assert len(set(keys(found))) == 3
        assert len(ask("okta", limit=50)) == 5
        assert ask("okta", limit=0) == ask("okta", limit=-1) == []

    def test_a_new_problem_is_known_at_once(self, company: Company, ask: Suggest) -> None:
        company.problem("Sign-in is manual work")
        assert ask("okta") == []
        pain = company.problem("Okta for contractors")
        assert keys(ask("okta")) == [("problem", pain)]
        assert keys(ask("contarctors")) == [("problem", pain)]
        assert ask("subcontarctors") == []
        other = company.problem("Subcontractors get lost")
        assert keys(ask("subcontarctors")) == [("problem", other)]


class TestNothing:
    @pytest.mark.parametrize(
        "text",
        [
            "", "   \n\t", "?!…—", "🙂🎉", "a", "the and of it", "Hello, thanks, please!",
            "\x00\x01\x1b[31m", "\u202e\u202d\u200f", "%%%", "<b></b>", "https://example.org/okta",
            "zzz qqq xxx",
        ],
    )  # fmt: skip
    def test_a_text_that_says_nothing_finds_nothing(
        self, company: Company, intake: Intake, ask: Suggest, text: str
    ) -> None:
        company.problem("Sign-in is manual work", statement="The and of it, hello.")
        intake.request("Okta for contractors", "Please! Thanks!")
        assert ask(text) == []

    def test_one_word_in_common_is_chance_in_a_text_of_many(
        self, company: Company, ask: Suggest
    ) -> None:
        company.problem("Sign-in is manual work")
        assert ask("Grandmother drove a manual car") == []
        assert len(ask("manual car")) == 1
        assert len(ask("manual sign-in of a car")) == 1

    def test_two_words_are_chance_in_a_very_long_text(self, company: Company, ask: Suggest) -> None:
        company.problem("Sign-in is manual work")
        story = " ".join(f"word{n}" for n in range(90))
        assert ask(f"{story} manual work") == []
        assert len(ask(f"{story[:60]} manual work")) == 1

    def test_a_company_that_has_just_begun_is_helped_as_well(
        self, company: Company, ask: Suggest
    ) -> None:
        pain = company.problem("Sign-in is manual work")
        text = "Their administrators reset forgotten credentials whenever somebody cannot sign in"
        assert keys(ask(text)) == [("problem", pain)]

    @pytest.mark.parametrize(
        "text",
        [
            "okta " * 25_000, "x" * 100_000, "@" * 100_000, "<" * 100_000, "<!--" * 25_000,
            "a@" * 50_000, "okta\x00\u202e for 🙂 contractors", "\uff2f\uff2b\uff34\uff21",
            "O\u0301kta", "契約の期限が切れる", "مصادقة okta العملاء", "\ud800 okta",
            "'" * 100_000, "aB" * 50_000,
        ],
    )  # fmt: skip
    def test_hostile_text_is_answered_quickly(
        self, intake: Intake, ask: Suggest, text: str
    ) -> None:
        request = intake.request("Okta for contractors")
        found = ask(Text(title=text[:300], body=text, quote=text))
        assert keys(found) == ([("request", request)] if "okta" in text[:50] else keys(found))

    def test_a_script_without_spaces_is_found_by_its_signs(
        self, intake: Intake, ask: Suggest
    ) -> None:
        request = intake.request("契約の期限が切れる")
        assert keys(ask("契約の期限")) == [("request", request)]
        assert ask("天気") == []


class TestShared:
    def test_what_is_shared_decides_between_equals(
        self, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        segment = company.segment("Utilities")
        account = company.account("Volta", segment=segment)
        plain = company.problem("Okta for contractors (1)")
        theirs = company.problem("Okta for contractors (2)")
        in_segment = company.problem("Okta for contractors (3)", [segment])
        deal = company.deal("Volta renewal", account=account, blockers=[theirs], product="Portal")
        for_portal = company.problem("Okta for contractors (4)")
        company.initiative(
            "SSO", work=[(company.team(), 5)], solves=[for_portal],
            product=company.product("Portal"),
        )  # fmt: skip
        mine = intake.request("Okta for contractors (5)", account_id=account, deals=[deal])

        found = ask("okta contractors", Context(account_id=account, deal_ids=[deal]))
        assert keys(found) == [
            ("request", mine), ("problem", theirs), ("problem", in_segment),
            ("problem", for_portal), ("problem", plain),
        ]  # fmt: skip
        assert [each.why[1:] for each in found] == [
            ("same account", "same product"), ("same account",), ("same segment",),
            ("same product",), (),
        ]  # fmt: skip
        assert found[0].why[0] == "alike in contractors, okta"
        alone = ask("okta contractors")
        assert [each.why[1:] for each in alone] == [()] * 5
        assert len({each.score for each in alone}) == 1

    def test_what_blocks_the_accounts_deals_comes_first_where_it_is_alike_at_all(
        self, company: Company, ask: Suggest
    ) -> None:
        segment = company.segment("Utilities")
        account = company.account("Volta", segment=segment)
        near = company.problem("Okta sign-in for contractors")
        far = company.problem("Contractors sign in and are paid late", [segment])
        company.deal(account=account, blockers=[far])
        found = ask("okta sign-in of contractors", Context(account_id=account))
        assert keys(found) == [("problem", far), ("problem", near)]
        company.problem("Invoices are late")
        assert keys(ask("okta", Context(account_id=account))) == [("problem", near)]

    def test_an_account_or_a_deal_that_is_not_there_changes_nothing(
        self, company: Company, ask: Suggest
    ) -> None:
        pain = company.problem("Okta for contractors")
        nowhere = Context(account_id=2**62, deal_ids=[998, 2**62], products=["?"], segment_id=997)
        assert keys(ask("okta", nowhere)) == [("problem", pain)]


class TestCost:
    def test_a_look_costs_one_query_and_with_an_account_five_whatever_the_size(
        self, app: Flask, company: Company, intake: Intake
    ) -> None:
        account = company.account("Volta")
        deal = company.deal(account=account, product="Portal")
        for n in range(30):
            pain = company.problem(f"Okta for contractors, {n}")
            intake.request(f"Okta, {n}", account_id=account, deals=[deal])
        company.deal(account=account, blockers=[pain])
        for context, most in (
            (Context(), 1), (Context(account_id=account, deal_ids=[deal]), 5),
        ):  # fmt: skip
            with app.app_context(), reading():
                suggest(Text(body="okta"), context)
            with app.app_context(), reading(), count_queries(app) as statements:
                assert len(suggest(Text(body="okta"), context, limit=20)) == 20
            assert len(statements) <= most, "\n".join(statements)

    def test_the_figures_of_what_is_shown_cost_two_queries_and_then_one(
        self, app: Flask, company: Company
    ) -> None:
        pains = [company.problem(f"Okta, {n}") for n in range(8)]
        company.deal("A", 100_000_00, blockers=pains[:2])
        company.deal("B", 50_000_00, blockers=[pains[0], (pains[0], "customer")])
        team = company.team()
        company.initiative("SSO", work=[(team, 5)], solves=[pains[0]])
        with app.app_context(), reading():
            suggest(Text(body="okta"))
        with app.app_context(), reading(), count_queries(app) as cold:
            found = shown(pains[:5])
        with app.app_context(), reading(), count_queries(app) as warm:
            shown(pains[:5])
        assert found[pains[0]].figures.open_count == 2
        assert found[pains[0]].figures.open_amount == 150_000_00
        assert found[pains[1]].figures.open_amount == 100_000_00
        assert found[pains[2]].figures.open_count == 0
        assert found[pains[0]].solution.date is not None
        assert [solver.title for solver in found[pains[0]].solvers] == ["SSO"]
        assert "uncovered" in found[pains[1]].solution.words
        assert len(cold) <= 8, "\n".join(cold)
        assert len(warm) == 1, "\n".join(warm)
        assert shown([]) == {}

    def test_the_figures_are_those_of_the_list_of_problems(
        self, app: Flask, company: Company
    ) -> None:
        from roadmap.market import figures

        pains = [company.problem(f"Okta, {n}") for n in range(3)]
        company.deal("A", 100_000_00, blockers=pains[:2])
        company.deal("B", None, blockers=pains[1:], status="lost")
        with app.app_context(), reading():
            few = figures.of_problems(frozenset(pains[:2]))
            everything = figures.by_problem()
            rest = figures.of_problems(frozenset(pains))
        assert few == {id: everything[id] for id in pains[:2]}
        assert rest == dict(everything)

    def test_the_figures_of_few_are_weighed_as_they_are_kept(
        self, app: Flask, company: Company
    ) -> None:
        from roadmap.market import figures, kept
        from roadmap.workspace.cache import ENTRY

        pains = [company.problem(f"Okta, {n}") for n in range(20)]
        with app.app_context(), reading():
            figures.of_problems(frozenset(pains[:1]))
            cache = app.extensions[kept.KEY]
            held = cache.size
            figures.of_problems(frozenset(pains))
            assert cache.size - held >= 19 * ENTRY

    def test_a_change_costs_what_changed(
        self, app: Flask, company: Company, intake: Intake
    ) -> None:
        for n in range(20):
            intake.request(f"Okta, {n}")
        with app.app_context(), reading():
            suggest(Text(body="okta"))
            before = dict(keeper().corpus.entries)
        intake.change(3, title="Azure")
        with app.app_context(), reading():
            suggest(Text(body="okta"))
            after = keeper().corpus.entries
        assert [key for key in after if after[key] is not before[key]] == [("request", 3)]


class TestKept:
    def test_what_was_learnt_step_by_step_is_what_is_read_anew(
        self, app: Flask, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        for n in range(6):
            company.problem(f"Okta for contractors, {n}", statement="Passwords are reset by hand.")
            ask("okta")
            intake.request(f"Contractors, {n}", "They forget passwords.", problem_id=n or None)
            ask("okta")
        intake.change(2, title="Azure")
        merge(app, 3, 4)
        stepwise = ask("passwords of contractors", limit=50)
        app.extensions.pop(KEY)
        assert ask("passwords of contractors", limit=50) == stepwise != []

    def test_an_older_snapshot_takes_nothing_away(
        self, app: Flask, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        company.problem("Sign-in is manual work")
        with app.app_context(), reading():
            from roadmap.workspace.settings import workspace

            old = workspace()
            db.session.expunge(old)
        pain = company.problem("Okta for contractors")
        intake.request("Okta once more")
        assert len(ask("okta")) == 2
        with app.app_context(), reading():
            from flask import g

            g.workspace = old
            assert ("problem", pain) in keys(suggest(Text(body="okta")))
        assert len(ask("okta")) == 2

    def test_many_may_ask_at_once_while_others_write(
        self, app: Flask, company: Company, intake: Intake, ask: Suggest
    ) -> None:
        pain = company.problem("Okta for contractors")
        faults: list[BaseException] = []

        def look() -> None:
            try:
                for n in range(15):
                    assert ("problem", pain) in keys(ask(f"okta for contractors {n}", limit=50))
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for n in range(5):
            intake.request(f"Azure, {n}")
        for thread in threads:
            thread.join()
        assert faults == []
        assert len(ask("azure", limit=50)) == 5


def test_near_identical_problems_are_paired(app: Flask, company: Company) -> None:
    words = "Technicians type reports where there is no signal and lose them."
    one = company.problem("Crews lose notes in cellars", statement=words)
    two = company.problem("No signal, no report", statement=words.replace("type", "typed"))
    company.problem("Invoices are typed twice", statement="Once here, once in accounting.")
    three = company.problem("Lost notes: crews in a cellar")
    four = company.problem("Crews lost notes in the cellars")
    with app.app_context(), reading():
        pairs = near_identical_problems()
    assert {pair[:2] for pair in pairs} == {(one, two), (three, four)}
    assert all(0.7 <= pair.score <= 1 for pair in pairs)
    merge(app, two, one)
    with app.app_context(), reading():
        assert {pair[:2] for pair in near_identical_problems()} == {(three, four)}
