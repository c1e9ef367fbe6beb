"""Planning interviews, logging conversations, editing and withdrawing them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select

from roadmap.domain import interviews as rules
from roadmap.domain.calendar import next_quarter
from roadmap.domain.deals import LOST, WON
from roadmap.domain.errors import Refused
from roadmap.domain.interviews import CANCELLED, HELD, LOSS_INTERVIEW, PLANNED, Effect, Given
from roadmap.domain.roles import PERMISSIONS
from roadmap.domain.statements import INTERVIEW
from roadmap.evidence.counting import recount
from roadmap.evidence.recording import end, end_of, say
from roadmap.extensions import db
from roadmap.models import Account, Conversation, Deal, Problem, User, Workspace
from roadmap.planning import daily, totals
from roadmap.web.filters import day
from roadmap.workspace import clock, revision

from . import effects

#: Merges what was typed with what is stored, under the lock. Raises Conflict.
Merge = Callable[[], "Spoken"]


@dataclass(frozen=True)
class Spoken:
    """What came out of a conversation, as it was typed. Texts are stripped; empty: not given."""

    held_on: date
    held_by_id: int
    name: str
    role: str = ""
    layer: str | None = None
    reasons: Sequence[Given] = ()
    problem_ids: Sequence[int] = ()
    would_not_say: bool = False
    quote: str = ""
    competitor_better: str = ""
    would_have_changed: str = ""
    notes: str = ""


def plan(
    deal_id: int, assigned_to_id: int, planned_on: date, by: User, token: str | None = None
) -> Conversation:
    """Ask a customer for a loss interview. The same token twice is the same interview.

    Raises Refused where the deal is not lost, where nobody of product management is to hold it, and
    where this customer has been asked in this quarter already.
    """
    with _locked():
        known = _sent_before(token)
        if known is not None:
            return known
        deal = _lost_deal(deal_id)
        _check_person(assigned_to_id)
        if planned_for(deal.id) is not None:
            raise Refused("An interview about this deal is planned already.")
        today = clock.today()
        asked = ask_of(deal, clock.quarter(today))
        if asked is not None:
            raise Refused(asked_already(asked))
        conversation = _new(LOSS_INTERVIEW, deal, deal.account, by, token)
        conversation.assigned_to_id = assigned_to_id
        conversation.planned_on = planned_on
        conversation.asked_on = today
        conversation.ask_quarter = clock.quarter(today)
        db.session.add(conversation)
        db.session.commit()
    return conversation


def replan(id: int, plan: Callable[[], tuple[int, date]], by: User) -> None:
    """Give a planned interview to somebody else, or another day. Raises Refused.

    `plan` says both under the lock, merged with what is stored, and may raise Conflict.
    """
    with _locked():
        conversation = _fresh(id)
        if conversation.state != PLANNED:
            raise Refused("It is not planned any more.")
        assigned_to_id, planned_on = plan()
        _check_person(assigned_to_id)
        conversation.assigned_to_id, conversation.planned_on = assigned_to_id, planned_on
        _touch(conversation, by)
        db.session.commit()


def begin(deal_id: int, by: User, token: str | None = None) -> Conversation:
    """Open the log of an interview that was held: the planned one, or one that nobody had planned.

    That it was held is a fact, so it is not refused for another ask in the quarter; where there is
    none it is the quarter's ask.
    """
    with _locked():
        known = _sent_before(token)
        if known is not None:
            return known
        deal = _lost_deal(deal_id)
        planned = planned_for(deal.id)
        if planned is not None:
            return planned
        conversation = _new(LOSS_INTERVIEW, deal, deal.account, by, token)
        conversation.assigned_to_id = by.id
        conversation.planned_on = clock.today()
        if ask_of(deal, clock.quarter(clock.today())) is None:
            conversation.asked_on = clock.today()
            conversation.ask_quarter = clock.quarter(clock.today())
        db.session.add(conversation)
        db.session.commit()
    return conversation


def log(id: int, spoken: Spoken, by: User, *, merge: Merge | None = None) -> Effect:
    """Store what came out of a loss interview; its reasons are the effective ones from then on.

    Logging it again replaces what it said. Raises Refused where it makes no sense.
    """
    with _locked() as row:
        conversation, deal, spoken = _checked(id, spoken, merge)
        effect = effects.of_logging(conversation, deal, spoken.reasons)
        _write(conversation, spoken, by)
        with _evidence(row, deal):
            _say(conversation, deal, spoken.reasons, by)
        conversation.effect = effect.to_json()
        row.intake_revision += 1
        db.session.commit()
    return effect


def preview(id: int, spoken: Spoken, *, merge: Merge | None = None) -> Effect:
    """What logging it would change, without writing anything; raises as `log` does."""
    conversation, deal, spoken = _checked(id, spoken, merge)
    return effects.of_logging(conversation, deal, spoken.reasons)


def cancel(id: int, by: User) -> Effect | None:
    """Cancel what was planned, or withdraw what was logged: its reasons leave the deal again.

    The quarter's ask is free again. Raises Refused where it is cancelled already.
    """
    with _locked() as row:
        conversation = _fresh(id)
        if conversation.state == CANCELLED:
            raise Refused("It is cancelled already.")
        effect = None
        if conversation.state == HELD and conversation.kind == LOSS_INTERVIEW:
            assert conversation.deal is not None  # noqa: S101 (the table holds it)
            effect = effects.of_withdrawing(conversation, conversation.deal)
            conversation.effect = effect.to_json()
        conversation.state, conversation.ask_quarter = CANCELLED, None
        _touch(conversation, by)
        if effect is not None and conversation.deal is not None:
            with _evidence(row, conversation.deal):
                end_of(INTERVIEW, id, conversation.changed_at)
        row.intake_revision += 1
        db.session.commit()
    return effect


def record(
    kind: str,
    account_id: int,
    deal_id: int | None,
    spoken: Spoken,
    by: User,
    token: str | None = None,
    id: int | None = None,
    merge: Callable[[], tuple[str, int | None, Spoken]] | None = None,
) -> Conversation:
    """Log a demo, a visit, a call or a win interview: new, or what there is with that id.

    `merge` gives kind, deal and words as they are to be stored. Raises Refused.
    """
    with _locked() as row:
        known = _fresh(id) if id is not None else _sent_before(token)
        if known is not None and id is None:
            return known
        if known is not None and known.state == CANCELLED:
            raise Refused("It was withdrawn. Log it anew.")
        if merge is not None:
            kind, deal_id, spoken = merge()
        account = db.session.get(Account, account_id)
        if account is None:
            raise Refused("There is no such account.")
        deal = db.session.get(Deal, deal_id) if deal_id is not None else None
        if deal_id is not None and (deal is None or deal.account_id != account.id):
            raise Refused("Choose among the deals of this account.")
        if kind == "win interview" and (deal is None or deal.status != WON):
            raise Refused("Choose the deal that was won.")
        conversation = known or _new(kind, deal, account, by, token)
        conversation.kind, conversation.account, conversation.deal = kind, account, deal
        db.session.add(conversation)
        _write(conversation, spoken, by)
        row.intake_revision += 1
        db.session.commit()
    return conversation


def planned_for(deal_id: int) -> Conversation | None:
    """The interview about this deal that is still to be held."""
    return db.session.scalar(
        select(Conversation)
        .where(
            Conversation.deal_id == deal_id,
            Conversation.kind == LOSS_INTERVIEW,
            Conversation.state == PLANNED,
        )
        .order_by(Conversation.id)
        .limit(1)
    )


def ask_of(deal: Deal, in_quarter: date) -> Conversation | None:
    """The ask of this quarter of the deal's account, or of the deal where it has none."""
    own: ColumnElement[bool] = Conversation.deal_id == deal.id
    if deal.account_id is not None:
        own = or_(own, Conversation.account_id == deal.account_id)
    return db.session.scalar(
        select(Conversation).where(Conversation.ask_quarter == in_quarter, own).limit(1)
    )


