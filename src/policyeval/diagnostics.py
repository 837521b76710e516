"""Every diagnostic code: what it means, why it matters on AWS, and how to mend it.

For `policyeval explain CODE` alone: findings carry their own message and help, so nothing else
imports this module. PE00xx the document as JSON, PE01xx the structure of policies, PE02xx ARNs,
PE03xx conditions and variables, PE04xx principals, PE05xx sizes, PE06xx what a kind of policy
may have.
"""

from __future__ import annotations

from policyeval.finding import Severity
from policyeval.value import Value


class Diagnostic(Value):
    """What a code means; `severity` is the usual one (an ARN in a policy only warns)."""

    code: str
    title: str
    severity: Severity
    text: str


DIAGNOSTICS: dict[str, Diagnostic] = {}


def render_diagnostic(diagnostic: Diagnostic, width: int = 80) -> str:
    """Give the page of `policyeval explain`: code, title, and the text wrapped to a width."""
    from textwrap import wrap

    severity = diagnostic.severity.value
    lines = [f"{diagnostic.code} ({severity}): {diagnostic.title}", ""]
    for line in diagnostic.text.split("\n"):
        # Examples stay on one line, so that they can be copied.
        lines += [line] if line[6:8] == "  " or not line else wrap(line, width)
    return "\n".join(lines)


_ERROR, _WARNING, _NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def _add(
    code: str,
    severity: Severity,
    title: str,
    text: str,
    *,
    wrong: str = "",
    right: str = "",
    rules: str = "",
) -> None:
    """Put a diagnostic into the catalogue."""
    lines = [text]
    lines += [f"wrong:  {wrong}"] if wrong else []
    lines += [f"right:  {right}"] if right else []
    lines += [f"rules:  {rules} (docs/semantics.md)"] if rules else []
    whole = "\n".join([lines[0], "", *lines[1:]]) if len(lines) > 1 else text
    DIAGNOSTICS[code] = Diagnostic(code, title, severity, whole)


