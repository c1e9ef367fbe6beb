"""What is measured, each beside its floor, and the targets that it is held to.

Unit P is a constant page of the same bytes from the same server, unit W a durable write of one row
over HTTP. Both are taken in turn with what they are compared with, so that a busy machine slows
both alike.
"""

import itertools
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from tests.bench import words
from tests.bench.company import TODAY, Size, managers
from tests.bench.serving import Server
from tests.bench.visitor import Answer, Visitor, fields_of

P, W = "P", "W"
#: What a report may take when it is counted anew.
ALLOWED = "(10 P + 2 SQL)"
REPORTS = ("segments", "reasons", "revenue-at-risk", "trend", "false-losses", "cohorts")

#: How long a crowd may take to make its moves, in seconds.
LONGEST = 120


@dataclass
class Figure:
    """Times in milliseconds. `unit` names the floor; without a target it is for orientation."""

    name: str
    samples: list[float] = field(repr=False)
    floor: list[float] = field(repr=False)
    unit: str = P
    target: float | None = None
    target_p95: float | None = None
    bytes: int = 0
    queries: int | None = None
    most_queries: int | None = None
    cpu: list[float] = field(default_factory=list, repr=False)

    def add(self, answer: Answer) -> None:
        self.samples.append(answer.seconds * 1000)
        self.cpu.append(answer.cpu)
        self.queries = answer.queries
        self.bytes = len(answer.body) or self.bytes

    @property
    def p50(self) -> float:
        return statistics.median(self.samples)

    @property
    def p95(self) -> float:
        return percentile(self.samples, 95)

    @property
    def one(self) -> float:
        """One unit, in milliseconds."""
        return statistics.median(self.floor)

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        late = self.target_p95 is not None and self.p95 > self.target_p95 * self.one
        many = self.most_queries is not None and (self.queries or 0) > self.most_queries
        return self.p50 <= self.target * self.one and not late and not many

    def as_json(self) -> dict[str, Any]:
        kept = {k: v for k, v in asdict(self).items() if k not in ("samples", "floor", "cpu")}
        return {
            **kept, "count": len(self.samples), "p50_ms": self.p50, "p95_ms": self.p95,
            "cpu_ms": statistics.median(self.cpu),
            "floor_ms": self.one, "p50_units": self.p50 / self.one,
            "p95_units": self.p95 / self.one, "met": self.met,
        }  # fmt: skip


@dataclass
class Fact:
    """A figure that is no time: what was found, what was wanted."""

    name: str
    found: str
    target: str
    met: bool | None


def rounds(count: int, seconds: float = 30) -> Iterator[int]:
    """So many rounds, or as many as begin within a time, but three at least."""
    started = time.monotonic()
    for each in range(count):
        if each >= 3 and time.monotonic() - started > seconds:
            return
        yield each


def percentile(samples: list[float], percent: int) -> float:
    """The nearest rank: the smallest sample that so many per cent do not exceed."""
    ranked = sorted(samples)
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


