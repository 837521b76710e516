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
    is_partition,
    is_region,
    is_service,
    may_have_account,
    read_arn,
)
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.parsing.nearest import nearest
from policyeval.source import Span

FORM = "arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE"
_NAMES = ("partition", "service", "region", "account", "resource")
_SEPARATORS = frozenset("/;.,|_-：\\ ")


def diagnose_arn(text: str) -> Defect:
    """Give the one defect of a text that is no ARN."""
    parts = text.split(":", 5)
    for diagnose in _DIAGNOSES:
        defect = diagnose(text, parts)
        if defect is not None:
            return defect
    return _unknown_form(text)


def diagnose_pattern(text: str) -> Defect | None:
    """Give the one defect of a Resource pattern, as a warning: the pattern matches nothing."""
    variable = text.find("${")
    if variable >= 0 and text.count(":", 0, variable) < 5:
        return _early_variable(text, variable)
    parts = text.split(":", 5)
    for diagnose in _DIAGNOSES:
        defect = diagnose(text, parts)
        if defect is None or (defect.code in _CODES_OF_FIELDS and _is_legal_pattern(defect, parts)):
            continue
        return as_warning(defect)
    if len(parts) < 6:
        return _short_pattern(text, parts)
    return None if parts[0] == "arn" else as_warning(_unknown_form(text))


def _is_legal_pattern(defect: Defect, parts: list[str]) -> bool:
    """Tell whether what would be wrong in an ARN is right in a pattern."""
    check = is_partition if defect.code == "PE0206" else is_service
    part = parts[1] if defect.code == "PE0206" else parts[2]
    return check(part, True)


_CODES_OF_FIELDS = frozenset(("PE0206", "PE0208", "PE0215"))


def part_span(parts: list[str], index: int) -> Span:
    """Give the characters of one part."""
    start = sum(len(part) + 1 for part in parts[:index])
    return Span(start, start + len(parts[index]))


def _offer(mended: str) -> str:
    """Give the help line with a mended ARN, if it is one now."""
    if read_arn_shape(mended):
        return f"write `{mended}`"
    return ""


def read_arn_shape(text: str) -> bool:
    """Tell whether a mended text is an ARN pattern, so that it can be offered."""
    from policyeval.parsing.arn import is_ordinary

    parts = text.split(":", 5)
    return len(parts) == 6 and is_ordinary(parts, wildcards=True)


# ---- the diagnoses, in the order in which they are asked ----------------------------------


def _white_space(text: str, parts: list[str]) -> Defect | None:
    head = ":".join(parts[:5]) if len(parts) == 6 else text
    places = [i for i, char in enumerate(head) if char.isspace()]
    if not text.strip() or not (places or text != text.strip()):
        return None
    if text != text.strip():
        start = 0 if text[0].isspace() else len(text.rstrip())
        end = len(text) - len(text.lstrip()) if start == 0 else len(text)
        where, mended = "at its " + ("start" if start == 0 else "end"), text.strip()
    else:
        start, end, where = places[0], places[0] + 1, "inside"
        mended = "".join(head.split()) + text[len(head) :]
    return Defect(
        "PE0210",
        f"the ARN {quote(text)} has white space {where}",
        Span(start, end),
        "white space",
        _offer(mended),
    )


def _wrong_prefix(text: str, parts: list[str]) -> Defect | None:
    if parts[0] == "arn":
        return None
    folded = text.lower()
    if folded.startswith("arn:"):
        mended, why, span = "arn" + text[3:], "`arn` is lower case", Span(0, 3)
    elif parts[0] in PARTITIONS and len(parts) > 2:
        mended, why, span = "arn:" + text, "`arn:` is missing here", Span(0, len(parts[0]))
    elif text.startswith(":") and len(parts) > 1 and parts[1] in PARTITIONS:
        mended, why, span = "arn" + text, "`arn` is missing here", Span(0, 1)
    elif folded.startswith("s3://") and len(text) > 5:
        mended, why, span = "arn:aws:s3:::" + text[5:], "a URL, no ARN", Span(0, 5)
    else:
        return None
    return Defect(
        "PE0204", f"the ARN {quote(text)} does not start with `arn:`", span, why, _offer(mended)
    )