# ---- PE00xx: the document as JSON ---------------------------------------------------------
_add(
    "PE0001",
    _ERROR,
    "document too large",
    "The largest policy that AWS takes has 32,768 characters; documents of more than 16 "
    "MiB are not read at all. Most often the file is something else, such as an account "
    "export or a log.",
    rules="R-LANG-10",
)
_add(
    "PE0002",
    _WARNING,
    "byte order mark",
    "The file starts with U+FEFF, which some Windows programs write. AWS refuses such a "
    "document; policyeval skips the mark and reads on.",
    rules="R-LANG-10",
)
_add(
    "PE0003",
    _ERROR,
    "document in UTF-16",
    "The bytes are UTF-16, which is what PowerShell's `>` writes. JSON is exchanged as "
    "UTF-8. Save the file as UTF-8 without a byte order mark.",
    rules="R-LANG-10",
)
_add(
    "PE0004",
    _ERROR,
    "bytes that are not UTF-8",
    "A byte of the file belongs to no UTF-8 character, most often since an editor saved "
    "it in a national encoding. Save the file as UTF-8.",
    rules="R-LANG-10",
)
_add(
    "PE0005",
    _ERROR,
    "empty document",
    "The text has no characters but white space. A policy is a JSON object.",
    right='{"Version": "2012-10-17", "Statement": []}',
    rules="R-LANG-01",
)
_add(
    "PE0006",
    _ERROR,
    "not JSON",
    "The text is no JSON: at the place shown something else must stand, and the message says what.",
    wrong='{Version: "2012-10-17"}',
    right='{"Version": "2012-10-17"}',
    rules="R-LANG-10",
)
_add(
    "PE0007",
    _ERROR,
    "typographic quotation marks",
    "Word processors, wikis and chat programs replace straight quotation marks by curly "
    "ones. JSON knows only the straight one.",
    wrong="{\u201cEffect\u201d: \u201cAllow\u201d}",
    right='{"Effect": "Allow"}',
    rules="R-LANG-10",
)
_add(
    "PE0008",
    _ERROR,
    "single quotes",
    "Strings and names in JSON stand in double quotes. Single quotes come from Python, "
    "or from a shell that took the double quotes away.",
    wrong="{'Effect': 'Allow'}",
    right='{"Effect": "Allow"}',
    rules="R-LANG-10",
)
_add(
    "PE0009",
    _ERROR,
    "comma before a closing bracket",
    "JSON has commas between entries and none after the last one. AWS refuses the document.",
    wrong='["s3:GetObject", "s3:PutObject",]',
    right='["s3:GetObject", "s3:PutObject"]',
    rules="R-LANG-10",
)
_add(
    "PE0010",
    _ERROR,
    "comment",
    "JSON has no comments, and AWS refuses a policy that has one. A `Sid` can say what a "
    "statement is for.",
    wrong='"Effect": "Allow" // for the CI',
    right='"Sid": "ForTheCI", "Effect": "Allow"',
    rules="R-LANG-10",
)
_add(
    "PE0011",
    _ERROR,
    "missing comma",
    "Two entries of a list or object stand next to each other without a comma. The place "
    "shown is the end of the first.",
    wrong='"Effect": "Allow" "Action": "s3:*"',
    right='"Effect": "Allow", "Action": "s3:*"',
    rules="R-LANG-10",
)
_add(
    "PE0012",
    _ERROR,
    "NaN or Infinity",
    "Python and JavaScript write these where a number is expected, but they are not JSON.",
    wrong='{"NumericLessThan": {"s3:max-keys": NaN}}',
    right='{"NumericLessThan": {"s3:max-keys": "10"}}',
    rules="R-LANG-10",
)
_add(
    "PE0013",
    _ERROR,
    "nested too deep",
    "The document nests more than 100 levels of lists and objects. A policy needs six. "
    "Such a document is broken or hostile, and it is not read further.",
    rules="R-LANG-10",
)
_add(
    "PE0014",
    _ERROR,
    "half a surrogate pair",
    "Characters outside the basic plane are written as a pair of escapes. One half alone "
    "is no character and cannot be sent to AWS.",
    wrong='"\\ud83d"',
    right='"\\ud83d\\ude00"',
    rules="R-LANG-10",
)
_add(
    "PE0015",
    _WARNING,
    "character that IAM documents may not have",
    "IAM accepts tab, line feed, carriage return and U+0020 to U+00FF in a document. "
    "Other characters, such as the dash or the blank that a word processor inserts, make "
    "AWS refuse it or match nothing.",
    rules="R-LANG-10",
)
_add(
    "PE0016",
    _ERROR,
    "repeated key",
    "One object has the same key twice. Most readers keep the last one in silence, so "
    "half of what is written would have no effect; AWS refuses the document. Put both "
    "values into one list.",
    wrong='{"Action": "s3:GetObject", "Action": "s3:PutObject"}',
    right='{"Action": ["s3:GetObject", "s3:PutObject"]}',
    rules="R-LANG-02",
)
_add(
    "PE0017",
    _ERROR,
    "text after the document",
    "The JSON value is complete, but more text follows: a bracket too many, a second "
    "document, or the output of another command.",
    wrong="{} {}",
    right="[{}, {}]",
    rules="R-LANG-10",
)
_add(
    "PE0018",
    _ERROR,
    "document ends too early",
    "The text ends inside a list, object or string. A closing bracket is missing, or the "
    "text was cut off when it was copied.",
    wrong='{"Statement": [',
    right='{"Statement": []}',
    rules="R-LANG-10",
)
_add(
    "PE0019",
    _ERROR,
    "string not closed",
    "A string has a line break or another control character in it, or is not closed at "
    "all. Line breaks inside strings are written as an escape.",
    wrong='"Sid": "Read',
    right='"Sid": "Read"',
    rules="R-LANG-10",
)
_add(
    "PE0020",
    _ERROR,
    "unknown escape",
    "After a backslash JSON knows only the escapes of double quote, backslash, slash, b, "
    "f, n, r, t, and u with four hexadecimal digits.",
    wrong='"a\\.b"',
    right='"a\\\\.b"',
    rules="R-LANG-10",
)
_add(
    "PE0021",
    _ERROR,
    "URL-encoded document",
    "The IAM API gives policy documents URL-encoded, and the text was kept that way. "
    "Decode it before it is used.",
    wrong="%7B%22Version%22...",
    right='{"Version": ...',
    rules="R-LANG-10",
)


