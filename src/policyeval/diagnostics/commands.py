"""Requests, cases and commands: PE09xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, diagnostic

PAGE = (
    diagnostic(
        "PE0900",
        ERROR,
        "cannot go on",
        "The input cannot be used, for the reason that the message gives. Findings with codes of "
        "their own follow where there are any.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0901",
        ERROR,
        "malformed request",
        "A request needs a principal (an ARN, a service such as lambda.amazonaws.com, or `*` for an "
        "anonymous caller), an action written service:Name, and a resource (an ARN, or `*` for "
        "actions that have none). A fact that contradicts another, such as aws:PrincipalAccount "
        "against the account in the principal's ARN, is refused: one of the two is wrong, and an "
        "answer would be about a request that cannot happen.",
        wrong="policyeval why ana GetObject reports",
        right="policyeval why arn:aws:iam::111122223333:user/ana s3:GetObject arn:aws:s3:::reports/a",
        rules="R-ARN-04, R-CTX-05",
    ),
    diagnostic(
        "PE0902",
        ERROR,
        "options that do not go together",
        "The command line asks for something that cannot be done: an option without its value, a "
        "format or layer that does not exist, a question with a part missing. `policyeval VERB "
        "--help` shows what a verb takes, with examples.",
        wrong="--policy identiti=ana.json",
        right="--policy identity=ana.json",
        rules="R-FLOW-02",
    ),
    diagnostic(
        "PE0903",
        ERROR,
        "a case that does not fit its model",
        "A case of `policyeval decide` is one JSON object with `request` and `policies`; unknown "
        "keys are refused, since a misspelt key would silently leave a policy out. "
        "`policyeval schema case` prints the JSON Schema, which editors can check against.",
        wrong='{"request": {…}, "policies": {"identiti": […]}}',
        right='{"request": {…}, "policies": {"identity": […]}}',
        rules="R-LANG-02",
    ),
    diagnostic(
        "PE0904",
        ERROR,
        "file cannot be read",
        "The file does not exist, is a folder, or may not be read. Nothing was decided: a policy "
        "that is missing is never taken to be empty. A file argument `-` means standard input.",
        rules="R-LANG-10",
    ),
    diagnostic(
        "PE0905",
        ERROR,
        "no map of context keys",
        "A context file is one map, in YAML or JSON, from condition keys to a string, number or "
        "boolean, a list of these, or null for a key that is absent.",
        wrong="- aws:SourceIp",
        right="aws:SourceIp: 203.0.113.9",
        rules="R-COND-01",
    ),
    diagnostic(
        "PE0999",
        ERROR,
        "a bug in policyeval",
        "Something went wrong inside policyeval while this line was decided; the other lines are "
        "decided all the same, and the exit code is 4. Please report it with the line.",
        rules="R-LANG-10",
    ),
)
