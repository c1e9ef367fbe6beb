"""The tables, in one room: one relational picture that all features read.

Features write only what is theirs, through their actions.
"""

from .base import Base
from .deals import Account, Blocker, Deal, LossReason
from .market import Criterion, Problem, Segment, problem_segments
from .people import CrmOwner, User
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
from .tradeoffs import MovedDeal, MovedForecast, MovedPromise, Tradeoff
from .workspace import Forecast, Workspace

__all__ = [
    "Account",
    "Base",
    "Blocker",
    "Capacity",
    "Commitment",
    "Criterion",
    "CrmOwner",
    "Deal",
    "Forecast",
    "Initiative",
    "LossReason",
    "MovedDeal",
    "MovedForecast",
    "MovedPromise",
    "Need",
    "Problem",
    "ProblemTie",
    "Product",
    "Segment",
    "Team",
    "Totals",
    "Tradeoff",
    "User",
    "WorkItem",
    "Workspace",
    "problem_segments",
]