# ---- PE01xx: the structure of policies ----------------------------------------------------
_add(
    "PE0101",
    _ERROR,
    "not a policy",
    "A policy document is one JSON object with `Version` and `Statement`. A list of "
    "statements alone, or a string, is none.",
    wrong='[{"Effect": "Allow", ...}]',
    right='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ...}]}',
    rules="R-LANG-01",
)
_add(
    "PE0102",
    _ERROR,
    "unknown element",
    "Element names are case-sensitive, and there are no others than `Version`, `Id`, "
    "`Statement`; inside a statement `Sid`, `Effect`, `Principal`, `NotPrincipal`, "
    "`Action`, `NotAction`, `Resource`, `NotResource`, `Condition`. AWS refuses a "
    "document with any other.",
    wrong='"Actions": "s3:*"',
    right='"Action": "s3:*"',
    rules="R-LANG-02",
)
_add(
    "PE0103",
    _ERROR,
    "missing element",
    "Each statement needs `Effect`, one of `Action` and `NotAction`, and one of "
    "`Resource` and `NotResource` (role trust policies have no resource); a policy needs "
    "`Statement`. Without them the document says nothing that could be evaluated.",
    wrong='{"Effect": "Allow", "Action": "s3:*"}',
    right='{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}',
    rules="R-LANG-03",
)
_add(
    "PE0104",
    _ERROR,
    "element and its Not form together",
    "A statement may have `Action` or `NotAction`, not both; the same holds for "
    "`Resource` and `Principal`. Make two statements of it.",
    wrong='{"Action": "s3:*", "NotAction": "s3:DeleteBucket"}',
    right="one statement that allows `s3:*`, and one that denies `s3:DeleteBucket`",
    rules="R-LANG-03",
)
_add(
    "PE0105",
    _ERROR,
    "unknown policy version",
    "`Version` names the version of the policy language, not the date of your policy. "
    "There are two: `2012-10-17` and the older `2008-10-17`, which has no policy "
    "variables. In YAML it must stand in quotes.",
    wrong='"Version": "2024-01-01"',
    right='"Version": "2012-10-17"',
    rules="R-LANG-01",
)
_add(
    "PE0106",
    _ERROR,
    "value of the wrong kind",
    "The element takes another kind of JSON value. Account ids are strings: as a number "
    "they would lose leading zeros.",
    wrong='{"AWS": 123456789012}',
    right='{"AWS": "123456789012"}',
    rules="R-LANG-01, R-LANG-06",
)
_add(
    "PE0107",
    _ERROR,
    "Effect is neither Allow nor Deny",
    "`Effect` is exactly `Allow` or `Deny`, with a capital letter.",
    wrong='"Effect": "allow"',
    right='"Effect": "Allow"',
    rules="R-LANG-03",
)
_add(
    "PE0108",
    _WARNING,
    "empty list",
    "An empty list of actions, resources or principals is legal in the language, but the "
    "statement then matches no request. AWS refuses it in most places.",
    wrong='"Action": []',
    right='"Action": "s3:GetObject"',
    rules="R-LANG-03",
)
_add(
    "PE0109",
    _WARNING,
    "character in a Sid",
    "IAM takes letters and digits in a `Sid`. Resource-based policies of some services take more.",
    wrong='"Sid": "read-only"',
    right='"Sid": "ReadOnly"',
    rules="R-LANG-09",
)
_add(
    "PE0110",
    _WARNING,
    "Sid not unique",
    "Two statements have the same `Sid`. AWS refuses the document, and a denial that "
    "names the statement would not say which one. It changes no decision here.",
    wrong='"Sid": "S1" twice',
    right='"Sid": "S1" and "Sid": "S2"',
    rules="R-LANG-09",
)
_add(
    "PE0111",
    _ERROR,
    "not an action",
    "An action has the prefix of its service, a colon and a name, or is `*` for every "
    "action of every service.",
    wrong='"Action": "GetObject"',
    right='"Action": "s3:GetObject"',
    rules="R-MATCH-01",
)
_add(
    "PE0112",
    _ERROR,
    "wildcard in the service of an action",
    "Wildcards may stand in the name of an action, not in the prefix of its service. AWS "
    "refuses the document.",
    wrong='"Action": "s*:GetObject"',
    right='"Action": "s3:Get*"',
    rules="R-MATCH-01",
)
_add(
    "PE0113",
    _ERROR,
    "character that actions do not have",
    "Actions are made of letters, digits and the wildcards `*` and `?`. White space, "
    "slashes and policy variables have no place in them.",
    wrong='"Action": "s3: GetObject"',
    right='"Action": "s3:GetObject"',
    rules="R-MATCH-01",
)
_add(
    "PE0114",
    _NOTE,
    "placeholder",
    "The text looks like a placeholder that nobody has filled in, such as `<my-org-id>`, "
    "`[ROLE_NAME]` or `${Account}`. As it stands it is compared literally, or matches "
    "nothing; nothing else is said about such a value.",
    wrong='"aws:PrincipalOrgID": "<my-org-id>"',
    right='"aws:PrincipalOrgID": "o-a1b2c3d4e5"',
    rules="R-LANG-10",
)


