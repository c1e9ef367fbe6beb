"""Each rule has one home: nobody but that home compares, coalesces or lists what it is about."""

import ast
from collections.abc import Iterator
from pathlib import Path

from roadmap.domain import deals, interviews, plan, rollup, winloss

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "roadmap"
ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def nodes() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        home = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            yield home, node


def compared(node: ast.AST) -> set[str]:
    """What a comparison by size compares: the last part of each side's name."""
    if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ORDERED)):
        return set()
    sides = (node.left, *node.comparators)
    return {ast.unparse(side).rsplit(".", 1)[-1] for side in sides}


def test_only_the_domain_says_what_is_in_time() -> None:
    homes = {
        home
        for home, node in nodes()
        if "needed_by" in compared(node) and not compared(node) & {"today", "since", "until"}
    }
    # The second compares the same days as columns of numbers.
    assert homes == {"domain/deals.py", "domain/margins.py"}


def test_only_the_domain_says_whether_a_promise_holds() -> None:
    dates = {"promise.date", "promised", "promised.date"}
    homes = set()
    for home, node in nodes():
        if compared(node) and isinstance(node, ast.Compare):
            sides = {ast.unparse(side) for side in (node.left, *node.comparators)}
            if sides & dates and any("finish" in side or "shipped_on" in side for side in sides):
                homes.add(home)
    assert homes == {"domain/plan.py"}


def test_only_the_table_of_deals_says_by_when_one_is_needed() -> None:
    homes = [
        home
        for home, node in nodes()
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("coalesce")
        and "needed_by" in ast.unparse(node)
        and "close_date" in ast.unparse(node)
    ]
    assert homes == ["models/deals.py"]


def test_only_the_domain_says_where_a_quote_comes_from() -> None:
    homes = {
        home
        for home, node in nodes()
        if isinstance(node, ast.IfExp)
        and ast.unparse(node.body) == "CUSTOMER"
        and ast.unparse(node.orelse) == "REP"
    }
    assert homes == {"domain/winloss.py"}


def test_only_the_domain_lists_roles() -> None:
    roles = {"rep", "product", "executive", "admin", "REP", "PRODUCT", "EXECUTIVE", "ADMIN"}
    homes = set()
    for home, node in nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "frozenset" and node.args:
            listed = node.args[0]
            if isinstance(listed, ast.Set) and listed.elts:
                names = {ast.unparse(each).strip("'") for each in listed.elts}
                if len(names) > 1 and names <= roles:
                    homes.add(home)
    assert homes == {"domain/roles.py"}


def test_only_the_domain_lists_buckets_statuses_sources_and_their_like() -> None:
    lists = {
        winloss.BUCKETS, winloss.OTHER_BUCKETS, winloss.SOURCES, deals.STATUSES, deals.LOST_TO,
        deals.AMOUNT_SOURCES, plan.STATES, plan.INITIATIVE_KINDS, plan.TIES, rollup.LAYERS,
        interviews.CONVERSATION_KINDS, interviews.CONVERSATION_STATES,
    }  # fmt: skip
    listed = {frozenset(each) for each in lists}
    seconds = {
        f"{home}:{node.lineno}"
        for home, node in nodes()
        if isinstance(node, ast.Tuple | ast.List | ast.Set)
        and all(isinstance(each, ast.Constant) for each in node.elts)
        and frozenset(values := ast.literal_eval(node)) in listed
        and len(values) == len(set(values))
        and not home.startswith("domain/")
    }
    assert not seconds


def test_outcomes_are_named_once() -> None:
    """Nobody names another exception for what `domain.errors` says; a mail server's refusal and a
    file that cannot be read are no outcomes of a change.
    """
    vocabulary = {"Refused", "Conflict", "NotAllowed", "NotFound"}
    named = {
        f"{home}:{node.name}"
        for home, node in nodes()
        if isinstance(node, ast.ClassDef)
        and (node.name in vocabulary or {ast.unparse(base) for base in node.bases} & vocabulary)
    }
    assert named == {f"domain/errors.py:{name}" for name in vocabulary}


def test_only_one_module_cuts_lists_into_numbered_pages() -> None:
    homes = {home for home, node in nodes() if ".limit(" in offset_of(node)}
    assert homes == {"web/paging.py"}


def offset_of(node: ast.AST) -> str:
    """The call of `offset` that a node is, in words; "" for any other node."""
    is_offset = (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "offset"
    )
    return ast.unparse(node) if is_offset else ""
