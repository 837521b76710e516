"""Tests that are written for policies that have none: PE2340 to PE2359."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2340",
        WARNING,
        "no request inside a statement",
        "`policyeval test --init` looks for a request that a statement matches, and asks it before "
        "it writes it down. Here it found none. Often there is none: an ARN pattern with a policy "
        "variable before its fifth colon matches nothing, and an RCP does not reach every service. "
        "Else conditions want something that was not tried; then write the test by hand.",
    ),
    diagnostic(
        "PE2341",
        NOTE,
        "no request outside a statement",
        "Beside the request inside a statement stands one that differs by one thing and is outside. "
        "A statement such as `Allow * on *` without a condition has none: it matches whatever its "
        "layer is asked.",
    ),
    diagnostic(
        "PE2342",
        WARNING,
        "principal known by name alone",
        "A folder of policies tells the name of a user or role, not its account, and not which of "
        "the two it is. The tests ask as a role of that name in a made-up account, which may "
        "matter where conditions or resource policies look at the account.",
        right="identity/deploy.meta.yaml:\n  arn: arn:aws:iam::111122223333:role/deploy",
    ),
    diagnostic(
        "PE2343",
        NOTE,
        "policy that AWS writes",
        "First tests are for policies that somebody here can change. Managed policies of AWS are "
        "left out, FullAWSAccess among them. To test one all the same, give its file alone: "
        "`policyeval test --init ReadOnlyAccess.json`.",
    ),
    diagnostic(
        "PE2344",
        WARNING,
        "policy without tests",
        "The policy cannot be read, or nothing tells where it hangs. What a policy says that cannot "
        "be read is unknown: mend it and write the tests again.",
    ),
    diagnostic(
        "PE2345",
        NOTE,
        "events that make no test",
        "A test needs a principal, an action and a resource, and AWS's own answer. Sign-ins and "
        "events of services are no requests; some calls fail before policies are asked, and some "
        "events do not tell what a call was about. They are counted by their reasons.",
    ),
    diagnostic(
        "PE2346",
        WARNING,
        "events of principals that are not known",
        "The environment has no user or role of that name, so nothing tells its policies, and no "
        "test could say what they allow. Add it to the environment, or ask an environment that "
        "`policyeval pull` collected.",
    ),
    diagnostic(
        "PE2347",
        WARNING,
        "AWS answered otherwise than today's policies do",
        "A test from a log expects what AWS answered. These fail until somebody decides: the "
        "policies changed since then, a policy is missing in the environment, or the answer hung "
        "on a fact that CloudTrail does not record. The comment before each tells today's answer.",
    ),
    diagnostic(
        "PE2348",
        ERROR,
        "file to write exists",
        "Tests that somebody has read and changed are not overwritten. Write to another file and "
        "move over what you want to keep.",
    ),
    diagnostic(
        "PE2349",
        ERROR,
        "nothing to test",
        "No policy hangs anywhere in the environment but those that AWS writes, or no event in the "
        "log makes a test. The remarks before this one say why.",
    ),
)