# ---- PE02xx: ARNs -------------------------------------------------------------------------
_add(
    "PE0201",
    _ERROR,
    "missing colon in an ARN",
    "An ARN has six parts, and a part that is empty still has its colon. IAM has no "
    "region, so two colons follow `iam`; S3 buckets have neither region nor account, so "
    "three follow `s3`. In a policy such a pattern matches nothing of what was meant, "
    "which is why it is only a warning there.",
    wrong="arn:aws:iam:123456789012:user/username",
    right="arn:aws:iam::123456789012:user/username",
    rules="R-ARN-03, R-MATCH-03",
)
_add(
    "PE0202",
    _ERROR,
    "account id in place of the region",
    "The fourth part of an ARN is the region, the fifth the account. Here the account "
    "stands in the fourth.",
    wrong="arn:aws:sqs:123456789012:eu-west-1:orders",
    right="arn:aws:sqs:eu-west-1:123456789012:orders",
    rules="R-ARN-03",
)
_add(
    "PE0203",
    _ERROR,
    "account id with the wrong number of digits",
    "An account id has twelve digits, leading zeros included, and no hyphens. "
    "Spreadsheets and YAML drop leading zeros. A pattern with any other number matches "
    "no resource.",
    wrong="arn:aws:sqs:eu-west-1:22223333444:orders",
    right="arn:aws:sqs:eu-west-1:022223333444:orders",
    rules="R-ARN-03",
)
_add(
    "PE0204",
    _ERROR,
    "ARN without `arn:`",
    "Every ARN starts with `arn:` in lower case. A pattern that does not, other than "
    "`*`, matches nothing.",
    wrong="aws:iam::123456789012:role/ci",
    right="arn:aws:iam::123456789012:role/ci",
    rules="R-ARN-03, R-MATCH-03",
)
_add(
    "PE0205",
    _ERROR,
    "wrong separator in an ARN",
    "The parts of an ARN are separated by colons. Slashes and colons may follow in the "
    "last part only.",
    wrong="arn/aws/iam//123456789012/role/ci",
    right="arn:aws:iam::123456789012:role/ci",
    rules="R-ARN-03",
)
_add(
    "PE0206",
    _ERROR,
    "unknown partition",
    "The second part of an ARN is the partition: `aws`, `aws-cn` for China, `aws-us-gov` "
    "for GovCloud, `aws-iso` and its siblings, `aws-eusc` for the European Sovereign "
    "Cloud.",
    wrong="arn:asw:s3:::logs",
    right="arn:aws:s3:::logs",
    rules="R-ARN-01",
)
_add(
    "PE0207",
    _ERROR,
    "bucket ARN with region or account",
    "The name of a bucket is unique without region and account, so the ARNs of buckets "
    "and objects leave both empty. Access points, jobs and Storage Lens configurations "
    "have them.",
    wrong="arn:aws:s3:eu-west-1:222233334444:logs/*",
    right="arn:aws:s3:::logs/*",
    rules="R-ARN-02",
)
_add(
    "PE0208",
    _ERROR,
    "service not in lower case",
    "The service of an ARN is written in lower case, and ARNs compare case-sensitively.",
    wrong="arn:aws:S3:::logs",
    right="arn:aws:s3:::logs",
    rules="R-ARN-03",
)
_add(
    "PE0209",
    _ERROR,
    "ARN without a resource",
    "Nothing follows the fifth colon. An ARN names something, and a pattern without a "
    "resource matches nothing that has a name.",
    wrong="arn:aws:s3:::",
    right="arn:aws:s3:::logs",
    rules="R-ARN-01",
)
_add(
    "PE0210",
    _ERROR,
    "white space in an ARN",
    "White space was copied along. It is part of the text that is compared, so the ARN "
    "or pattern does not match. Only object keys may have blanks in them.",
    wrong="arn:aws:s3:::logs/* (with a blank at the end)",
    right="arn:aws:s3:::logs/*",
    rules="R-ARN-03",
)
_add(
    "PE0211",
    _ERROR,
    "ARN with fewer than six parts",
    "In a request this is no ARN. In a policy AWS completes the missing parts with `*` "
    "(identity-based policies and boundaries), refuses the document (session policies, "
    "RCPs, most SCPs), or lets the pattern match nothing (resource-based policies, "
    "unless it has a `*`). Write all six parts.",
    wrong="arn:aws:sqs",
    right="arn:aws:sqs:*:*:*",
    rules="R-MATCH-03",
)
_add(
    "PE0212",
    _ERROR,
    "not an ARN",
    "The text has nothing of an ARN. As a Resource it matches nothing.",
    wrong="my-bucket/*",
    right="arn:aws:s3:::my-bucket/*",
    rules="R-ARN-01, R-MATCH-03",
)
_add(
    "PE0213",
    _WARNING,
    "policy variable before the fifth colon",
    "Policy variables are replaced only in the last part of an ARN. Before the fifth "
    "colon the value matches nothing.",
    wrong="arn:aws:s3:${aws:RequestedRegion}::logs",
    right="arn:aws:s3:::logs with a condition on aws:RequestedRegion",
    rules="R-MATCH-07",
)
_add(
    "PE0214",
    _ERROR,
    "region in an ARN of a service that has none",
    "IAM, STS, Organizations, CloudFront, Route 53 and some more are global: the region "
    "of their ARNs is empty.",
    wrong="arn:aws:iam:us-east-1:123456789012:role/ci",
    right="arn:aws:iam::123456789012:role/ci",
    rules="R-ARN-02",
)
_add(
    "PE0215",
    _ERROR,
    "no service in an ARN",
    "The third part of an ARN is the service, in lower-case letters, digits and hyphens.",
    wrong="arn:aws:::logs",
    right="arn:aws:s3:::logs",
    rules="R-ARN-01",
)
_add(
    "PE0216",
    _ERROR,
    "not a region",
    "The fourth part of an ARN is a region such as `eu-west-1`, in lower case, or empty.",
    wrong="arn:aws:sqs:EU-WEST-1:123456789012:orders",
    right="arn:aws:sqs:eu-west-1:123456789012:orders",
    rules="R-ARN-01",
)


