"""What can be said about a condition from the document alone (R-COND).

Nothing here stops evaluation: the engine compares what it can, as AWS does.
"""

from __future__ import annotations

from collections.abc import Callable

from policyeval import literals
from policyeval.parsing.defect import Defect, quote, warning
from policyeval.parsing.placeholder import has_placeholder, placeholder_defect
from policyeval.parsing.reading import Reading
from policyeval.parsing.variable import literal_variable
from policyeval.policy import ConditionClause, ConditionOperator
from policyeval.source import Span

# Keys that carry several values in one request (R-COND-05).
MULTIVALUED = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)
_FAMILIES_WITH_VARIABLES = ("String", "Arn", "Bool")


def remark_on_clause(clause: ConditionClause, pointer: str, reading: Reading) -> None:
    """Add the remarks on one clause; `pointer` is that of its key."""
    operator = clause.operator
    for defect in _about_key(clause):
        reading.add(defect, pointer, key=True)
    if not clause.values:
        reading.add(_empty_list(operator), pointer)
    check = _check_of(operator)
    for i, value in enumerate(clause.values):
        text = value.text
        if value.variables or has_placeholder(text):
            continue
        found = _literal_variable(text, operator, reading) if "${" in text else None
        if found is None and check is not None:
            found = check(text, operator)
        if found is not None:
            reading.add(found, f"{pointer}/{i}")
    if check is _check_address:
        _remark_on_private(clause, pointer, reading)


# ---- about the key ------------------------------------------------------------------------


def _about_key(clause: ConditionClause) -> list[Defect]:
    key, operator = clause.key, clause.operator
    if has_placeholder(key):
        return [placeholder_defect(key)]
    if ":" not in key:
        return [
            warning(
                "PE0310",
                f"the condition key {quote(key)} has no prefix, so no request carries it",
                label="expected `service:Key`",
                help=f"global keys start with `aws:`, as in `aws:{key or 'SourceIp'}`",
            )
        ]
    if key.lower() in MULTIVALUED and not operator.quantifier and operator.name != "Null":
        return [_needs_set_operator(key, operator)]
    return []


def _needs_set_operator(key: str, operator: ConditionOperator) -> Defect:
    return warning(
        "PE0323",
        f"the key {quote(key)} carries several values, and `{operator.text}` is false for more "
        "than one",
        label="a multi-valued key without ForAllValues or ForAnyValue",
        help=f"write `ForAnyValue:{operator.text}` or `ForAllValues:{operator.text}`",
    )


def _empty_list(operator: ConditionOperator) -> Defect:
    """Say what a condition without values comes to (R-COND-16)."""
    if operator.quantifier == "ForAnyValue":
        answer = "never holds"
    elif operator.quantifier or operator.if_exists:
        answer = "holds only where the key is absent"
    else:
        answer = "always holds" if "Not" in operator.name else "never holds"
    return warning(
        "PE0313",
        f"`{operator.text}` has an empty list of values, so it {answer}",
        label="empty",
        help="name a value, or remove the condition",
    )


# ---- about a value ------------------------------------------------------------------------


def _check_of(
    operator: ConditionOperator,
) -> Callable[[str, ConditionOperator], Defect | None] | None:
    name = operator.name
    if name.startswith("String"):
        return None
    for start, check in _CHECKS.items():
        if name.startswith(start):
            return check
    return None


def _literal_variable(text: str, operator: ConditionOperator, reading: Reading) -> Defect | None:
    """Say where `${…}` is no variable: in documents of 2008, in other operators (R-MATCH-07)."""
    start = text.find("${")
    end = text.find("}", start) + 1
    if not end:
        return None
    resolves = operator.name.startswith(_FAMILIES_WITH_VARIABLES)
    if not reading.variables and resolves:
        return literal_variable(text)
    if resolves:
        return None  # `${*}` and the like
    return warning(
        "PE0308",
        f"{quote(text[start:end])} is literal text under `{operator.text}`",
        Span(start, end),
        label="no variable here",
        help="policy variables work with string, ARN and Bool operators",
    )


