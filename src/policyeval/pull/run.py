"""One pull, from its start to the answers on disk: begin or resume, collect, note the state."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.pull.collect import Collected, Collector, Progress
from policyeval.pull.plan import SERVICES
from policyeval.pull.problems import Why, gap_findings, pull_error
from policyeval.pull.session import Caller, Clients
from policyeval.pull.store import COLLECTED, FINISHED, RUNNING, Manifest, Store, utc_now
from policyeval.value import replace


class Pull:
    """A pull of one account into one folder. Not frozen: it goes on.

    `resumed` is when the run that left its answers began; empty for a run that asks all anew.
    """

    def __init__(
        self,
        clients: Clients,
        caller: Caller,
        out: Path,
        *,
        fresh: bool = False,
        now: datetime | None = None,
    ) -> None:
        """Look what an earlier run left; raises PullError where that was of another account."""
        self.clients = clients
        self.caller = caller
        self.out = out
        self.store = Store(out, caller.account)
        others = self.store.other_accounts()
        if others:
            raise pull_error(
                "PE2108",
                f"{quote(str(out))} holds account {', '.join(map(quote, others))}, these "
                f"credentials are of {quote(caller.account)}",
                "give each account a folder of its own with `-o`, or check the profile",
            )
        now = now or utc_now()
        left = self.store.manifest()
        self.resumed = left.started if left is not None and not fresh and left.is_good(now) else ""
        self._manifest = Manifest(
            caller.account,
            caller.partition,
            caller.arn,
            self.resumed or now.isoformat(),
            RUNNING,
            clients.regions,
        )

    def collect(
        self,
        services: Iterable[str] = (),
        *,
        jobs: int = 8,
        profile: str = "",
        progress: Progress | None = None,
    ) -> Collected:
        """Ask AWS for all that is not there yet.

        Raises PullError where nothing at all could be had, or the credentials run out: what is
        there then stays for the next run.
        """
        self.store.begin(self._manifest, keep=bool(self.resumed))
        collector = Collector(self.clients, self.caller, self.store, jobs=jobs, profile=profile)
        collected = collector.run(services, progress)
        if not collected.files:
            error = pull_error("PE2114", "nothing could be collected")
            error.findings = (*gap_findings(collected.gaps), *error.findings)
            raise error
        self._note(COLLECTED)
        return collected

    def finish(self) -> None:
        """Note that the environment is written: the next run asks all anew."""
        self._note(FINISHED)

    def _note(self, state: str) -> None:
        self._manifest = replace(self._manifest, state=state)
        self.store.note(self._manifest)


def check_services(services: Iterable[str]) -> tuple[str, ...]:
    """Give the services; raises PullError for one that is not collected."""
    chosen = tuple(dict.fromkeys(services))
    for service in chosen:
        if service not in SERVICES:
            help = did_you_mean(service, SERVICES) or f"there are {', '.join(SERVICES)}"
            raise pull_error("PE2115", f"{quote(service)} is not collected", help)
    return chosen


def is_complete(collected: Collected) -> bool:
    """Tell whether AWS answered all that was asked."""
    return all(gap.why is Why.UNUSED for gap in collected.gaps)
