"""The tables, in one room: one relational picture that all features read.

Features write only what is theirs, through their actions.
"""

from .base import Base
from .deals import Account, AccountName, Deal, DealDate
from .forms import Draft, Submission
from .imports import (
    ExchangeRate,
    Import,
    LossWords,
    LossWordsPart,
    SavedMapping,
    StagedAccount,
    StagedDeal,
    StagedRequest,
    StageWord,
)
from .interviews import Conversation, DealReport, ScriptQuestion, conversation_problems
from .market import Criterion, Problem, ProblemStep, Segment, problem_segments
from .notices import Mail, Notice
from .people import CrmOwner, FailureCount, User, UserSession
from .planning import (
    Capacity,
    Commitment,
    Initiative,
    Need,
    ProblemTie,
    Product,
    Team,
    Totals,
    WorkItem,
)
from .reports import SegmentAnswer
from .requests import Request, RequestDeal, RequestEvent, RequestWatcher, requests_about
from .statements import Blocker, LossReason, Statement
from .tradeoffs import PROMISE_DIRECTIONS, MovedDeal, MovedForecast, MovedPromise, Tradeoff
from .workspace import Forecast, Workspace

__all__ = [
    "PROMISE_DIRECTIONS",
    "Account",
    "AccountName",
    "Base",
    "Blocker",
    "Capacity",
    "Commitment",
    "Conversation",
    "Criterion",
    "CrmOwner",
    "Deal",
    "DealDate",
    "DealReport",
    "Draft",
    "ExchangeRate",
    "FailureCount",
    "Forecast",
    "Import",
    "Initiative",
    "LossReason",
    "LossWords",
    "LossWordsPart",
    "Mail",
    "MovedDeal",
    "MovedForecast",
    "MovedPromise",
    "Need",
    "Notice",
    "Problem",
    "ProblemStep",
    "ProblemTie",
    "Product",
    "Request",
    "RequestDeal",
    "RequestEvent",
    "RequestWatcher",
    "SavedMapping",
    "ScriptQuestion",
    "Segment",
    "SegmentAnswer",
    "StageWord",
    "StagedAccount",
    "StagedDeal",
    "StagedRequest",
    "Statement",
    "Submission",
    "Team",
    "Totals",
    "Tradeoff",
    "User",
    "UserSession",
    "WorkItem",
    "Workspace",
    "conversation_problems",
    "problem_segments",
    "requests_about",
]