def _wrong_separator(text: str, parts: list[str]) -> Defect | None:  # noqa: ARG001
    """An ARN whose parts are kept apart by something else: `arn/aws/…`, `arn:aws/s3:…`."""
    if text[:3].lower() != "arn":
        return None
    for partition in sorted(PARTITIONS, key=len, reverse=True):
        end = 4 + len(partition)
        if text[4:end] == partition and text[3] in _SEPARATORS | {":"}:
            break
    else:
        partition, end = "", 0
    separator = text[3:4]
    if separator in _SEPARATORS and separator:
        at = 3
    elif partition and text[end : end + 1] in _SEPARATORS - {"-"} and text[end:]:
        at, separator = end, text[end]
    else:
        return None
    mended = text[:at] + text[at:].replace(separator, ":", 5 - text.count(":", 0, at))
    return Defect(
        "PE0205",
        f"the parts of the ARN {quote(text)} are not separated by colons",
        Span(at, at + 1),
        "expected `:`",
        _offer(mended) or f"the form is {FORM}",
    )


def _not_an_arn(text: str, parts: list[str]) -> Defect | None:
    return None if parts[0] == "arn" and len(parts) > 1 else _unknown_form(text)


def _unknown_form(text: str) -> Defect:
    what = f"{quote(text)} is not an ARN" if text else "an ARN is expected, the text is empty"
    return Defect(
        "PE0212",
        what,
        Span(0, len(text)),
        "expected `arn:`" if not text.startswith("arn:") else "not an ARN",
        f"the form is {FORM}",
    )


def _unknown_partition(text: str, parts: list[str]) -> Defect | None:
    if is_partition(parts[1], wildcards=False):
        return None
    name = nearest(parts[1], PARTITIONS)
    if parts[1] == "":
        name = "aws"
    mended = ":".join(["arn", name, *parts[2:]])
    return Defect(
        "PE0206",
        f"the ARN {quote(text)} has no partition"
        if parts[1] == ""
        else f"AWS has no partition {quote(parts[1])}",
        part_span(parts, 1),
        "expected " + (f"`{name}`" if name else "a partition such as `aws`"),
        (_offer(mended) or f"did you mean `{name}`?") if name else "partitions: "
        + ", ".join(PARTITIONS),
    )