def _check_number(text: str, operator: ConditionOperator) -> Defect | None:
    if literals.read_number(text) is not None:
        return None
    return _no_literal("PE0314", text, "a number", operator, "write a decimal, as in `10` or `0.5`")


def _check_date(text: str, operator: ConditionOperator) -> Defect | None:
    if literals.is_epoch(text):
        if len(text) != 4:
            return None
        return warning(
            "PE0316",
            f"{quote(text)} is read as seconds after 1970-01-01: year or epoch?",
            Span(0, len(text)),
            label="seconds, not a year",
            help=f"for the year write `{text}-01-01T00:00:00Z`",
        )
    if literals.read_instant(text) is not None:
        return None
    return _no_literal("PE0315", text, "a date", operator, "write it as in `2026-05-01T00:00:00Z`")


def _check_bool(text: str, operator: ConditionOperator) -> Defect | None:
    if text.lower() in ("true", "false"):
        return None
    return _no_literal("PE0321", text, "true or false", operator, "write `true` or `false`")


def _check_null(text: str, operator: ConditionOperator) -> Defect | None:
    if text.lower() in ("true", "false"):
        return None
    return _no_literal(
        "PE0322",
        text,
        "true or false",
        operator,
        "`true` asks that the key is absent, `false` that it is there",
    )


def _check_base64(text: str, operator: ConditionOperator) -> Defect | None:
    if literals.read_bytes(text) is not None:
        return None
    return _no_literal("PE0320", text, "base64", operator, "encode the bytes, with the padding `=`")


def _check_arn(text: str, operator: ConditionOperator) -> Defect | None:
    parts = text.split(":", 5)
    if len(parts) == 6 and (parts[0] == "arn" or "*" in parts[0]):
        return None
    return _no_literal(
        "PE0324",
        text,
        "an ARN of six parts",
        operator,
        "wildcards do not reach over the first five colons: write `arn:*:*:*:*:*` for any ARN",
    )


def _check_address(text: str, operator: ConditionOperator) -> Defect | None:
    network = literals.read_network(text)
    if network is None:
        return _no_literal(
            "PE0317",
            text,
            "an IP address or CIDR block",
            operator,
            "write it as in `203.0.113.0/24` or `2001:db8::/32`",
        )
    if literals.has_host_bits(text, network):
        block = literals.network_text(network)
        return warning(
            "PE0318",
            f"{quote(text)} has bits set after its prefix: it means `{block}`",
            Span(0, len(text)),
            label="host bits are set",
            help=f"write `{block}`",
        )
    return None


_CHECKS: dict[str, Callable[[str, ConditionOperator], Defect | None]] = {
    "Numeric": _check_number,
    "Date": _check_date,
    "Bool": _check_bool,
    "Null": _check_null,
    "Binary": _check_base64,
    "Arn": _check_arn,
    "IpAddress": _check_address,
    "NotIpAddress": _check_address,
}


def _no_literal(code: str, text: str, what: str, operator: ConditionOperator, help: str) -> Defect:
    return warning(
        code,
        f"{quote(text)} under `{operator.text}` is not {what}, so it matches nothing",
        Span(0, len(text)),
        label=f"expected {what}",
        help=help,
    )


def _remark_on_private(clause: ConditionClause, pointer: str, reading: Reading) -> None:
    """Only private ranges under aws:SourceIp, which carries public addresses (R-COND-11)."""
    if clause.key.lower() != "aws:sourceip" or not clause.values:
        return
    networks = [literals.read_network(value.text) for value in clause.values]
    if not all(network is not None and literals.is_private(network) for network in networks):
        return
    never = "always holds" if clause.operator.name.startswith("Not") else "never matches"
    reading.add(
        warning(
            "PE0319",
            f"`{clause.key}` lists only private addresses, so it {never}: AWS sees the public "
            "address of the caller",
            label="private ranges alone",
            help="name public ranges, or compare `aws:VpcSourceIp`, `aws:SourceVpc` or "
            "`aws:SourceVpce`",
        ),
        pointer,
        key=True,
    )
