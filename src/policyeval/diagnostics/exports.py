"""Exports of accounts and organizations, and environments that are written: PE18xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE1801",
        ERROR,
        "export cannot be read",
        "The file does not exist, may not be read, is no UTF-8, or its JSON breaks off. A file "
        "that was cut off holds only a part of the account, and an answer from a part may be "
        "wrong: so nothing of it is used. Export it once more.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1802",
        ERROR,
        "no export that is known",
        "Exports are recognised by their content: the lists that they hold, such as "
        "`RoleDetailList` or `VpcEndpoints`. This file holds none of those that are known. "
        "docs/exports.md lists the commands whose output is read.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1803",
        ERROR,
        "export does not fit",
        "A member of the export is missing, or is of another kind than AWS makes it: a number "
        "where an ARN is wanted, a list where an object is. What it should have said could decide, "
        "so the export is not used until it is mended.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1804",
        ERROR,
        "export has changed",
        "Large exports are indexed first, and each policy is read when a request needs it. The "
        "file has changed in between, or is gone: the policy is unknown. Load the environment "
        "again.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1805",
        WARNING,
        "export goes on",
        "The export says that it is one page of several (`IsTruncated`, `NextToken`). Who is only "
        "on the other pages is not known here. The AWS command line joins the pages by itself, "
        "unless `--max-items` or `--no-paginate` keeps it from doing so. A Terraform plan says the "
        "same by `errored`, `complete` or `deferred_changes`: then the layers of what it holds are "
        "unknown.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1806",
        WARNING,
        "exports differ",
        "Two exports speak of the same thing and say different things: they were made at "
        "different times, or of different places. Nobody can tell which of them holds. A policy is "
        "then unknown; a difference in facts, such as tags, is an error. Leave out the older "
        "export.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1807",
        NOTE,
        "not understood",
        "Parts of the exports are of kinds that no reader knows: resource types without a policy, "
        "members that AWS added later. They are counted here and are part of no answer.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1808",
        ERROR,
        "export without a subject",
        "Some commands print a list without saying whose it is: `list-parents` prints parents, but "
        "not of what. The name of the file tells.",
        wrong="parents.json",
        right="list-parents.222233334444.json",
        rules="R-FLOW-03",
    ),
    diagnostic(
        "PE1809",
        ERROR,
        "organization is no tree",
        "By these exports a unit or account has several parents, stands below itself, or stands "
        "deeper than AWS lets units nest. They were made at different times: make them anew.",
        rules="R-FLOW-03",
    ),
    diagnostic(
        "PE1810",
        WARNING,
        "policy or group is in no export",
        "Something hangs here that no export holds: a managed policy, a group, the text of a "
        "service control policy. What it says is unknown, and so is every answer that it could "
        "change.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1811",
        WARNING,
        "part of the organization is in no export",
        "The exports tell of an organization, but not all of it: its id, or which policies hang at "
        "one of its levels. What is not told is not taken to be absent: the layer is unknown where "
        "it could matter.",
        rules="R-FLOW-03, R-FLOW-04",
    ),
    diagnostic(
        "PE1812",
        WARNING,
        "not known before it is deployed",
        "A plan or template leaves a value open: Terraform knows it after apply only, or "
        "CloudFormation makes it from a parameter or another resource. It is not guessed: the "
        "policy is unknown, and so is every answer that it could change. `--account`, `--region` "
        "and `--parameter` tell what is known all the same.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1813",
        NOTE,
        "account is not told",
        "Nothing in the plan or template tells the account that it is for, so its users and roles "
        "go by their names, in any account. `--account`, or `AWS::AccountId` among the "
        "`parameters` of environment.yaml, tells it.",
        rules="R-CTX-01",
    ),
    diagnostic(
        "PE1814",
        WARNING,
        "parameter that no template has",
        "A value was given for a parameter that none of the templates declares or refers to. If its "
        "name is misspelt, the parameter that was meant stays open, and what depends on it is "
        "unknown.",
        wrong="policyeval convert house.yaml --parameter stage=prod -o house",
        right="policyeval convert house.yaml --parameter Stage=prod -o house",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1820",
        ERROR,
        "file is there and differs",
        "An environment is never written over files that differ from it, unless it is asked for: "
        "somebody may have edited them. Write to another folder and compare, or use `--force`.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE1821",
        ERROR,
        "environment cannot be written",
        "environment.yaml names users, roles and resources by ARN, and an organization by its id. "
        "This environment has something of which that is not known, such as a role of a template "
        "whose account nobody told. Leaving it out would change answers, so nothing is written.",
        rules="R-FLOW-20",
    ),
)
