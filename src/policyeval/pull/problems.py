"""What goes wrong between here and AWS, in words: errors that stop a pull, gaps that do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.pull.plan import Step
from policyeval.value import Value, Word


class PullError(PolicyEvalError):
    """A pull cannot begin, or cannot go on."""

    code = "PE2107"


def pull_error(code: str, message: str, help: str = "") -> PullError:
    """Give an error with its finding."""
    return PullError(message, (Finding(code, Severity.ERROR, message, help=help),))


class Why(Word):
    """Why an answer is missing."""

    DENIED = "denied"
    FAILED = "failed"
    UNUSED = "unused"


class Gap(Value):
    """A question without an answer. `code` is the error code, `place` a region or `global`."""

    why: Why
    step: Step
    place: str
    subject: str
    code: str
    message: str


_MOST_NAMED = 3

_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "Forbidden",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedOperation",
        "403",
    }
)
_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
    }
)
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})


def code_of(error: Any) -> str:
    """Give AWS's code of a ClientError."""
    return str(error.response.get("Error", {}).get("Code", "")).rpartition("#")[2]


def message_of(error: Any) -> str:
    """Give AWS's words of a ClientError, on one line."""
    return " ".join(str(error.response.get("Error", {}).get("Message", "")).split())


def is_denied(code: str) -> bool:
    """Tell whether AWS refused for want of permission."""
    return code in _DENIED


def is_expired(code: str) -> bool:
    """Tell whether the credentials ran out: then no other call can succeed either."""
    return code in _EXPIRED


def why_not(error: Exception, profile: str = "") -> PullError:
    """Give the error for what boto3 raised before anything could be asked."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _refused(code_of(error), message_of(error), profile)
    for kinds, code, message, help in _rows(profile):
        if isinstance(error, kinds):
            return pull_error(code, f"{message}: {lower(str(error))}", help)
    return pull_error("PE2107", f"boto3 cannot go on: {lower(str(error))}")


def _rows(profile: str) -> tuple[tuple[tuple[type[Exception], ...], str, str, str], ...]:
    """Give what each kind of boto3's errors means: code, message, help."""
    import botocore.exceptions as known

    return (
        (
            _login_errors(),
            "PE2103",
            "there is no valid SSO session",
            f"run `{_login(profile)}`",
        ),
        (
            (known.NoCredentialsError, known.PartialCredentialsError),
            "PE2102",
            "there are no credentials to ask AWS with",
            "name a profile with `--profile`, set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run "
            "`aws configure` or `aws sso login`",
        ),
        ((known.CredentialRetrievalError,), "PE2103", "the credentials cannot be had", ""),
        (
            (known.HTTPClientError, known.ConnectionError),
            "PE2106",
            "AWS cannot be reached",
            "check the network, the proxy (HTTPS_PROXY), the region and AWS_ENDPOINT_URL",
        ),
    )


def _login_errors() -> tuple[type[Exception], ...]:
    import botocore.exceptions as known

    newer = getattr(known, "LoginError", known.SSOError)  # of `aws login`
    return known.SSOError, known.TokenRetrievalError, newer


def is_about_credentials(error: Exception) -> bool:
    """Tell whether boto3 has no credentials any more: then no other call can succeed either."""
    import botocore.exceptions as known

    return isinstance(
        error,
        (
            *_login_errors(),
            known.NoCredentialsError,
            known.PartialCredentialsError,
            known.CredentialRetrievalError,
        ),
    )


def _refused(code: str, message: str, profile: str) -> PullError:
    told = f"AWS says {quote(code)}: {quote(message)}"
    if is_expired(code):
        return pull_error("PE2103", f"the credentials have expired: {told}", renew_hint(profile))
    if code in _CREDENTIALS:
        return pull_error(
            "PE2103",
            f"AWS does not accept the credentials: {told}",
            "check the profile, AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN; environment variables "
            "win over AWS_PROFILE, `--profile` wins over both",
        )
    return pull_error("PE2107", f"AWS does not say who asks: {told}")


def renew_hint(profile: str) -> str:
    """Say how credentials are renewed."""
    return f"renew them (`{_login(profile)}`, or new keys), then run the same again: it goes on"


def _login(profile: str) -> str:
    return f"aws sso login --profile {profile}" if profile else "aws sso login"


def lower(text: str) -> str:
    """Give words of boto3 as a part of a message: on one line, in lower case, no final period."""
    text = " ".join(text.split()).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def would_overwrite(names: Sequence[str], out: str) -> PullError:
    """Give the error for files that stand where others would be written."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return pull_error(
        "PE2109",
        f"{len(names)} file(s) in {quote(out)} would be overwritten: "
        f"{', '.join(map(quote, names[:_MOST_NAMED]))}{more}",
        "run it again with `--force`, or with another folder: what was collected is kept",
    )


# ---- gaps -----------------------------------------------------------------------------------


def gap_findings(gaps: Iterable[Gap]) -> tuple[Finding, ...]:
    """Give one finding for each step that has no answer, or not all: counted, examples named."""
    found: dict[tuple[Why, str, str], list[Gap]] = {}
    for gap in gaps:
        found.setdefault((gap.why, gap.step.name, gap.code), []).append(gap)
    return tuple(_finding(each) for each in found.values())


def _finding(gaps: list[Gap]) -> Finding:
    first = gaps[0]
    asked = f"{first.step.service} {first.step.operation}"
    told = f"{quote(first.code)}: {quote(first.message)}" if first.message else quote(first.code)
    if first.why is Why.UNUSED:
        return Finding(
            "PE2112",
            Severity.NOTE,
            "the account belongs to no organization",
            help="no service and resource control policies reach it",
        )
    where = _places(gaps)
    consequence = _consequence(first.step)
    if first.why is Why.DENIED:
        return Finding(
            "PE2110",
            Severity.WARNING,
            f"not allowed: {asked}{where}",
            help=f"{consequence}allow {first.step.iam_action} "
            "(`policyeval pull --show-policy` prints all that is needed)",
        )
    return Finding(
        "PE2111",
        Severity.WARNING,
        f"no answer: {asked}{where}: {told}",
        help=consequence.rstrip("; "),
    )


def _places(gaps: list[Gap]) -> str:
    named = [gap.subject or ("" if gap.place == "global" else gap.place) for gap in gaps]
    named = [name for name in dict.fromkeys(named) if name]
    if not named:
        return ""
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return f" for {', '.join(map(quote, named[:_MOST_NAMED]))}{more}"


def _consequence(step: Step) -> str:
    if not step.layers:
        return "tags and aliases are not complete; "
    return f"not complete: {', '.join(step.layers)}; "
