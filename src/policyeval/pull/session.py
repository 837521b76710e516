"""The way to AWS: credentials and regions as boto3 finds them, and clients that can only read."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.pull.plan import ALLOWED, WHICH_REGIONS, WHO_AM_I
from policyeval.pull.problems import pull_error, why_not
from policyeval.value import Value

R = TypeVar("R")

CONNECT_SECONDS, READ_SECONDS = 10, 60
ATTEMPTS = 8
FIRST_ATTEMPTS = 3  # of the first call: without a network, say so soon
_WAYS = ("legacy", "standard", "adaptive")


class NotInPlanError(Exception):
    """Something tried to call an operation that is not in the plan."""


class StoppedError(Exception):
    """The run has stopped, so this call is not made."""


class Caller(Value):
    """Who asks. `arn` is that of the user or session."""

    account: str
    partition: str
    arn: str


class Clients:
    """boto3 clients by service and region; each refuses what is not in the plan.

    Clients may be used by several threads, a session may not: making them is locked. Once
    `stopping` is set no request leaves any more, retries included: they raise StoppedError.
    """

    def __init__(self, session: Any, regions: tuple[str, ...], jobs: int) -> None:
        """`regions` are those to read, the first is asked what is asked only once."""
        self._session = session
        self.regions = regions
        self._jobs = jobs
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str, int], Any] = {}
        self.stopping = threading.Event()

    def get(self, service: str, region: str = "", *, attempts: int = ATTEMPTS) -> Any:
        """Give the client of a service in a region; without one in the first."""
        key = (service, region or self.regions[0], attempts)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(*key)
            return self._made[key]

    def _make(self, service: str, region: str, attempts: int) -> Any:
        from botocore.config import Config

        from policyeval import __version__

        made = self._session.client(
            service,
            region_name=region,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries=_retries(self._session, attempts),
                max_pool_connections=max(self._jobs, 1),
                user_agent_extra=f"policyeval/{__version__}",
            ),
        )
        made.meta.events.register("before-parameter-build", only_planned)
        made.meta.events.register("before-send", self._refuse_when_stopping)
        return made

    def _refuse_when_stopping(self, **_more: Any) -> None:
        if self.stopping.is_set():
            raise StoppedError

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._made.values():
                client.close()
            self._made.clear()


def only_planned(model: Any, **_more: Any) -> None:
    """Refuse a call that is not in the plan: the hook of every client."""
    asked = (model.service_model.service_name, model.name)
    if asked not in ALLOWED:
        raise NotInPlanError(f"{asked[0]} {asked[1]} is not in the plan")


def _retries(session: Any, attempts: int) -> dict[str, Any]:
    """Give how often to retry: as the user configured it, else with a rate that adapts."""
    # AWS: AWS_RETRY_MODE and AWS_MAX_ATTEMPTS, or the profile's retry_mode and max_attempts.
    core = session._session
    mode = core.get_config_variable("retry_mode")
    most = core.get_config_variable("max_attempts")
    wanted: dict[str, Any] = {"mode": mode if mode in _WAYS else "adaptive"}
    wanted["total_max_attempts"] = max(int(most), 1) if most else attempts
    return wanted


def open_clients(
    profile: str | None = None,
    regions: Iterable[str] = (),
    *,
    all_regions: bool = False,
    jobs: int = 8,
) -> tuple[Clients, Caller]:
    """Give clients for an account, and who asks: one call is made, two with `all_regions`.

    Credentials and regions are found as the AWS CLI finds them. Raises PullError without boto3,
    credentials, a region or a connection.
    """
    session = _session(profile)
    chosen = tuple(dict.fromkeys(regions))
    home = chosen[0] if chosen else _home_region(session, profile)
    for region in chosen:
        _check_region(session, region)
    clients = Clients(session, (home, *chosen[1:]), jobs)
    try:
        caller = _said(profile, lambda: _who_asks(clients))
        if all_regions:
            clients.regions = _said(profile, lambda: _all_regions(clients, home))
    except BaseException:
        clients.close()
        raise
    return clients, caller


def _session(profile: str | None) -> Any:
    try:
        import boto3
    except ImportError:
        raise pull_error(
            "PE2101", "`policyeval pull` needs boto3", "pip install 'policyeval[aws]'"
        ) from None
    import botocore.exceptions

    wanted = profile or os.environ.get("AWS_PROFILE") or ""
    try:
        return boto3.Session(profile_name=profile)
    except botocore.exceptions.ProfileNotFound:
        raise _no_profile(wanted) from None
    except botocore.exceptions.BotoCoreError as error:
        raise why_not(error, wanted) from None


def _no_profile(wanted: str) -> Exception:
    import botocore.session

    known = botocore.session.Session().available_profiles
    help = did_you_mean(wanted, known) or (
        f"there are {', '.join(map(quote, known))}" if known else "there is no profile at all"
    )
    return pull_error("PE2104", f"there is no AWS profile {quote(wanted)}", help)


def _home_region(session: Any, profile: str | None) -> str:
    # AWS: the CLI takes AWS_REGION before AWS_DEFAULT_REGION; boto3 knows the second alone.
    region = os.environ.get("AWS_REGION") or _said(profile, lambda: session.region_name)
    if not region:
        raise pull_error(
            "PE2105",
            "no region is given",
            "name one or several with `--region`, or all with `--all-regions` and one of them; "
            "AWS_DEFAULT_REGION and the profile's `region` do as well",
        )
    return str(region)


def _check_region(session: Any, region: str) -> None:
    """Refuse a misspelt region: its name would become part of a host name."""
    known = {
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("ec2", partition_name=partition)
    }
    if region in known:
        return
    help = did_you_mean(region, sorted(known))
    # A region that is newer than boto3's list looks like one, and like no other.
    if help or not region.replace("-", "").isalnum() or region.count("-") < 2:
        raise pull_error("PE2105", f"there is no region {quote(region)}", help)


def _who_asks(clients: Clients) -> Caller:
    service, _ = WHO_AM_I
    answer = clients.get(service, attempts=FIRST_ATTEMPTS).get_caller_identity()
    arn = str(answer["Arn"])
    return Caller(str(answer["Account"]), arn.split(":")[1], arn)


def _all_regions(clients: Clients, home: str) -> tuple[str, ...]:
    service, _ = WHICH_REGIONS
    answer = clients.get(service).describe_regions()
    names = sorted(str(each["RegionName"]) for each in answer["Regions"])
    return (home, *(name for name in names if name != home))


def _said(profile: str | None, ask: Callable[[], R]) -> R:
    """Give what was asked for, or raise what went wrong in words of our own."""
    import botocore.exceptions
    import botocore.parsers

    try:
        return ask()
    except (
        botocore.exceptions.BotoCoreError,
        botocore.exceptions.ClientError,
        botocore.parsers.ResponseParserError,
        ValueError,  # an AWS_ENDPOINT_URL that is no URL
    ) as error:
        raise why_not(error, profile or os.environ.get("AWS_PROFILE") or "") from None
