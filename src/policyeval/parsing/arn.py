"""ARNs and ARN patterns (R-ARN); normative form: grammars/arn.lark.

    arn : "arn" ":" partition ":" service ":" [region] ":" [account] ":" resource

In a Resource pattern, wildcards may stand in every part.
"""

from __future__ import annotations

from functools import lru_cache

from policyeval.arn import PARTITIONS, Arn
from policyeval.errors import InvalidArnError
from policyeval.finding import Severity
from policyeval.parsing.defect import LONGEST_REMEMBERED, Defect

_PARTITIONS = frozenset(PARTITIONS)
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz-")
_DIGITS = frozenset("0123456789")
_WILDCARDS = frozenset("*?")

# Services whose ARNs have no region (R-ARN-02).
REGIONLESS = frozenset(
    {
        "budgets",
        "cloudfront",
        "globalaccelerator",
        "iam",
        "organizations",
        "route53",
        "shield",
        "sts",
    }
)
# What S3 ARNs with an account may name; buckets and objects have neither region nor account.
_S3_WITH_ACCOUNT = frozenset(
    {
        "access-grants",
        "accesspoint",
        "async-request",
        "job",
        "outpost",
        "storage-lens",
        "storage-lens-group",
    }
)


def parse_arn(text: str) -> Arn:
    """Give the ARN of something that exists.

    A `*` in it is literal text. Raises `InvalidArnError` with one finding that says which part is
    wrong and, where it can be told, offers the mended text (R-ARN-03).
    """
    arn, defect = read_arn(text)
    if arn is None:
        assert defect is not None
        raise InvalidArnError(defect.message, (defect.in_text(text),))
    return arn


def read_arn(text: str) -> tuple[Arn | None, Defect | None]:
    """Give the ARN, or what is wrong with the text."""
    parts = text.split(":", 5)
    if len(parts) == 6 and is_ordinary(parts, wildcards=False):
        return Arn(*parts[1:]), None
    from policyeval.parsing.arn_defects import diagnose_arn

    return None, diagnose_arn(text)


def arn_pattern_defect(text: str) -> Defect | None:
    """Tell why a Resource pattern matches nothing, or not what it seems to (R-MATCH-03).

    Wildcards may stand in every part, policy variables after the fifth colon (R-MATCH-07).
    """
    if text == "*":
        return None
    parts = text.split(":", 5)
    if len(parts) == 6 and is_ordinary(parts, wildcards=True):
        return None
    from policyeval.parsing.arn_defects import diagnose_pattern

    return diagnose_pattern(text)


def is_ordinary(parts: list[str], *, wildcards: bool) -> bool:
    """Tell whether six parts make a well-formed ARN, or ARN pattern."""
    prefix, partition, service, region, account, resource = parts
    if prefix != "arn" or not resource or resource[-1].isspace():
        return False
    if service == "s3" and (region or account) and not may_have_account(resource, parts):
        return False
    if len(partition) + len(service) + len(region) + len(account) > LONGEST_REMEMBERED:
        return _is_ordinary_head(partition, service, region, account, wildcards)
    return _is_remembered_head(partition, service, region, account, wildcards)


@lru_cache(maxsize=2048)
def _is_remembered_head(
    partition: str, service: str, region: str, account: str, wildcards: bool
) -> bool:
    return _is_ordinary_head(partition, service, region, account, wildcards)  # they recur


def _is_ordinary_head(
    partition: str, service: str, region: str, account: str, wildcards: bool
) -> bool:
    """Tell whether the parts before the resource are well formed."""
    if not (is_partition(partition, wildcards) and is_service(service, wildcards)):
        return False
    if not is_region(region) or not is_account(account):
        return False
    return not (region and service in REGIONLESS and _WILDCARDS.isdisjoint(region))


def is_partition(text: str, wildcards: bool) -> bool:
    """Tell whether AWS has this partition, or a pattern may name one (R-ARN-01)."""
    return text in _PARTITIONS or (wildcards and has_wildcard(text) and is_word(text))


def is_service(text: str, wildcards: bool) -> bool:
    """Tell whether the text can be a service: lower case, with a letter."""
    if wildcards and has_wildcard(text):
        return is_word(text)
    return text != "" and _WORD.issuperset(text) and not _DIGITS.issuperset(text)


def is_region(text: str) -> bool:
    """Tell whether the text can be a region; empty is one, digits alone are none (R-ARN-03)."""
    return text == "" or (is_word(text) and not _DIGITS.issuperset(text))


def is_account(text: str) -> bool:
    """Tell whether the text can stand in the account part.

    Nothing, twelve digits, a word such as `aws` or `cloudfront`, or something with wildcards.
    """
    if _DIGITS.issuperset(text):
        return len(text) in (0, 12)
    return _LETTERS.issuperset(text) or (has_wildcard(text) and is_word(text))


def is_word(text: str) -> bool:
    """Tell whether the text has but lower-case letters, digits, hyphens and wildcards."""
    return (_WORD | _WILDCARDS).issuperset(text)


def has_wildcard(text: str) -> bool:
    """Tell whether the text has a `*` or a `?`."""
    return "*" in text or "?" in text


def may_have_account(resource: str, parts: list[str]) -> bool:
    """Tell whether an S3 ARN with region or account can be right (access points, jobs, …)."""
    kind = resource.split("/", 1)[0].split(":", 1)[0]
    if kind in _S3_WITH_ACCOUNT or has_wildcard(kind):
        return True
    # A wildcard matches the empty region or account of a bucket.
    return all(part.strip("*") == "" for part in (parts[3], parts[4]))


def as_warning(defect: Defect) -> Defect:
    """Give a defect of an ARN pattern: such a pattern stops nothing, it matches nothing."""
    return Defect(
        defect.code, defect.message, defect.span, defect.label, defect.help, Severity.WARNING
    )
