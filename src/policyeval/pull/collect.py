"""Ask AWS all that the plan says, a few calls at a time, and keep every answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from policyeval.parsing.defect import quote
from policyeval.pull.plan import STEPS, Scope, Step, first_steps
from policyeval.pull.problems import (
    Gap,
    Why,
    code_of,
    is_about_credentials,
    is_denied,
    is_expired,
    lower,
    message_of,
    pull_error,
    renew_hint,
    why_not,
)
from policyeval.pull.session import Caller, Clients, NotInPlanError, StoppedError
from policyeval.pull.store import Store
from policyeval.value import Value

Fields = Mapping[str, Any]
Progress = Callable[[int, int], None]
"""Called with the number of calls done, and of those known so far."""


class Ask(Value):
    """One question: a step, where, and about which item."""

    step: Step
    place: str
    item: Fields


class Answered(Value):
    """What came of a question. `path` is None and `gap` is set where there is no answer."""

    ask: Ask
    path: Path | None
    items: tuple[Fields, ...] = ()
    gap: Gap | None = None
    kept: bool = False


class Collected(Value):
    """All answers of a run, in the order of their names, and all gaps.

    `asked` counts the calls made, `kept` the answers that an earlier run had left, `counts` the
    things found by kind.
    """

    files: tuple[Path, ...]
    gaps: tuple[Gap, ...]
    asked: int
    kept: int
    counts: Mapping[str, int]


class Collector:
    """One run through the plan."""

    def __init__(
        self, clients: Clients, caller: Caller, store: Store, *, jobs: int = 8, profile: str = ""
    ) -> None:
        """`profile` is named in hints alone."""
        self.clients = clients
        self.caller = caller
        self.store = store
        self.jobs = jobs
        self.profile = profile
        self._known: set[tuple[str, str, str]] = set()

    def run(self, services: Iterable[str] = (), progress: Progress | None = None) -> Collected:
        """Ask everything; raises PullError where the credentials run out on the way."""
        done: list[Answered] = []
        pool = ThreadPoolExecutor(self.jobs, thread_name_prefix="pull")
        try:
            waiting: set[Future[Answered | None]] = set()
            backlog = deque(self._new(self._first(services)))
            while backlog or waiting:
                # Few wait at a time: to wait for a future costs a lock, each time anew.
                while backlog and len(waiting) < 2 * self.jobs:
                    waiting.add(pool.submit(self.answer, backlog.popleft()))
                finished, waiting = wait(waiting, timeout=0.25, return_when=FIRST_COMPLETED)
                # A question that was not asked any more is None: what stopped it comes too.
                answers = [answer for future in finished if (answer := future.result())]
                done += answers
                for answered in answers:
                    backlog.extend(self._new(self._follow(answered)))
                if progress is not None:
                    progress(len(done), len(self._known))
        except BaseException:
            self.clients.stopping.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
        return _collected(done)

    def _new(self, asks: Iterable[Ask]) -> Iterator[Ask]:
        """Leave out what is asked already: units that went in a circle would never end."""
        for ask in asks:
            key = (ask.step.name, ask.place, filled(ask.step.subject, self._fields(ask)))
            if key not in self._known:
                self._known.add(key)
                yield ask

    def _first(self, services: Iterable[str]) -> list[Ask]:
        asks: list[Ask] = []
        for step in first_steps(services):
            everywhere = step.scope is Scope.REGION
            places = self.clients.regions if everywhere else (Scope.GLOBAL.value,)
            asks += [Ask(step, place, {}) for place in places]
        return asks

    def _follow(self, answered: Answered) -> list[Ask]:
        ask = answered.ask
        return [
            Ask(STEPS[name], ask.place, item) for item in answered.items for name in ask.step.follow
        ]

    def answer(self, ask: Ask) -> Answered | None:
        """Give the answer that is there already, or ask AWS; None once the run has stopped.

        Runs in threads of its own.
        """
        step = ask.step
        fields = self._fields(ask)
        subject = filled(step.subject, fields)
        path = self.store.path(ask.place, step.service, kebab(step.operation), subject)
        answer = self.store.read(path)
        kept = answer is not None and not _is_gap(answer, step)
        if not kept:
            try:
                answer = self._call(ask, fields)
            except StoppedError:
                return None
            gap = _gap(answer, ask, subject)
            if gap is not None and not step.arn:
                return Answered(ask, None, gap=gap)
            if step.arn:
                answer = {"Subject": self._subject(ask, fields), **answer}
            self.store.write(path, answer)
            if gap is not None:
                return Answered(ask, path, gap=gap)
        assert answer is not None
        return Answered(ask, path, tuple(_items(answer, ask)), kept=kept)

    def _subject(self, ask: Ask, fields: Fields) -> dict[str, str]:
        region = filled(ask.step.region, fields) or ask.place
        told = {"Arn": filled(ask.step.arn, fields), "Account": self.caller.account}
        return told if region == Scope.GLOBAL.value else {**told, "Region": region}

    def _fields(self, ask: Ask) -> Fields:
        """Give what templates can name: the item's fields, and where we are."""
        item = ask.item.get("item")
        return {
            "account": self.caller.account,
            "partition": self.caller.partition,
            "region": ask.place,
            "last": str(item).rpartition("/")[2] if item is not None else "",
            **ask.item,
        }

    def _call(self, ask: Ask, fields: Fields) -> dict[str, Any]:
        """Ask AWS; an error is an answer too: `{"Error": {"Code", "Message"}}`."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        step = ask.step
        region = "" if step.scope is Scope.GLOBAL else ask.place
        client = self.clients.get(step.service, filled(step.region, fields) or region)
        parameters = {key: given(value, fields) for key, value in step.parameters.items()}
        try:
            return _kept_fields(_asked(client, step, parameters), step)
        except ClientError as error:
            code = code_of(error)
            if is_expired(code):
                self.clients.stopping.set()
                raise pull_error(
                    "PE2103",
                    f"the credentials expired on the way: AWS says {quote(message_of(error))}",
                    renew_hint(self.profile),
                ) from None
            return {"Error": {"Code": code, "Message": message_of(error)}}
        except (BotoCoreError, ResponseParserError, NotInPlanError) as error:
            if is_about_credentials(error):
                self.clients.stopping.set()
                raise why_not(error, self.profile) from None
            return {"Error": {"Code": type(error).__name__, "Message": lower(str(error))}}


# ---- one call -------------------------------------------------------------------------------


def _asked(client: Any, step: Step, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give the whole answer, all pages joined as the AWS CLI joins them."""
    method = snake(step.operation)
    if client.can_paginate(method):
        config = {"PageSize": step.page_size} if step.page_size else {}
        pages = client.get_paginator(method).paginate(**parameters, PaginationConfig=config)
        answer = dict(pages.build_full_result())
    else:
        answer = dict(getattr(client, method)(**parameters))
        while step.token and answer.get(step.token):
            more = getattr(client, method)(**parameters, **{step.token: answer.pop(step.token)})
            answer[step.items] = [*answer[step.items], *more[step.items]]
            answer[step.token] = more.get(step.token)
    answer.pop("ResponseMetadata", None)
    return {key: value for key, value in answer.items() if value is not None}


