"""What is wrong with a text that is no ARN: the slow lane of `parsing.arn` (R-ARN-03).

Each diagnosis looks for one malformation and gives None where it is another; the first that
speaks is the answer, so that there is at most one defect for each ARN.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval.arn import PARTITIONS, is_account_id
from policyeval.parsing.arn import (
    REGIONLESS,
    as_warning,
    has_wildcard,
    is_account,
    is_ordinary,
    is_partition,
    is_region,
    is_service,
    may_have_account,
)
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.parsing.nearest import nearest
from policyeval.source import Span

FORM = "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
_NAMES = ("prefix", "partition", "service", "region", "account", "resource")
_FULL_WIDTH_COLON = "\uff1a"
_SEPARATORS = frozenset(f"/;.,|_- \\{_FULL_WIDTH_COLON}")


class Broken:
    """A text that should be an ARN: what the diagnoses ask."""

    __slots__ = ("parts", "text", "wildcards")

    def __init__(self, text: str, *, wildcards: bool) -> None:
        """Split the text; with `wildcards` it is a pattern of a policy."""
        self.text = text
        self.parts = text.split(":", 5)
        self.wildcards = wildcards

    @property
    def is_whole(self) -> bool:
        """True where there are six parts."""
        return len(self.parts) == 6

    def span(self, index: int) -> Span:
        """Give the characters of one part."""
        start = sum(len(part) + 1 for part in self.parts[:index])
        return Span(start, start + len(self.parts[index]))

    def offer(self, index: int, part: str) -> str:
        """Give the help line with one part put right."""
        return offer(":".join([*self.parts[:index], part, *self.parts[index + 1 :]]))


def diagnose_arn(text: str) -> Defect:
    """Give the one defect of a text that is no ARN."""
    broken = Broken(text, wildcards=False)
    for diagnose in (*_DIAGNOSES, _too_few_parts):
        defect = diagnose(broken)
        if defect is not None:
            return defect
    return _not_an_arn(broken)


def diagnose_pattern(text: str) -> Defect | None:
    """Give the one defect of a Resource pattern, as a warning: the pattern matches nothing."""
    variable = text.find("${")
    if variable >= 0 and text.count(":", 0, variable) < 5:
        return _early_variable(text, variable)
    broken = Broken(text, wildcards=True)
    for diagnose in (*_DIAGNOSES, _short_pattern):
        defect = diagnose(broken)
        if defect is not None:
            return as_warning(defect)
    return None


def offer(mended: str) -> str:
    """Give the help line with a mended ARN, if it is one now."""
    parts = mended.split(":", 5)
    if len(parts) == 6 and is_ordinary(parts, wildcards=True):
        return f"write `{mended}`"
    return ""


# ---- the diagnoses, in the order in which they are asked ----------------------------------


def _white_space(broken: Broken) -> Defect | None:
    text = broken.text
    stripped = text.strip()
    head = ":".join(broken.parts[:5]) if broken.is_whole else text
    if not stripped:
        return None
    if text[0].isspace():
        span, mended = Span(0, text.index(stripped[0])), stripped
    elif text[-1].isspace():
        span, mended = Span(len(stripped), len(text)), stripped
    else:
        place = next((i for i, char in enumerate(head) if char.isspace()), None)
        if place is None or not text.startswith("arn:"):
            return None
        span, mended = Span(place, place + 1), "".join(head.split()) + text[len(head) :]
    return Defect(
        "PE0210",
        f"the ARN {quote(text)} has white space in it",
        span,
        "white space",
        offer(mended) or f"the form is {FORM}",
    )


def _wrong_prefix(broken: Broken) -> Defect | None:
    text, parts = broken.text, broken.parts
    folded = text.lower()
    if parts[0] == "arn":
        return None
    if folded.startswith("arn:"):
        mended, why, span = "arn" + text[3:], "`arn` is lower case", Span(0, 3)
    elif parts[0] in PARTITIONS and len(parts) > 2:
        mended, why, span = "arn:" + text, "`arn:` is missing here", Span(0, len(parts[0]))
    elif parts[0] == "" and len(parts) > 1 and parts[1] in PARTITIONS:
        mended, why, span = "arn" + text, "`arn` is missing here", Span(0, 1)
    elif folded.startswith("s3://") and len(text) > 5:
        mended, why, span = "arn:aws:s3:::" + text[5:], "a URL, no ARN", Span(0, 5)
    else:
        return None
    return Defect(
        "PE0204",
        f"the ARN {quote(text)} does not start with `arn:`",
        span,
        why,
        offer(mended) or f"the form is {FORM}",
    )


def _wrong_separator(broken: Broken) -> Defect | None:
    """Look for parts that something else keeps apart: `arn/aws/…`, `arn:aws/s3:…`."""
    text = broken.text
    place = _separator_after_partition(text) if text.startswith("arn:") else 3
    if text[:3].lower() != "arn" or text[place : place + 1] not in _SEPARATORS:
        return None
    separator = text[place]
    colons = text.count(":", 0, place)
    mended = text[:place] + text[place:].replace(separator, ":", 5 - colons)
    return Defect(
        "PE0205",
        f"the parts of the ARN {quote(text)} are not separated by colons",
        Span(place, place + 1),
        "expected `:`",
        offer(mended) or f"the form is {FORM}",
    )


def _separator_after_partition(text: str) -> int:
    """Find where something else than a colon ends the partition; the end of the text if not."""
    for partition in PARTITIONS:
        end = 4 + len(partition)
        if text.startswith(partition, 4) and text[end : end + 1] in _SEPARATORS - {"-"}:
            return end
    return len(text)


def _no_prefix(broken: Broken) -> Defect | None:
    return None if broken.parts[0] == "arn" and len(broken.parts) > 1 else _not_an_arn(broken)


def _not_an_arn(broken: Broken) -> Defect:
    text = broken.text
    return Defect(
        "PE0212",
        f"{quote(text)} is not an ARN" if text else "an ARN is expected, the text is empty",
        Span(0, len(text)),
        "expected `arn:`",
        f"the form is {FORM}",
    )


def _unknown_partition(broken: Broken) -> Defect | None:
    partition = broken.parts[1]
    if is_partition(partition, broken.wildcards):
        return None
    name = nearest(partition, PARTITIONS) if partition else "aws"
    help_ = "partitions are " + ", ".join(PARTITIONS)
    if name:
        help_ = broken.offer(1, name) or f"did you mean `{name}`?"
    return Defect(
        "PE0206",
        f"AWS has no partition {quote(partition)}"
        if partition
        else f"the ARN {quote(broken.text)} has no partition",
        broken.span(1),
        f"expected `{name or 'aws'}`",
        help_,
    )


def _wrong_service(broken: Broken) -> Defect | None:
    if len(broken.parts) < 3 or is_service(broken.parts[2], broken.wildcards):
        return None
    service = broken.parts[2]
    lower = service.lower()
    if lower != service and is_service(lower, broken.wildcards):
        return Defect(
            "PE0208",
            f"the service {quote(service)} of the ARN {quote(broken.text)} is not in lower case",
            broken.span(2),
            f"expected `{lower}`",
            broken.offer(2, lower) or f"the form is {FORM}",
        )
    return Defect(
        "PE0215",
        f"{quote(service)} is not the name of a service"
        if service
        else f"the ARN {quote(broken.text)} has no service",
        broken.span(2),
        "expected a service such as `s3`",
        f"the form is {FORM}",
    )


def _missing_colon(broken: Broken) -> Defect | None:
    """Look for fewer than six parts of which it can be told where a colon is missing."""
    parts = broken.parts
    if len(parts) not in (4, 5):
        return None
    service, upto, rest = parts[2], ":".join(parts[:3]), ":".join(parts[3:])
    if service in ("s3", "route53") and not _looks_like_place(parts[3]):
        mended, colons, has_no = f"{upto}:::{rest.lstrip(':')}", ":::", "region and no account here"
        if not rest.strip(":*"):
            return None
    elif service in REGIONLESS and len(parts) == 5 and _looks_like_account(parts[3]):
        mended, colons, has_no = f"{upto}::{rest}", "::", "region"
    else:
        return None
    return Defect(
        "PE0201",
        f"not an ARN: {quote(broken.text)} has {len(parts)} parts, 6 expected",
        Span(len(upto), len(upto) + 1),
        f"a colon is missing here: {_called(service)} has no {has_no}, so `{service}{colons}`",
        offer(mended) or f"the form is {FORM}",
    )


def _account_in_region(broken: Broken) -> Defect | None:
    if not broken.is_whole or not _looks_like_account(broken.parts[3]):
        return None
    _, _, service, account, other, resource = broken.parts
    upto, mended = ":".join(broken.parts[:3]), ""
    if service in REGIONLESS and other:
        mended = f"{upto}::{account}:{other}:{resource}"
    elif other == "" or _looks_like_region(other):
        mended = f"{upto}:{other}:{account}:{resource}"
    return Defect(
        "PE0202",
        f"the region of the ARN {quote(broken.text)} is an account id",
        broken.span(3),
        "an account id, a region is expected here",
        offer(mended) or f"the form is {FORM}",
    )


def _wrong_region(broken: Broken) -> Defect | None:
    if not broken.is_whole:
        return None
    region, service = broken.parts[3], broken.parts[2]
    if not is_region(region):
        return Defect(
            "PE0216",
            f"{quote(region)} is not a region",
            broken.span(3),
            "expected a region such as `eu-west-1`",
            broken.offer(3, region.lower()) or f"the form is {FORM}",
        )
    if region and service in REGIONLESS and not has_wildcard(region):
        return Defect(
            "PE0214",
            f"ARNs of {_called(service)} have no region, this one has {quote(region)}",
            broken.span(3),
            "leave this part empty",
            broken.offer(3, "") or f"the form is {FORM}",
        )
    return None


def _wrong_account(broken: Broken) -> Defect | None:
    if not broken.is_whole or is_account(broken.parts[4]):
        return None
    account = broken.parts[4]
    message = f"{quote(account)} is not an account id: 12 digits expected"
    label, help_ = "not 12 digits", ""
    if account.isascii() and account.isdigit():
        message = f"account id in an ARN has {len(account)} digits, 12 expected"
        label = f"{len(account)} digits"
        if len(account) == 11:
            help_ = f"is a leading zero lost? `0{account}`"
    elif is_account_id(account.replace("-", "")):
        help_ = broken.offer(4, account.replace("-", ""))
    return Defect(
        "PE0203", message, broken.span(4), label, help_ or f"this is part 5 of 6 in {FORM}"
    )


def _empty_resource(broken: Broken) -> Defect | None:
    if not broken.is_whole or broken.parts[5]:
        return None
    size = len(broken.text)
    return Defect(
        "PE0209",
        f"the ARN {quote(broken.text)} names no resource",
        Span(size - 1, size),
        "the resource is missing after this colon",
        f"the form is {FORM}",
    )


def _bucket_with_account(broken: Broken) -> Defect | None:
    if not broken.is_whole or broken.parts[2] != "s3":
        return None
    _, partition, _, region, account, resource = broken.parts
    if not (region or account) or may_have_account(resource, broken.parts):
        return None
    return Defect(
        "PE0207",
        "bucket and object ARNs have no region or account",
        Span(broken.span(3).start, broken.span(4).end),
        "leave these parts empty",
        offer(f"arn:{partition}:s3:::{resource}") or f"the form is {FORM}",
    )


_DIAGNOSES: tuple[Callable[[Broken], Defect | None], ...] = (
    _white_space,
    _wrong_prefix,
    _wrong_separator,
    _no_prefix,
    _unknown_partition,
    _wrong_service,
    _missing_colon,
    _account_in_region,
    _wrong_region,
    _wrong_account,
    _empty_resource,
    _bucket_with_account,
)


def _too_few_parts(broken: Broken) -> Defect | None:
    if broken.is_whole:
        return None
    missing = _NAMES[len(broken.parts) :]
    label = "the resource is missing"
    if len(broken.parts) == 5 and not _looks_like_account(broken.parts[4]):
        label = "the region or the account is missing"
    elif len(missing) > 1:
        label = f"{', '.join(missing[:-1])} and {missing[-1]} are missing"
    return Defect(
        "PE0211",
        f"not an ARN: {quote(broken.text)} has {len(broken.parts)} parts, 6 expected",
        Span(0, len(broken.text)),
        label,
        f"the form is {FORM}",
    )


# ---- patterns -----------------------------------------------------------------------------


def _short_pattern(broken: Broken) -> Defect | None:
    """Look for a pattern that AWS completes, in some kinds of policy (R-MATCH-03)."""
    if broken.is_whole:
        return None
    size = len(broken.parts)
    return warning(
        "PE0211",
        f"the ARN pattern {quote(broken.text)} has {size} parts, 6 expected: AWS completes it "
        "with `*`, refuses it or lets it match nothing, by the kind of policy",
        Span(0, len(broken.text)),
        label=f"{size} parts",
        help=offer(broken.text + ":*" * (6 - size)) or f"the form is {FORM}",
    )


def _early_variable(text: str, start: int) -> Defect:
    end = text.find("}", start) + 1 or len(text)
    return warning(
        "PE0213",
        f"the policy variable {quote(text[start:end])} stands before the fifth colon of an ARN, "
        "so the value matches nothing",
        Span(start, end),
        label="variables belong into the resource part",
        help="use `*` here and compare the account or region in a condition",
    )


# ---- what a part looks like ---------------------------------------------------------------


def _called(service: str) -> str:
    return service.upper() if service in ("iam", "s3", "sts") else service


def _looks_like_account(text: str) -> bool:
    """Tell whether the text was meant to be an account; `_wrong_account` counts its digits."""
    is_digits = text.isascii() and text.isdigit()
    return text in ("aws", "cloudfront") or (is_digits and len(text) > 8)


def _looks_like_region(text: str) -> bool:
    head, _, number = text.rpartition("-")
    return "-" in head and number.isascii() and number.isdigit() and len(number) < 3


def _looks_like_place(text: str) -> bool:
    return _looks_like_account(text) or _looks_like_region(text)
