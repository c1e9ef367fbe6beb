"""The features, in the order in which they may build on each other."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from .board import views as board
from .deals import account_views
from .deals import merge_views as account_merging
from .deals import views as deals
from .extensions import csrf, db
from .imports import views as imports
from .imports import word_views
from .initiatives import product_views
from .initiatives import views as initiative_views
from .initiatives.blueprint import blueprint as initiatives
from .intake import form_views, inbox_views, list_views, request_views, telling, triage_views
from .intake.blueprint import blueprint as intake
from .interviews import conversation_views, question_views, report_views
from .interviews import views as interview_views
from .interviews.blueprint import blueprint as interviews
from .market import segment_views
from .market import views as market
from .notices import views as notices
from .patterns import merge_views, split_views
from .patterns import views as patterns
from .people import views as people
from .reports import views as reports
from .search import views as search
from .settings import fiscal_year
from .settings import views as settings
from .teams import views as teams
from .tradeoffs import views as tradeoffs

#: Views that share another module's blueprint: importing them is what puts them on it.
ON_ANOTHERS_BLUEPRINT = (
    segment_views,
    account_views,
    account_merging,
    product_views,
    initiative_views,
    form_views,
    request_views,
    list_views,
    inbox_views,
    triage_views,
    merge_views,
    split_views,
    word_views,
    interview_views,
    conversation_views,
    question_views,
    report_views,
    fiscal_year,
)


def init_app(app: Flask) -> None:
    telling.init_app(app)
    for blueprint in (
        people.blueprint,
        notices.blueprint,
        tradeoffs.blueprint,
        market.blueprint,
        deals.blueprint,
        initiatives,
        teams.blueprint,
        reports.blueprint,
        search.blueprint,
        settings.blueprint,
        board.blueprint,
        intake,
        patterns.blueprint,
        imports.blueprint,
        interviews,
    ):
        app.register_blueprint(blueprint)
    app.add_url_rule("/healthz", "healthz", csrf.exempt(healthz))


def healthz() -> tuple[dict[str, str], int]:
    """Whether this process can reach its database; needs no session and tells nothing else."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}, 200