# ---- PE03xx: conditions and variables -----------------------------------------------------
_add(
    "PE0301",
    _ERROR,
    "unknown condition operator",
    "AWS has no operator of this name. To leave the condition out would grant more than "
    "is written, or deny less, so the document is not evaluated.",
    wrong='"StringEqual": {...}',
    right='"StringEquals": {...}',
    rules="R-COND-02, R-COND-15",
)
_add(
    "PE0302",
    _ERROR,
    "NullIfExists",
    "`Null` itself asks whether a key exists, so it has no `IfExists` form.",
    wrong='"NullIfExists": {"aws:TokenIssueTime": "true"}',
    right='"Null": {"aws:TokenIssueTime": "true"}',
    rules="R-COND-04",
)
_add(
    "PE0303",
    _WARNING,
    "IfExists after a set prefix",
    "After `ForAllValues:` and `ForAnyValue:` the ending `IfExists` has no effect. On an "
    "absent key `ForAnyValue:` is false, `ForAllValues:` true, with and without it.",
    wrong='"ForAnyValue:StringLikeIfExists"',
    right='"ForAnyValue:StringLike", with a second statement for the absent key',
    rules="R-COND-04",
)
_add(
    "PE0304",
    _WARNING,
    "set prefix before Null",
    "`ForAllValues:Null` always holds and `ForAnyValue:Null` never, whether the key "
    "exists or not: `Null` compares no values.",
    wrong='"ForAnyValue:Null"',
    right='"Null"',
    rules="R-COND-07",
)
_add(
    "PE0305",
    _WARNING,
    "policy variable without a condition key",
    "Between the braces of a policy variable stands the name of a condition key, without "
    "white space. Another text never has a value, so the whole value matches nothing.",
    wrong="${aws: username}",
    right="${aws:username}",
    rules="R-MATCH-07",
)
_add(
    "PE0306",
    _WARNING,
    "policy variable not closed",
    "After `${` no `}` follows, so the text is literal.",
    wrong="arn:aws:s3:::home/${aws:username",
    right="arn:aws:s3:::home/${aws:username}",
    rules="R-MATCH-07",
)
_add(
    "PE0307",
    _WARNING,
    "policy variable in a document of 2008",
    "Policy variables came with version 2012-10-17. In a document of 2008-10-17, and in "
    "one without `Version`, the text is literal and matches no real name.",
    wrong='{"Statement": [... "${aws:username}" ...]}',
    right='{"Version": "2012-10-17", "Statement": [... "${aws:username}" ...]}',
    rules="R-LANG-01, R-MATCH-07",
)
_add(
    "PE0308",
    _WARNING,
    "policy variable under an operator that has none",
    "Policy variables are replaced under string, ARN and Bool operators. Under numeric, "
    "date, IP address and binary operators the text is literal and no valid value.",
    wrong='"IpAddress": {"aws:SourceIp": "${aws:VpcSourceIp}"}',
    right='"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}',
    rules="R-MATCH-07",
)
_add(
    "PE0309",
    _WARNING,
    "default of a policy variable not quoted",
    "The default of a policy variable stands in single quotes after a comma and a blank. "
    "Another form names no key, so the value matches nothing.",
    wrong="${aws:PrincipalTag/team, none}",
    right="${aws:PrincipalTag/team, 'none'}",
    rules="R-MATCH-07",
)
_add(
    "PE0310",
    _WARNING,
    "condition key without a prefix",
    "Condition keys have a prefix: `aws:` for global keys, a service or an identity "
    "provider for others. No request carries a key without one.",
    wrong='"SourceIp": "203.0.113.7"',
    right='"aws:SourceIp": "203.0.113.7"',
    rules="R-COND-01",
)
_add(
    "PE0311",
    _ERROR,
    "condition key twice in one block",
    "Letter case does not matter in condition keys, so both are the same key, and it "
    "would depend on the reader which one counts.",
    wrong='{"aws:SourceIp": "...", "aws:sourceip": "..."}',
    right='{"aws:SourceIp": ["...", "..."]}',
    rules="R-LANG-02, R-COND-01",
)
_add(
    "PE0312",
    _ERROR,
    "condition value of the wrong kind",
    "A condition value is a string, number or boolean, or a list of them. Null and "
    "objects are none; to ask whether a key is absent, there is the operator `Null`.",
    wrong='"StringEquals": {"aws:PrincipalTag/team": null}',
    right='"Null": {"aws:PrincipalTag/team": "true"}',
    rules="R-LANG-06",
)
_add(
    "PE0313",
    _WARNING,
    "empty list of condition values",
    "Without values a plain operator never holds and a negated one always. With "
    "`IfExists` and under `ForAllValues` it holds where the key is absent.",
    wrong='"StringEquals": {"aws:PrincipalOrgID": []}',
    right='"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}',
    rules="R-COND-16",
)
_add(
    "PE0314",
    _WARNING,
    "not a number",
    "Numeric operators compare decimal numbers. Another text compares as false with "
    "everything (and as different under NumericNotEquals).",
    wrong='"NumericLessThan": {"s3:max-keys": "ten"}',
    right='"NumericLessThan": {"s3:max-keys": "10"}',
    rules="R-COND-08",
)
_add(
    "PE0315",
    _WARNING,
    "not a date",
    "Date operators compare ISO 8601 dates, from the year alone to date and time with "
    "`Z` or an offset, and seconds since 1970.",
    wrong='"DateLessThan": {"aws:CurrentTime": "05/01/2026"}',
    right='"DateLessThan": {"aws:CurrentTime": "2026-05-01T00:00:00Z"}',
    rules="R-COND-09",
)
_add(
    "PE0316",
    _WARNING,
    "year or epoch?",
    "Four digits under a date operator can be a year or seconds since 1970. policyeval "
    "reads them as seconds. Write the whole date.",
    wrong='"DateGreaterThan": {"aws:CurrentTime": "2026"}',
    right='"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}',
    rules="R-COND-09",
)
_add(
    "PE0317",
    _WARNING,
    "not an IP address",
    "IP address operators take an address or a CIDR block, IPv4 or IPv6. Another text "
    "matches nothing, so under NotIpAddress it excludes nobody.",
    wrong='"IpAddress": {"aws:SourceIp": "203.0.113.*"}',
    right='"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}',
    rules="R-COND-11",
)
_add(
    "PE0318",
    _WARNING,
    "host bits set in a CIDR block",
    "Bits after the prefix length count for nothing: the block is read from its first address on.",
    wrong='"203.0.113.7/24"',
    right='"203.0.113.0/24"',
    rules="R-COND-11",
)
_add(
    "PE0319",
    _WARNING,
    "only private addresses under aws:SourceIp",
    "aws:SourceIp carries the public address of the caller, and is absent through a VPC "
    "endpoint. A private address never stands there; use aws:VpcSourceIp, aws:SourceVpc "
    "or aws:SourceVpce.",
    wrong='"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}',
    right='"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}',
    rules="R-COND-11",
)
_add(
    "PE0320",
    _WARNING,
    "not base64",
    "BinaryEquals compares the bytes that a base64 text stands for, padding included. "
    "Another text matches nothing.",
    wrong='"BinaryEquals": {"key": "QmluYXJ"}',
    right='"BinaryEquals": {"key": "QmluYXJ5"}',
    rules="R-COND-13",
)
_add(
    "PE0321",
    _WARNING,
    "Bool value other than true and false",
    "Bool compares `true` and `false`, in any letter case. Another text matches nothing.",
    wrong='"Bool": {"aws:SecureTransport": "yes"}',
    right='"Bool": {"aws:SecureTransport": "true"}',
    rules="R-COND-10",
)
_add(
    "PE0322",
    _WARNING,
    "Null value other than true and false",
    "`Null` takes `true`, the key is absent, or `false`, it is there.",
    wrong='"Null": {"aws:TokenIssueTime": "null"}',
    right='"Null": {"aws:TokenIssueTime": "true"}',
    rules="R-COND-07",
)
_add(
    "PE0323",
    _WARNING,
    "multi-valued key without a set prefix",
    "The key carries several values in one request, and a plain operator is false for "
    "more than one, whatever they are. Say with ForAnyValue that one must match, or with "
    "ForAllValues that all must.",
    wrong='"StringEquals": {"aws:TagKeys": "team"}',
    right='"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}',
    rules="R-COND-05, R-COND-06",
)
_add(
    "PE0324",
    _WARNING,
    "not an ARN under an ARN operator",
    "ARN operators compare six parts one by one, and wildcards do not reach over the "
    "first five colons. A text of fewer parts matches nothing.",
    wrong='"ArnLike": {"aws:PrincipalArn": "*role/ci"}',
    right='"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}',
    rules="R-COND-12",
)