def _upper_case_service(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 3 or parts[2] == parts[2].lower():
        return None
    lower = parts[2].lower()
    return Defect(
        "PE0208",
        f"the service {quote(parts[2])} of the ARN {quote(text)} is not in lower case",
        part_span(parts, 2),
        f"write `{lower}`",
        _offer(":".join([*parts[:2], lower, *parts[3:]])),
    )


def _wrong_service(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 3 or is_service(parts[2], wildcards=False):
        return None
    return Defect(
        "PE0215",
        f"the ARN {quote(text)} has no service"
        if parts[2] == ""
        else f"{quote(parts[2])} is not the name of a service",
        part_span(parts, 2),
        "expected a service such as `s3`",
        f"the form is {FORM}",
    )


def _missing_colon(text: str, parts: list[str]) -> Defect | None:
    """Fewer than six parts, and it can be told where a colon is missing."""
    if len(parts) not in (4, 5) or parts[3] in ("", "*") and parts[2] != "s3":
        return None
    service, rest = parts[2], ":".join(parts[3:])
    upto = ":".join(parts[:3])
    if service in ("s3", "route53") and not _looks_like_place(parts[3]):
        resource = rest.lstrip(":")
        missing, why = ":::", f"{_called(service)} has no region and no account here"
        mended = f"{upto}:::{resource}" if resource.strip("*") else ""
    elif service in REGIONLESS and len(parts) == 5 and _like_account(parts[3]):
        missing, why, mended = "::", f"{_called(service)} has no region", f"{upto}::{rest}"
    else:
        return None
    if not mended:
        return None
    return Defect(
        "PE0201",
        f"not an ARN: {quote(text)} has {len(parts)} parts, 6 expected",
        Span(len(upto), len(upto) + 1),
        f"a colon is missing here: {why}, so `{service}{missing}`",
        _offer(mended),
    )


def _too_few_parts(text: str, parts: list[str]) -> Defect | None:
    if len(parts) == 6:
        return None
    missing = _NAMES[len(parts) - 1 :]
    label = "the " + " and the ".join(missing[-2:]) + " missing"
    if len(parts) == 5 and parts[3] and not _like_account(parts[4]) and parts[4]:
        label = "the region or the account is missing"
    return Defect(
        "PE0211",
        f"not an ARN: {quote(text)} has {len(parts)} parts, 6 expected",
        Span(0, len(text)),
        label,
        f"the form is {FORM}",
    )


def _account_in_region(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 6 or not is_account_id(parts[3]):
        return None
    upto, account, other, resource = ":".join(parts[:3]), parts[3], parts[4], parts[5]
    if parts[2] in REGIONLESS and other:
        mended = f"{upto}::{account}:{other}:{resource}"
    elif other == "" or _looks_like_region(other):
        mended = f"{upto}:{other}:{account}:{resource}"
    else:
        mended = ""
    return Defect(
        "PE0202",
        f"the region of the ARN {quote(text)} is an account id",
        part_span(parts, 3),
        "an account id, a region is expected here",
        _offer(mended) or f"the form is {FORM}",
    )


def _wrong_region(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 6:
        return None
    region = parts[3]
    if not is_region(region):
        lower = region.lower()
        offer = _offer(":".join([*parts[:3], lower, *parts[4:]])) if lower != region else ""
        return Defect(
            "PE0216", f"{quote(region)} is not a region", part_span(parts, 3), "no region", offer
        )
    if region and parts[2] in REGIONLESS and not has_wildcard(region):
        return Defect(
            "PE0214",
            f"ARNs of {_called(parts[2])} have no region, this one has {quote(region)}",
            part_span(parts, 3),
            "leave this part empty",
            _offer(":".join([*parts[:3], "", *parts[4:]])),
        )
    return None


def _wrong_account(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 6 or is_account(parts[4]):
        return None
    account = parts[4]
    digits = "".join(char for char in account if char in "0123456789")
    if account.isascii() and account.isdigit():
        message = f"account id in an ARN has {len(account)} digits, 12 expected"
        label, mended = f"{len(account)} digits", account.zfill(12) if len(account) > 9 else ""
    else:
        message = f"{quote(account)} is not an account id: 12 digits expected"
        label, mended = "not 12 digits", digits
    help_ = f"this is part 5 of {FORM}"
    if len(account) == 11 and account.isdigit():
        help_ = f"a leading zero may be lost: `{account.zfill(12)}`"
    elif len(mended) == 12 and account != mended and not account.isdigit():
        help_ = _offer(":".join([*parts[:4], mended, parts[5]])) or help_
    return Defect("PE0203", message, part_span(parts, 4), label, help_)


def _empty_resource(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 6 or parts[5]:
        return None
    return Defect(
        "PE0209",
        f"the ARN {quote(text)} names no resource",
        Span(max(len(text) - 1, 0), len(text)),
        "the resource is missing after this colon",
        f"the form is {FORM}",
    )


def _bucket_with_account(text: str, parts: list[str]) -> Defect | None:
    if len(parts) < 6 or parts[2] != "s3" or not (parts[3] or parts[4]):
        return None
    if may_have_account(parts[5], parts):
        return None
    start = part_span(parts, 3).start
    return Defect(
        "PE0207",
        "bucket and object ARNs have no region or account",
        Span(start, part_span(parts, 4).end),
        "leave these parts empty",
        _offer(f"{':'.join(parts[:3])}:::{parts[5]}"),
    )


_DIAGNOSES: tuple[Callable[[str, list[str]], Defect | None], ...] = (
    _white_space,
    _wrong_prefix,
    _wrong_separator,
    _not_an_arn,
    _unknown_partition,
    _upper_case_service,
    _wrong_service,
    _missing_colon,
    _too_few_parts,
    _account_in_region,
    _wrong_region,
    _wrong_account,
    _empty_resource,
    _bucket_with_account,
)


# ---- patterns -----------------------------------------------------------------------------


def _short_pattern(text: str, parts: list[str]) -> Defect:
    completed = text + ":*" * (6 - len(parts))
    return warning(
        "PE0211",
        f"the ARN pattern {quote(text)} has {len(parts)} parts, 6 expected: AWS completes it "
        "with `*` in some kinds of policy and refuses it in others",
        Span(0, len(text)),
        label=f"{len(parts)} parts",
        help=_offer(completed),
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


def _like_account(text: str) -> bool:
    """Twelve digits, or what was meant to be: `_wrong_account` counts them afterwards."""
    return is_account_id(text) or text in ("aws", "cloudfront") or (
        len(text) > 8 and text.isascii() and text.isdigit()
    )


def _looks_like_region(text: str) -> bool:
    head, _, number = text.rpartition("-")
    return number.isascii() and number.isdigit() and len(number) < 3 and head.count("-") >= 1


def _looks_like_place(text: str) -> bool:
    return _like_account(text) or _looks_like_region(text)


__all__ = ["diagnose_arn", "diagnose_pattern", "part_span"]

_ = read_arn