def asked_already(asked: Conversation) -> str:
    """Why a customer is not asked now, in words."""
    on = asked.asked_on or clock.today()
    again = next_quarter(clock.quarter(on))
    return f"This customer was asked on {day(on)}; again from {day(again)}."


@contextmanager
def _locked() -> Iterator[Workspace]:
    """The workspace's row, held; whatever was not committed at the end is rolled back."""
    daily.opened(clock.today())
    row = revision.lock()
    try:
        yield row
    finally:
        db.session.rollback()


def _checked(id: int, spoken: Spoken, merge: Merge | None) -> tuple[Conversation, Deal, Spoken]:
    conversation = _fresh(id)
    if conversation.kind != LOSS_INTERVIEW or conversation.deal is None:
        raise Refused("Only a loss interview says why a deal was lost.")
    if conversation.state == CANCELLED:
        raise Refused("It was cancelled. Plan another one.")
    spoken = merge() if merge is not None else spoken
    if not spoken.reasons and not spoken.would_not_say:
        raise Refused("Give a reason, or say that they would not.")
    deal = _lost_deal(conversation.deal.id)
    if rules.same_person(spoken.name, our_names(deal, spoken.held_by_id)):
        raise Refused(
            f"{spoken.name} is one of us. Name the customer's person: what sales says is claimed."
        )
    _problems(spoken)
    return conversation, deal, spoken