def _kept_fields(answer: dict[str, Any], step: Step) -> dict[str, Any]:
    """Leave out of an answer's items what nobody needs."""
    if not step.keep:
        return answer
    if not step.items:
        return _few(answer, step)
    found = answer.get(step.items, [])
    few = [_few(item, step) for item in found] if isinstance(found, list) else _few(found, step)
    return {step.items: few}


def _few(item: Mapping[str, Any], step: Step) -> dict[str, Any]:
    return {key: item[key] for key in step.keep if key in item}


def _items(answer: Mapping[str, Any], ask: Ask) -> Iterable[Fields]:
    """Give what the answer lists, each with the fields of the item that it was asked about."""
    found = answer.get(ask.step.items) if ask.step.items else None
    for item in found if isinstance(found, list) else [found] if found else []:
        yield {**ask.item, **(item if isinstance(item, dict) else {"item": item})}


def _error_code(answer: Mapping[str, Any]) -> str:
    error = answer.get("Error")
    return str(error.get("Code", "")) if isinstance(error, dict) else ""


def _is_gap(answer: Mapping[str, Any], step: Step) -> bool:
    return "Error" in answer and _error_code(answer) not in step.none


def _gap(answer: Mapping[str, Any], ask: Ask, subject: str) -> Gap | None:
    if not _is_gap(answer, ask.step):
        return None
    code = _error_code(answer)
    why = Why.DENIED if is_denied(code) else Why.FAILED
    if code in ask.step.unused:
        why = Why.UNUSED
    return Gap(why, ask.step, ask.place, subject, code, answer["Error"].get("Message", ""))


def _collected(done: list[Answered]) -> Collected:
    counts: dict[str, int] = {}
    for answered in done:
        kind = answered.ask.step.kind
        if kind and answered.items:
            counts[kind] = counts.get(kind, 0) + len(answered.items)
    gaps = [answered.gap for answered in done if answered.gap is not None]
    order = {name: place for place, name in enumerate(STEPS)}
    gaps.sort(key=lambda gap: (order[gap.step.name], gap.place, gap.subject))
    kept = sum(answered.kept for answered in done)
    return Collected(
        tuple(sorted(answered.path for answered in done if answered.path is not None)),
        tuple(gaps),
        len(done) - kept,
        kept,
        dict(sorted(counts.items())),
    )


# ---- templates and names --------------------------------------------------------------------


class _Named(dict[str, Any]):
    """Fields for templates; what an item does not have is empty."""

    def __missing__(self, key: str) -> str:
        return ""


def filled(template: str, fields: Fields) -> str:
    """Fill a template of the plan."""
    return template.format_map(_Named(fields)) if "{" in template else template


def given(value: Any, fields: Fields) -> Any:
    """Give a parameter: a template filled; one that is a single field keeps the field's type."""
    if isinstance(value, tuple):
        return list(value)
    name = value[1:-1] if isinstance(value, str) else ""
    return (
        fields[name]
        if name and value == f"{{{name}}}" and name in fields
        else filled(value, fields)
    )


def snake(operation: str) -> str:
    """Give boto3's method of an operation."""
    from botocore import xform_name

    return str(xform_name(operation))


def kebab(operation: str) -> str:
    """Give the AWS CLI's name of an operation: `get-bucket-policy`."""
    return snake(operation).replace("_", "-")