# ---- PE04xx: principals -------------------------------------------------------------------
_add(
    "PE0401",
    _ERROR,
    "unknown kind of principal",
    "Inside `Principal` there are `AWS`, `Service`, `Federated` and `CanonicalUser`.",
    wrong='"Principal": {"Aws": "123456789012"}',
    right='"Principal": {"AWS": "123456789012"}',
    rules="R-MATCH-08",
)
_add(
    "PE0402",
    _WARNING,
    "wildcard in a principal",
    "Only the lone `*` is allowed. An ARN with a wildcard is no principal: AWS refuses "
    "it, here it names nobody. Write `*` and compare aws:PrincipalArn in a condition.",
    wrong='"AWS": "arn:aws:iam::123456789012:role/ci-*"',
    right=(
        '"Principal": "*" with "ArnLike": {"aws:PrincipalArn": '
        '"arn:aws:iam::123456789012:role/ci-*"}'
    ),
    rules="R-MATCH-08",
)
_add(
    "PE0403",
    _WARNING,
    "wildcard in a service principal",
    "Services are named one by one.",
    wrong='"Service": "*"',
    right='"Service": "lambda.amazonaws.com"',
    rules="R-MATCH-08",
)
_add(
    "PE0404",
    _WARNING,
    "names nobody",
    "The text is none of the forms in which a principal can be named, so it matches no "
    "caller. AWS refuses most of these when the policy is stored.",
    wrong='"AWS": "arn:aws:s3:::logs"',
    right='"AWS": "arn:aws:iam::123456789012:role/ci"',
    rules="R-ARN-04, R-MATCH-08",
)
_add(
    "PE0405",
    _WARNING,
    "account id of a principal with the wrong number of digits",
    "An account id has twelve digits, leading zeros included.",
    wrong='"AWS": "12345678901"',
    right='"AWS": "012345678901"',
    rules="R-MATCH-08",
)
_add(
    "PE0406",
    _WARNING,
    "group as a principal",
    "IAM groups hold permissions, they make no calls and cannot be principals. Name "
    "users or roles.",
    wrong='"AWS": "arn:aws:iam::123456789012:group/admins"',
    right='"AWS": "arn:aws:iam::123456789012:role/admins"',
    rules="R-ARN-04",
)
_add(
    "PE0407",
    _WARNING,
    "principal under the wrong kind",
    "Accounts, users and roles stand under `AWS`, services under `Service`, identity "
    "providers under `Federated`. Under another kind the text names nobody.",
    wrong='"AWS": "lambda.amazonaws.com"',
    right='"Service": "lambda.amazonaws.com"',
    rules="R-MATCH-08",
)
_add(
    "PE0408",
    _WARNING,
    "session without role and session name",
    "The ARN of a session is `assumed-role/ROLE/SESSION`, the role without its path. To "
    "name every session of a role, write the ARN of the role.",
    wrong='"AWS": "arn:aws:sts::123456789012:assumed-role/ci"',
    right='"AWS": "arn:aws:iam::123456789012:role/ci"',
    rules="R-ARN-04",
)
_add(
    "PE0409",
    _ERROR,
    "Principal is a bare text",
    "`Principal` is `*` or an object that says what kind of principal is meant.",
    wrong='"Principal": "123456789012"',
    right='"Principal": {"AWS": "123456789012"}',
    rules="R-MATCH-08",
)
_add(
    "PE0410",
    _WARNING,
    "NotPrincipal with Allow",
    "It allows everyone who is not listed, anonymous callers too. AWS does not support "
    "it; policyeval evaluates it as it reads. List who may under `Principal`.",
    wrong='{"Effect": "Allow", "NotPrincipal": {...}}',
    right='{"Effect": "Allow", "Principal": {...}}',
    rules="R-MATCH-09",
)
_add(
    "PE0411",
    _WARNING,
    "not a service principal",
    "A service principal is a domain name such as `lambda.amazonaws.com`.",
    wrong='"Service": "lambda"',
    right='"Service": "lambda.amazonaws.com"',
    rules="R-MATCH-08",
)
_add(
    "PE0412",
    _WARNING,
    "not a canonical user id",
    "The canonical id of an account in S3 has 64 hexadecimal digits.",
    wrong='"CanonicalUser": "123456789012"',
    right='"AWS": "123456789012"',
    rules="R-MATCH-08",
)
_add(
    "PE0413",
    _NOTE,
    "principal that was deleted",
    "When a user or role is deleted, AWS puts its unique id in place of its ARN. A new "
    "one of the same name has another id, so this entry names nobody any more. (For a "
    "role that exists, AWS shows the ARN again.)",
    wrong='"AWS": "AROAEXAMPLEEXAMPLEID1"',
    right="take it out, or name the new role",
    rules="R-ARN-04",
)
_add(
    "PE0414",
    _WARNING,
    "OIDC provider outside a trust policy",
    "Identities of an OIDC provider call sts:AssumeRoleWithWebIdentity and nothing else; "
    "afterwards they are sessions of a role. Name the role.",
    wrong='a bucket policy with "Federated": "arn:aws:iam::123456789012:oidc-provider/..."',
    right='"AWS": "arn:aws:iam::123456789012:role/ci"',
    rules="R-MATCH-08",
)


