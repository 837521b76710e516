"""Conditions and variables: PE03xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0301",
        ERROR,
        "unknown condition operator",
        "AWS has no operator of this name. To leave the condition out would grant more than "
        "is written, or deny less, so the document is not evaluated.",
        wrong='"StringEqual": {...}',
        right='"StringEquals": {...}',
        rules="R-COND-02, R-COND-15",
    ),
    diagnostic(
        "PE0302",
        ERROR,
        "NullIfExists",
        "`Null` itself asks whether a key exists, so it has no `IfExists` form.",
        wrong='"NullIfExists": {"aws:TokenIssueTime": "true"}',
        right='"Null": {"aws:TokenIssueTime": "true"}',
        rules="R-COND-04",
    ),
    diagnostic(
        "PE0303",
        WARNING,
        "IfExists after a set prefix",
        "After `ForAllValues:` and `ForAnyValue:` the ending `IfExists` has no effect. On an "
        "absent key `ForAnyValue:` is false, `ForAllValues:` true, with and without it.",
        wrong='"ForAnyValue:StringLikeIfExists"',
        right='"ForAnyValue:StringLike", with a second statement for the absent key',
        rules="R-COND-04",
    ),
    diagnostic(
        "PE0304",
        WARNING,
        "set prefix before Null",
        "`ForAllValues:Null` always holds and `ForAnyValue:Null` never, whether the key "
        "exists or not: `Null` compares no values.",
        wrong='"ForAnyValue:Null"',
        right='"Null"',
        rules="R-COND-07",
    ),
    diagnostic(
        "PE0305",
        WARNING,
        "policy variable without a condition key",
        "Between the braces of a policy variable stands the name of a condition key, without "
        "white space. Another text never has a value, so the whole value matches nothing.",
        wrong="${aws: username}",
        right="${aws:username}",
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE0306",
        WARNING,
        "policy variable not closed",
        "After `${` no `}` follows, so the text is literal.",
        wrong="arn:aws:s3:::home/${aws:username",
        right="arn:aws:s3:::home/${aws:username}",
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE0307",
        WARNING,
        "policy variable in a document of 2008",
        "Policy variables came with version 2012-10-17. In a document of 2008-10-17, and in "
        "one without `Version`, the text is literal and matches no real name.",
        wrong='{"Statement": [... "${aws:username}" ...]}',
        right='{"Version": "2012-10-17", "Statement": [... "${aws:username}" ...]}',
        rules="R-LANG-01, R-MATCH-07",
    ),
    diagnostic(
        "PE0308",
        WARNING,
        "policy variable under an operator that has none",
        "Policy variables are replaced under string, ARN and Bool operators. Under numeric, "
        "date, IP address and binary operators the text is literal and no valid value.",
        wrong='"IpAddress": {"aws:SourceIp": "${aws:VpcSourceIp}"}',
        right='"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}',
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE0309",
        WARNING,
        "default of a policy variable not quoted",
        "The default of a policy variable stands in single quotes after a comma and a blank. "
        "Another form names no key, so the value matches nothing.",
        wrong="${aws:PrincipalTag/team, none}",
        right="${aws:PrincipalTag/team, 'none'}",
        rules="R-MATCH-07",
    ),
    diagnostic(
        "PE0310",
        WARNING,
        "condition key without a prefix",
        "Condition keys have a prefix: `aws:` for global keys, a service or an identity "
        "provider for others. No request carries a key without one.",
        wrong='"SourceIp": "203.0.113.7"',
        right='"aws:SourceIp": "203.0.113.7"',
        rules="R-COND-01",
    ),
    diagnostic(
        "PE0311",
        ERROR,
        "condition key twice in one block",
        "Letter case does not matter in condition keys, so both are the same key, and it "
        "would depend on the reader which one counts.",
        wrong='{"aws:SourceIp": "...", "aws:sourceip": "..."}',
        right='{"aws:SourceIp": ["...", "..."]}',
        rules="R-LANG-02, R-COND-01",
    ),
    diagnostic(
        "PE0312",
        ERROR,
        "condition value of the wrong kind",
        "A condition value is a string, number or boolean, or a list of them. Null and "
        "objects are none; to ask whether a key is absent, there is the operator `Null`.",
        wrong='"StringEquals": {"aws:PrincipalTag/team": null}',
        right='"Null": {"aws:PrincipalTag/team": "true"}',
        rules="R-LANG-06",
    ),
    diagnostic(
        "PE0313",
        WARNING,
        "empty list of condition values",
        "Without values a plain operator never holds and a negated one always. With "
        "`IfExists` and under `ForAllValues` it holds where the key is absent.",
        wrong='"StringEquals": {"aws:PrincipalOrgID": []}',
        right='"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}',
        rules="R-COND-16",
    ),
    diagnostic(
        "PE0314",
        WARNING,
        "not a number",
        "Numeric operators compare decimal numbers. Another text compares as false with "
        "everything (and as different under NumericNotEquals).",
        wrong='"NumericLessThan": {"s3:max-keys": "ten"}',
        right='"NumericLessThan": {"s3:max-keys": "10"}',
        rules="R-COND-08",
    ),
    diagnostic(
        "PE0315",
        WARNING,
        "not a date",
        "Date operators compare ISO 8601 dates, from the year alone to date and time with "
        "`Z` or an offset, and seconds since 1970.",
        wrong='"DateLessThan": {"aws:CurrentTime": "05/01/2026"}',
        right='"DateLessThan": {"aws:CurrentTime": "2026-05-01T00:00:00Z"}',
        rules="R-COND-09",
    ),
    diagnostic(
        "PE0316",
        WARNING,
        "year or epoch?",
        "Four digits under a date operator can be a year or seconds since 1970. policyeval "
        "reads them as seconds. Write the whole date.",
        wrong='"DateGreaterThan": {"aws:CurrentTime": "2026"}',
        right='"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}',
        rules="R-COND-09",
    ),
    diagnostic(
        "PE0317",
        WARNING,
        "not an IP address",
        "IP address operators take an address or a CIDR block, IPv4 or IPv6. Another text "
        "matches nothing, so under NotIpAddress it excludes nobody.",
        wrong='"IpAddress": {"aws:SourceIp": "203.0.113.*"}',
        right='"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}',
        rules="R-COND-11",
    ),
    diagnostic(
        "PE0318",
        WARNING,
        "host bits set in a CIDR block",
        "Bits after the prefix length count for nothing: the block is read from its first address on.",
        wrong='"203.0.113.7/24"',
        right='"203.0.113.0/24"',
        rules="R-COND-11",
    ),
    diagnostic(
        "PE0319",
        WARNING,
        "only private addresses under aws:SourceIp",
        "aws:SourceIp carries the public address of the caller, and is absent through a VPC "
        "endpoint. A private address never stands there; use aws:VpcSourceIp, aws:SourceVpc "
        "or aws:SourceVpce.",
        wrong='"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}',
        right='"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}',
        rules="R-COND-11",
    ),
    diagnostic(
        "PE0320",
        WARNING,
        "not base64",
        "BinaryEquals compares the bytes that a base64 text stands for, padding included. "
        "Another text matches nothing.",
        wrong='"BinaryEquals": {"key": "QmluYXJ"}',
        right='"BinaryEquals": {"key": "QmluYXJ5"}',
        rules="R-COND-13",
    ),
    diagnostic(
        "PE0321",
        WARNING,
        "Bool value other than true and false",
        "Bool compares `true` and `false`, in any letter case. Another text matches nothing.",
        wrong='"Bool": {"aws:SecureTransport": "yes"}',
        right='"Bool": {"aws:SecureTransport": "true"}',
        rules="R-COND-10",
    ),
    diagnostic(
        "PE0322",
        WARNING,
        "Null value other than true and false",
        "`Null` takes `true`, the key is absent, or `false`, it is there.",
        wrong='"Null": {"aws:TokenIssueTime": "null"}',
        right='"Null": {"aws:TokenIssueTime": "true"}',
        rules="R-COND-07",
    ),
    diagnostic(
        "PE0323",
        WARNING,
        "multi-valued key without a set prefix",
        "The key carries several values in one request, and a plain operator is false for "
        "more than one, whatever they are. Say with ForAnyValue that one must match, or with "
        "ForAllValues that all must.",
        wrong='"StringEquals": {"aws:TagKeys": "team"}',
        right='"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}',
        rules="R-COND-05, R-COND-06",
    ),
    diagnostic(
        "PE0324",
        WARNING,
        "not an ARN under an ARN operator",
        "ARN operators compare six parts one by one, and wildcards do not reach over the "
        "first five colons. A text of fewer parts matches nothing.",
        wrong='"ArnLike": {"aws:PrincipalArn": "*role/ci"}',
        right='"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}',
        rules="R-COND-12",
    ),
)
