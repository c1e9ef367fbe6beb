"""What all changes of the plan have in common."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

from .plan import Plan


@dataclass(frozen=True, slots=True)
class Change:
    """What all changes have in common: a kind, and the initiative or team that is changed."""

    kind: ClassVar[str]

    @property
    def initiative_id(self) -> str | None:
        return getattr(self, "initiative", None)

    def after(self, plan: Plan) -> Plan:
        """The plan as it would be. Raises Refused."""
        raise NotImplementedError

    def inverse(self, plan: Plan) -> Change:
        """The change that, on `self.after(plan)`, gives `plan` back."""
        raise NotImplementedError

    def ranks(self, plan: Plan) -> tuple[int | None, int | None]:
        """From and to rank; None off the board, and both None where the order stays."""
        return None, None

    def gives_up(self, plan: Plan) -> bool:
        """Whether it moves nothing, and yet is a decision that somebody owns."""
        return False

    def as_json(self) -> dict[str, Any]:
        return {"kind": self.kind, **_plain(asdict(self))}

    @classmethod
    def parse(cls, fields: dict[str, Any]) -> Self:
        return cls(**fields)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value