class Bench:
    """One manager's visits to one server."""

    def __init__(self, server: Server, size: Size) -> None:
        self.server = server
        self.size = size
        self.chance = random.Random(7)
        self.visitor = Visitor(server.port)
        self.visitor.sign_in(managers()[-1])
        # The last resort of a company of this size; ids run in the first order.
        self.bottom = itertools.count(size.initiatives, -1)

    def figures(self, quick: bool = False) -> Iterator[Figure | Fact]:
        times = 5 if quick else 1
        everything = "/board?rows=all"
        for name, path in (("200 rows", "/board"), ("all rows", everything)):
            for encoding in ("identity", "gzip"):
                yield self.page(
                    f"board, {name}, warm, {encoding}", path, 60 // times, 2,
                    encoding=encoding, most_queries=1,
                )  # fmt: skip
        yield self.unchanged(60 // times)
        for name, path in (("200 rows", "/board"), ("all rows", everything)):
            yield self.after(f"board, {name}, after a text changed", path, self.change_text,
                             20 // times, 10)  # fmt: skip
            yield self.after(f"board, {name}, after a move", path, self.move, 15 // times, 80,
                             most_queries=6)  # fmt: skip
        yield self.cold("board, 200 rows, cold", "/board", 4 // min(times, 2))
        yield self.cold("board, all rows, cold", everything, 4 // min(times, 2))
        yield self.filtered(15 // times)
        yield self.preview(60 // times)
        yield self.commits(30 // times)
        for name, path in (
            ("first page", "/deals"),
            ("open, by amount", "/deals?status=open&sort=-amount"),
            ("searched", "/deals?q=audit"),
        ):
            yield self.page(f"deals, {name}", path, 20 // times, 30)
        for name, q in (("often said", "audit"), ("said by few", "zzz+audit"), ("sso", "sso")):
            yield self.page(f"search, {name}", f"/search?q={q}", 20 // times, 30)
        yield self.typing(40 // times)
        for report in REPORTS:
            yield self.page(f"report, {report}, warm", f"/reports/{report}", 20 // times, 5)
            yield self.first_count(report, 5 // min(times, 2))
        yield self.crowd(16, 2 if quick else 4)

    def floor(self, count: int, encoding: str = "identity") -> float:
        """A constant page of so many bytes, in milliseconds."""
        wrapped = "&encoding=gzip" if encoding == "gzip" else ""
        answer = self.visitor.get(f"/bench/constant?bytes={count}{wrapped}")
        assert len(answer.body) == count
        return answer.seconds * 1000

    def page(
        self, name: str, path: str, count: int, target: float | None, *,
        encoding: str = "identity", most_queries: int | None = None,
    ) -> Figure:  # fmt: skip
        first = self._seen(self.visitor.get(path, encoding=encoding))
        found = Figure(name, [], [], target=target, bytes=len(first.body),
                       most_queries=most_queries)  # fmt: skip
        for _ in rounds(count):
            found.floor.append(self.floor(found.bytes, encoding))
            found.add(self._seen(self.visitor.get(path, encoding=encoding)))
        return found

    def unchanged(self, count: int) -> Figure:
        """The poll's 304, beside the whole page."""
        path = "/board/list?size=100000"
        first = self._seen(self.visitor.get(path))
        tag = first.headers["hx-ptag"]
        found = Figure("board, unchanged since the last poll", [], [], target=1,
                       bytes=len(first.body), most_queries=1)  # fmt: skip
        for _ in rounds(count):
            found.floor.append(self.floor(found.bytes))
            answer = self.visitor.get(path, **{"HX-PTag": tag, "HX-Request": "true"})
            assert answer.status == 304, answer.status
            found.add(answer)
        return found

    def after(
        self, name: str, path: str, change: Callable[[], None], count: int, target: float,
        most_queries: int | None = None,
    ) -> Figure:  # fmt: skip
        self._seen(self.visitor.get(path))
        found = Figure(name, [], [], target=target, most_queries=most_queries)
        for _ in rounds(count):
            change()
            found.add(self._seen(self.visitor.get(path)))
            found.floor.append(self.floor(found.bytes))
        return found

    def cold(self, name: str, path: str, count: int) -> Figure:
        """The first page of a server that has just started."""
        found = Figure(name, [], [], target=80, most_queries=6)
        for _ in rounds(count):
            self.server.restart()
            self.visitor.leave()
            found.add(self._seen(self.visitor.get(path)))
            found.floor += [self.floor(found.bytes) for _ in range(10)]
        return found

    def first_count(self, report: str, count: int) -> Figure:
        """A report as of days that nobody asked for before, so that all is counted anew. What it
        may take, ten pages and twice the plain SQL that reads the same figures, is its unit."""
        found = Figure(f"report, {report}, counted anew", [], [], unit=ALLOWED, target=1)
        days = (TODAY - timedelta(days=number) for number in itertools.count(1))
        for _, day in zip(rounds(count), days, strict=False):
            read = self._seen(self.visitor.get(f"/bench/plain?report={report}&day={day}"))
            found.add(self._seen(self.visitor.get(f"/reports/{report}?as_of={day}")))
            found.floor.append(10 * self.floor(found.bytes) + 2000 * read.seconds)
        return found

    def filtered(self, count: int) -> Figure:
        """A filter that nobody asked for before on this revision."""
        words = ("audit", "dispatch", "export", "mobile", "portal", "safety", "invoice", "sensor")
        paths = (
            f"/board?q={word}&kind={kind}"
            for word in words
            for kind in ("strategic", "incremental")
        )
        found = Figure("board, filtered for the first time", [], [], target=80)
        for _, path in zip(rounds(count), paths, strict=False):
            found.add(self._seen(self.visitor.get(path)))
            found.floor.append(self.floor(found.bytes))
        return found

    def preview(self, count: int) -> Figure:
        """From the bottom to the top, deals included."""
        found = Figure("preview from the bottom to the top", [], [], target=60, target_p95=150)
        self._seen(self.visitor.get("/board/preview?initiative=1&to=2"))
        for _, id in zip(rounds(count), self.bottom, strict=False):
            found.add(self._seen(self.visitor.get(f"/board/preview?initiative={id}&to=1")))
            found.floor.append(self.floor(found.bytes))
        return found

    def typing(self, count: int) -> Figure:
        """What looks the same as a text that grew by a few words since the last look."""
        form = fields_of(self._seen(self.visitor.get("/requests/new")).text)
        chance = random.Random(11)
        found = Figure("suggestions while typing", [], [], target=20)
        # The first look reads all that is there; nobody types before it is done.
        self._seen(self.visitor.post("/requests/similar", {**form, "body": words.body(chance)}))
        for each in rounds(count):
            text = words.body(chance).split()
            typed = " ".join(text[: 10 + each * 11 % len(text)])
            account = str(chance.randint(1, self.size.accounts))
            fields = {**form, "body": typed, "account": account}
            found.add(self._seen(self.visitor.post("/requests/similar", fields)))
            found.floor.append(self.floor(found.bytes))
        return found

    def commits(self, count: int) -> Figure:
        """Any move, with its re-schedule and its record in the ledger."""
        found = Figure("commit of a move", [], [], unit=W, target=15)
        for _ in rounds(count):
            found.floor.append(self.visitor.post("/bench/write").seconds * 1000)
            found.add(self.committed())
        return found

    def crowd(self, people: int, moves: int) -> Fact:
        """People who move at once, each trying again on the fresh preview when overtaken."""
        # Signing in takes much memory by design, so that happens before, one after the other.
        crowd = [Mover(self.server.port, email, self.size, moves) for email in managers()[:people]]
        started = time.monotonic()
        for mover in crowd:
            mover.deadline = started + LONGEST
            mover.start()
        for mover in crowd:
            mover.join()
        seconds = time.monotonic() - started
        failed = [fault for mover in crowd for fault in mover.faults]
        done = sum(mover.committed for mover in crowd)
        again = sum(mover.overtaken for mover in crowd)
        kept = self.kept_since(crowd[0].mark)
        text = (
            f"{done} of {people * moves} moves committed in {seconds:.1f} s, {again} tried again, "
            f"{kept} in the ledger, {len(failed)} failed {failed[:3] or ''}"
        ).strip()
        whole = done == people * moves == kept and not failed
        return Fact(
            f"{people} people moving at once", text.strip(), "none lost, none failed", whole
        )

    def kept_since(self, mark: str) -> int:
        """How many moves by the crowd the ledger holds."""
        csv = self._seen(self.visitor.get("/tradeoffs.csv")).text
        return sum(mark in line for line in csv.splitlines())

    def change_text(self) -> None:
        path = f"/initiatives/{self.chance.randint(1, self.size.initiatives)}/edit"
        form = fields_of(self.visitor.get(path).text)
        form["title"] = f"Changed {self.chance.random():.9f}"
        answer = self.visitor.post(path, form)
        assert answer.status == 303, (answer.status, answer.text[:3000])

    def move(self) -> None:
        self.committed()

    def committed(self) -> Answer:
        """The answer to committing a move that somebody else did not overtake."""
        form = None
        while form is None:
            form = signed(self.visitor.get(some_move(self.chance, self.size)))
        answer = self.visitor.post("/board/promotions", form)
        assert answer.status == 303, (answer.status, answer.text[:3000])
        return answer

    def _seen(self, answer: Answer) -> Answer:
        assert answer.status == 200, (answer.status, answer.text[:3000])
        return answer


def some_move(chance: random.Random, size: Size) -> str:
    """The address of a preview of any initiative at any rank."""
    id, to = chance.randint(1, size.initiatives), chance.randint(1, size.initiatives)
    return f"/board/preview?initiative={id}&to={to}"


def signed(preview: Answer, reason: str = "Measured") -> dict[str, str] | None:
    """A preview's form with owner, sponsor and reason; None where it stands there already."""
    form = fields_of(preview.text, "#commit-form")
    if "revision" not in form:
        assert "at position" in preview.text, (preview.status, preview.text[:3000])
        return None
    people = len(managers())
    return {**form, "owner": form.get("owner") or "1", "sponsor": str(people + 1), "reason": reason}


class Mover(threading.Thread):
    """One of a crowd."""

    marks = itertools.count(1)

    def __init__(self, port: int, email: str, size: Size, moves: int) -> None:
        super().__init__(daemon=True)
        self.size, self.moves = size, moves
        self.mark = "Moved in a crowd"
        self.chance = random.Random(email)
        self.committed = self.overtaken = 0
        self.deadline = 0.0
        self.faults: list[str] = []
        self.visitor = Visitor(port)
        self.visitor.sign_in(email)

    def run(self) -> None:
        try:
            for _ in range(self.moves):
                self._move(self.visitor)
        except Exception as error:
            self.faults.append(repr(error)[:300])

    def _move(self, visitor: Visitor) -> None:
        answer = visitor.get(some_move(self.chance, self.size))
        while time.monotonic() < self.deadline:
            if answer.status >= 500:
                self.faults.append(f"{answer.status} {answer.text[:200]}")
                return
            form = signed(answer, self.mark)
            if form is None:
                answer = visitor.get(some_move(self.chance, self.size))
                continue
            answer = visitor.post("/board/promotions", form)
            if answer.status == 303:
                self.committed += 1
                return
            self.overtaken += answer.status == 409
        self.faults.append("out of time")
