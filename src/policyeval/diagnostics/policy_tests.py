"""Policy tests: PE22xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2201",
        ERROR,
        "file of policy tests cannot be read",
        "The file does not exist, may not be read, is no UTF-8, or is larger than policyeval "
        "reads. Files of policy tests are named `*.policytest.yaml`, `.yml` or `.json`.",
    ),
    diagnostic(
        "PE2202",
        ERROR,
        "test is not complete",
        "A test needs `principal`, `action`, `resource` and `expect`: from itself, from its "
        "matrix, row or case, or from `defaults`. A context that it names must be one of "
        "`context-sets`, or of the environment's `contexts`.",
        right="{ name: n, principal: deploy, action: s3:GetObject, resource: logs, expect: allow }",
    ),
    diagnostic(
        "PE2203",
        ERROR,
        "two tests of one name",
        "The id of a test is made of its file, its name and its parameters; `-k`, `--lf` and "
        "reports go by it. So each test of a file has a name of its own.",
    ),
    diagnostic(
        "PE2204",
        ERROR,
        "expectation not understood",
        "What is expected is a word (`allow`, `deny`, `explicit-deny`, `implicit-deny`, "
        "`unknown`), a denial with its layer (`deny scp`), a word with `not`, or a map with "
        "`decision`, `layer`, `statement`, `message`, `near-miss`, `missing`, or `not` alone. "
        "An empty one would pass whatever the answer is.",
        wrong="expect: denied",
        right="expect: deny",
    ),
    diagnostic(
        "PE2205",
        ERROR,
        "table does not fit its columns",
        "`columns` names what each cell of a row holds: principal, action, resource, context, "
        "expect, resource-account. Every row has as many cells as there are columns.",
    ),
    diagnostic(
        "PE2206",
        ERROR,
        "keys that exclude each other",
        "A file asks an environment, a stack, or one policy; a test has a matrix, a table, or "
        "cases, and none of their lists is empty: that would be no test at all. Only an "
        "environment can be overlaid, since a stack has no places where policies hang.",
    ),
    diagnostic(
        "PE2207",
        ERROR,
        "no environment for the tests",
        "The file names no environment, policy or stack, and there is no environment.yaml in its "
        "folder or above.",
    ),
    diagnostic(
        "PE2208",
        ERROR,
        "pattern of files matches nothing",
        "The policies are named with a wildcard, and no file matches. A test without its policies "
        "would pass for the wrong reason.",
    ),
    diagnostic(
        "PE2209",
        ERROR,
        "policy to detach is not there",
        "`detach` names a policy that does not hang at this place; names are those that "
        "environment.yaml uses. `*` detaches all.",
    ),
    diagnostic(
        "PE2210",
        ERROR,
        "no test to run",
        "The files hold no test, the selection (`-k`) leaves out all of them, or no test has an id "
        "that is asked for (`file::name`). A run without tests proves nothing, so it does not "
        "pass.",
    ),
    diagnostic(
        "PE2211",
        ERROR,
        "selection not understood",
        "`-k` takes parts of ids, letter case set aside, with `and`, `or`, `not` and brackets. "
        "Parts with blanks stand in quotes.",
        wrong="-k 'deploy and'",
        right="""-k 'deploy and not "via vpc"'""",
    ),
    diagnostic(
        "PE2212",
        ERROR,
        "process that ran tests is gone",
        "With `-j`, tests are run in several processes. One of them was ended from outside, most "
        "often by the system because memory ran out, so nobody knows what its tests would have "
        "said.",
    ),
    diagnostic(
        "PE2213",
        ERROR,
        "too many tests",
        "A matrix is multiplied out, and patterns become a test for each action and principal. A "
        "file may have a million tests: a hundred actions asked of ten thousand resources.",
    ),
    diagnostic(
        "PE2230",
        ERROR,
        "no environment for a test in Python",
        "A test takes the fixture `iam` or `policy_env`, and nothing tells which policies that is: "
        "there is no environment.yaml in the test's folder or above, the settings of pytest have "
        "no `policyeval_env`, and no marker `iam_env` names one.",
        right='[tool.pytest.ini_options]\npolicyeval_env = "aws/environment.yaml"',
    ),
    diagnostic(
        "PE2231",
        ERROR,
        "argument of an assert or a marker not understood",
        "A test in Python asks for a layer or a kind of denial that there is not, leaves out the "
        "principal, action or resource, or gives an empty list, which would test nothing. A "
        "stack of policies has no short names, named contexts or session policies: those are an "
        "environment's.",
        wrong='assert_denied(iam, "deploy", "s3:GetObject", "logs", by="identiy")',
        right='assert_denied(iam, "deploy", "s3:GetObject", "logs", by="identity")',
    ),
    diagnostic(
        "PE2214",
        WARNING,
        "nothing is skipped",
        "A pattern under `skip` names no test of the file. Perhaps the test was renamed, and is run "
        "again though it was to wait.",
    ),
)