def our_names(deal: Deal, *user_ids: int) -> list[str]:
    """What the people of ours are called who stand nearest to a deal."""
    names = list(db.session.scalars(select(User.name).where(User.id.in_(user_ids))))
    if deal.crm_owner is not None:
        names.append(deal.crm_owner.name)
        if deal.crm_owner.user is not None:
            names.append(deal.crm_owner.user.name)
    return names


def _say(conversation: Conversation, deal: Deal, given: Sequence[Given], by: User) -> None:
    """Let the interview say what was given; what it said before as well keeps its moment."""
    missing = list(given)
    gone = []
    for said in conversation.reasons:
        # Where its problem was merged meanwhile, the form names the one that it was merged into.
        key = Given(said.bucket, said.root_id, said.weight, said.words, said.severity)
        if key in missing:
            missing.remove(key)
        else:
            gone.append(said.id)
    end(gone)
    for each in missing:
        say(
            deal, INTERVIEW, conversation.id, INTERVIEW, by.id, problem_id=each.problem_id,
            bucket=each.bucket, words=each.quote, weight=each.weight,
            severity=each.severity,
        )  # fmt: skip
    db.session.expire(conversation, ["reasons"])


@contextmanager
def _evidence(row: Workspace, deal: Deal) -> Iterator[None]:
    """Change what is said of a deal, with all that follows."""
    with totals.keeping([deal.id]):
        yield
        recount([deal.id])
    revision.count(row, evidence=True)


def _write(conversation: Conversation, spoken: Spoken, by: User) -> None:
    conversation.state = HELD
    conversation.held_on, conversation.held_by_id = spoken.held_on, spoken.held_by_id
    conversation.spoke_name, conversation.spoke_role = spoken.name, spoken.role
    conversation.spoke_layer = spoken.layer
    conversation.would_not_say = spoken.would_not_say
    conversation.quote = spoken.quote
    conversation.competitor_better = spoken.competitor_better
    conversation.would_have_changed = spoken.would_have_changed
    conversation.notes = spoken.notes
    conversation.problems = _problems(spoken)
    _touch(conversation, by)
    db.session.flush()


def _problems(spoken: Spoken) -> list[Problem]:
    """All that were heard. Raises Refused where one is none."""
    heard = {*spoken.problem_ids, *(r.problem_id for r in spoken.reasons if r.problem_id)}
    found = select(Problem).where(Problem.id.in_(heard)).order_by(Problem.id)
    problems = list(db.session.scalars(found))
    if len(problems) != len(heard):
        raise Refused("There is no such problem.")
    return problems


def _new(
    kind: str, deal: Deal | None, account: Account | None, by: User, token: str | None
) -> Conversation:
    return Conversation(
        form_token=token,
        kind=kind,
        state=PLANNED,
        deal=deal,
        account=account,
        asked_by_id=by.id,
        created_at=clock.now(),
        changed_at=clock.now(),
        changed_by_id=by.id,
        revision=0,
    )


def _touch(conversation: Conversation, by: User) -> None:
    conversation.changed_at, conversation.changed_by_id = clock.now(), by.id
    conversation.revision += 1


def _sent_before(token: str | None) -> Conversation | None:
    if not token:
        return None
    return db.session.scalar(select(Conversation).where(Conversation.form_token == token))


def _fresh(id: int) -> Conversation:
    return db.session.get_one(Conversation, id, populate_existing=True)


def _lost_deal(id: int) -> Deal:
    deal = db.session.get(Deal, id, populate_existing=True)
    if deal is None or deal.status != LOST:
        raise Refused("Only a lost deal has a loss interview.")
    return deal


def _check_person(user_id: int) -> None:
    user = db.session.get(User, user_id)
    if user is None or not user.active or user.role not in PERMISSIONS["shape"]:
        raise Refused("Choose a product manager.")
