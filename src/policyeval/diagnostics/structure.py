"""The structure of policies: PE01xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE0101",
        ERROR,
        "not a policy",
        "A policy document is one JSON object with `Version` and `Statement`. A list of "
        "statements alone, or a string, is none.",
        wrong='[{"Effect": "Allow", ...}]',
        right='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ...}]}',
        rules="R-LANG-01",
    ),
    diagnostic(
        "PE0102",
        ERROR,
        "unknown element",
        "Element names are case-sensitive, and there are no others than `Version`, `Id`, "
        "`Statement`; inside a statement `Sid`, `Effect`, `Principal`, `NotPrincipal`, "
        "`Action`, `NotAction`, `Resource`, `NotResource`, `Condition`. AWS refuses a "
        "document with any other.",
        wrong='"Actions": "s3:*"',
        right='"Action": "s3:*"',
        rules="R-LANG-02",
    ),
    diagnostic(
        "PE0103",
        ERROR,
        "missing element",
        "Each statement needs `Effect`, one of `Action` and `NotAction`, and one of "
        "`Resource` and `NotResource` (role trust policies have no resource); a policy needs "
        "`Statement`. Without them the document says nothing that could be evaluated.",
        wrong='{"Effect": "Allow", "Action": "s3:*"}',
        right='{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}',
        rules="R-LANG-03",
    ),
    diagnostic(
        "PE0104",
        ERROR,
        "element and its Not form together",
        "A statement may have `Action` or `NotAction`, not both; the same holds for "
        "`Resource` and `Principal`. Make two statements of it.",
        wrong='{"Action": "s3:*", "NotAction": "s3:DeleteBucket"}',
        right="one statement that allows `s3:*`, and one that denies `s3:DeleteBucket`",
        rules="R-LANG-03",
    ),
    diagnostic(
        "PE0105",
        ERROR,
        "unknown policy version",
        "`Version` names the version of the policy language, not the date of your policy. "
        "There are two: `2012-10-17` and the older `2008-10-17`, which has no policy "
        "variables. In YAML it must stand in quotes.",
        wrong='"Version": "2024-01-01"',
        right='"Version": "2012-10-17"',
        rules="R-LANG-01",
    ),
    diagnostic(
        "PE0106",
        ERROR,
        "value of the wrong kind",
        "The element takes another kind of JSON value. Account ids are strings: as a number "
        "they would lose leading zeros.",
        wrong='{"AWS": 123456789012}',
        right='{"AWS": "123456789012"}',
        rules="R-LANG-01, R-LANG-06",
    ),
    diagnostic(
        "PE0107",
        ERROR,
        "Effect is neither Allow nor Deny",
        "`Effect` is exactly `Allow` or `Deny`, with a capital letter.",
        wrong='"Effect": "allow"',
        right='"Effect": "Allow"',
        rules="R-LANG-03",
    ),
    diagnostic(
        "PE0108",
        WARNING,
        "empty list",
        "An empty list of actions, resources or principals is legal in the language, but the "
        "statement then matches no request. AWS refuses it in most places.",
        wrong='"Action": []',
        right='"Action": "s3:GetObject"',
        rules="R-LANG-03",
    ),
    diagnostic(
        "PE0109",
        WARNING,
        "character in a Sid",
        "IAM takes letters and digits in a `Sid`. Resource-based policies of some services take more.",
        wrong='"Sid": "read-only"',
        right='"Sid": "ReadOnly"',
        rules="R-LANG-09",
    ),
    diagnostic(
        "PE0110",
        WARNING,
        "Sid not unique",
        "Two statements have the same `Sid`. AWS refuses the document, and a denial that "
        "names the statement would not say which one. It changes no decision here.",
        wrong='"Sid": "S1" twice',
        right='"Sid": "S1" and "Sid": "S2"',
        rules="R-LANG-09",
    ),
    diagnostic(
        "PE0111",
        ERROR,
        "not an action",
        "An action has the prefix of its service, a colon and a name, or is `*` for every "
        "action of every service.",
        wrong='"Action": "GetObject"',
        right='"Action": "s3:GetObject"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE0112",
        ERROR,
        "wildcard in the service of an action",
        "Wildcards may stand in the name of an action, not in the prefix of its service. AWS "
        "refuses the document.",
        wrong='"Action": "s*:GetObject"',
        right='"Action": "s3:Get*"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE0113",
        ERROR,
        "character that actions do not have",
        "Actions are made of letters, digits and the wildcards `*` and `?`. White space, "
        "slashes and policy variables have no place in them.",
        wrong='"Action": "s3: GetObject"',
        right='"Action": "s3:GetObject"',
        rules="R-MATCH-01",
    ),
    diagnostic(
        "PE0114",
        NOTE,
        "placeholder",
        "The text looks like a placeholder that nobody has filled in, such as `<my-org-id>`, "
        "`[ROLE_NAME]` or `${Account}`. As it stands it is compared literally, or matches "
        "nothing; nothing else is said about such a value.",
        wrong='"aws:PrincipalOrgID": "<my-org-id>"',
        right='"aws:PrincipalOrgID": "o-a1b2c3d4e5"',
        rules="R-LANG-10",
    ),
)