# ---- PE05xx: sizes ------------------------------------------------------------------------
_add(
    "PE0501",
    _WARNING,
    "document past its size limit",
    "Each kind of policy has a limit in characters; for IAM's own policies and trust "
    "policies white space does not count. AWS refuses to store a longer one. It is "
    "evaluated here all the same. AWS's own managed policies are exempt.",
    rules="R-LANG-08",
)


# ---- PE06xx: what a kind of policy may have -----------------------------------------------
_add(
    "PE0601",
    _ERROR,
    "Principal where none may stand",
    "Identity-based policies, permissions boundaries, session policies and SCPs speak "
    "about whoever they are attached to. AWS refuses `Principal` in them.",
    wrong='an identity-based policy with "Principal": "*"',
    right="the statement without `Principal`",
    rules="R-LANG-04",
)
_add(
    "PE0602",
    _ERROR,
    "Principal missing",
    "Resource-based policies, role trust policies, VPC endpoint policies and RCPs say in "
    "every statement about whom they speak.",
    wrong='{"Effect": "Allow", "Action": "sts:AssumeRole"}',
    right=(
        '{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": '
        '"sts:AssumeRole"}'
    ),
    rules="R-LANG-04",
)
_add(
    "PE0603",
    _ERROR,
    "NotPrincipal where it may not stand",
    "`NotPrincipal` belongs to resource-based and VPC endpoint policies. Elsewhere use a "
    "condition on aws:PrincipalArn.",
    wrong='an SCP with "NotPrincipal": {...}',
    right='"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}',
    rules="R-LANG-04, R-MATCH-09",
)
_add(
    "PE0604",
    _ERROR,
    "Resource in a role trust policy",
    "The resource of a trust policy is the role that carries it. AWS refuses the element.",
    wrong='a trust policy with "Resource": "*"',
    right="the statement without `Resource`",
    rules="R-LANG-03",
)
_add(
    "PE0605",
    _ERROR,
    "RCP without Version",
    "A resource control policy must carry `Version`.",
    wrong='{"Statement": [...]}',
    right='{"Version": "2012-10-17", "Statement": [...]}',
    rules="R-LANG-01",
)
_add(
    "PE0606",
    _ERROR,
    "Allow in an RCP",
    "Resource control policies only take away. The one that allows everything, "
    "RCPFullAWSAccess, belongs to AWS and is attached everywhere.",
    wrong='"Effect": "Allow"',
    right='"Effect": "Deny", with the condition turned round',
    rules="R-LANG-04",
)
_add(
    "PE0607",
    _ERROR,
    "principals in an RCP",
    "The `Principal` of a resource control policy is `*`. Exceptions stand in the condition.",
    wrong='"Principal": {"AWS": "123456789012"}',
    right='"Principal": "*" with a condition on aws:PrincipalAccount',
    rules="R-LANG-04",
)
_add(
    "PE0608",
    _ERROR,
    "NotAction in an RCP",
    "Resource control policies list actions; `NotAction` is not supported in them.",
    wrong='"NotAction": "s3:*"',
    right='"Action": ["sqs:*", "kms:*"]',
    rules="R-LANG-04",
)
_add(
    "PE0609",
    _WARNING,
    "resource-based policy without Resource",
    "Repositories of ECR take such a policy: it speaks about the resource that carries "
    "it. Most other services refuse it.",
    wrong='{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}',
    right='with "Resource": "arn:aws:s3:::logs/*"',
    rules="R-LANG-03",
)
