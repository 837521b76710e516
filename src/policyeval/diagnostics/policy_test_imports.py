"""Tests that come from other formats or go to them: PE236x."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2360",
        ERROR,
        "file to convert cannot be read",
        "A scenario of politest is a YAML map, and so is each file that it names in `extends` or "
        "`vars_file`. A request of the policy simulator is the JSON object that "
        "`aws iam simulate-custom-policy --cli-input-json` takes; several stand in a list, or one "
        "on each line.",
    ),
    diagnostic(
        "PE2361",
        WARNING,
        "key is left out",
        "The key is unknown, or policy tests have no place for what it says: "
        "`ResourceHandlingOption` tells the simulator which resources to make up for an EC2 "
        "scenario; here each test names its resource.",
    ),
    diagnostic(
        "PE2362",
        ERROR,
        "variable without a value",
        "politest fills `{{.name}}`, `${name}`, `$name` and `<name>` in from `vars` and "
        "`vars_file`. Other actions of its template language (conditions, loops, functions) are "
        "not understood here: render the template first.",
    ),
    diagnostic(
        "PE2363",
        WARNING,
        "copy of a policy is made without foreign elements",
        "politest removes elements that policies do not have before it asks AWS. AWS itself "
        "refuses them, so the tests get a copy without them; the file stays as it is.",
    ),
    diagnostic(
        "PE2364",
        ERROR,
        "test is left out",
        "The test cannot come over, for the reason that the message gives. All others do, and "
        "the exit code is 1.",
    ),
    diagnostic(
        "PE2365",
        WARNING,
        "test says something else here",
        "The simulator and policyeval understand the test differently. Across accounts the "
        "simulator asks the caller's side alone unless it is given the resource's policy; of "
        "several resources it tells the most restrictive decision; and a fact that nobody gave it "
        "is listed in MissingContextValues, where policyeval takes it to be absent.",
    ),
    diagnostic(
        "PE2366",
        ERROR,
        "policy of a test cannot be read",
        "The file is not there, or it is no policy of this kind; the findings that follow say "
        "where. A test without one of its policies would pass or fail for the wrong reason, so it "
        "is left out.",
    ),
    diagnostic(
        "PE2367",
        WARNING,
        "nobody has said what is expected",
        "A request of the simulator tells no expectation. Its test is written with `skip`, to be "
        "decided by somebody: `--results FILE` takes the answers that AWS gave, `--answers` those "
        "that policyeval gives today.",
    ),
    diagnostic(
        "PE2368",
        ERROR,
        "test has no equivalent",
        "The simulator knows users and roles, identity policies, SCPs, a boundary, one resource "
        "policy, and no others; politest knows no boundary, SCPs on one level, and three "
        "decisions. A test goes out only if the request that goes out has the same answer as the "
        "test.",
    ),
    diagnostic(
        "PE2369",
        WARNING,
        "part of a test is left out",
        "The test goes out without something that changes no answer: a policy that has no place "
        "there, or the reason that a denial is expected for.",
    ),
)
