"""Collecting an account: PE21xx."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, NOTE, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2101",
        ERROR,
        "boto3 is not installed",
        "`policyeval pull` is the one command that talks to AWS, and does so through boto3, which "
        "is an extra. Everything else works without it.",
        wrong="pip install policyeval",
        right="pip install 'policyeval[aws]'",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2102",
        ERROR,
        "no credentials",
        "boto3 looks where the AWS CLI looks: `--profile`, AWS_ACCESS_KEY_ID with its companions, "
        "AWS_PROFILE, ~/.aws/credentials and ~/.aws/config (SSO, assumed roles, processes), the "
        "container and the instance. It found nothing. policyeval keeps no credentials itself.",
        right="policyeval pull --profile audit -o environment",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2103",
        ERROR,
        "credentials expired or refused",
        "AWS knows these credentials no more, or never did. A pull that was under way keeps what "
        "it has: with new credentials of the same account the same command goes on from there.",
        right="aws sso login --profile audit",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2104",
        ERROR,
        "unknown profile",
        "Neither ~/.aws/config nor ~/.aws/credentials has a profile of that name; AWS_CONFIG_FILE "
        "and AWS_SHARED_CREDENTIALS_FILE name other files. In the config file a profile is "
        "written `[profile NAME]`.",
        wrong="[audit]",
        right="[profile audit]",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2105",
        ERROR,
        "no region, or none of that name",
        "Keys, queues, topics and the like live in regions. Those to read come from `--region`, "
        "as often as needed, or `--all-regions`; else the one of AWS_REGION, AWS_DEFAULT_REGION "
        "or the profile is read.",
        wrong="--region eu-wst-1",
        right="--region eu-west-1 --region us-east-1",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2106",
        ERROR,
        "AWS cannot be reached",
        "The first question, who asks, got no answer: no network, a proxy that is not set, a "
        "region that does not exist, or an AWS_ENDPOINT_URL that nobody listens on.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2107",
        ERROR,
        "boto3 cannot go on",
        "boto3 refuses its configuration or an answer, for the reason that the message gives: "
        "most often a broken ~/.aws/config. `aws sts get-caller-identity` shows whether the AWS "
        "CLI gets further.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2108",
        ERROR,
        "the folder holds another account",
        "What was collected from one account would be mixed with, or replaced by, that of "
        "another. Each account has a folder of its own; `extends` in an environment.yaml puts "
        "several together.",
        right="policyeval pull --profile dev -o environments/dev",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2109",
        ERROR,
        "files would be overwritten",
        "Files that differ stand where the environment would be written: an earlier pull, perhaps "
        "with changes by hand. On a terminal you are asked; else nothing is written without "
        "`--force`. What was collected is kept for an hour: the same command with `--force` asks "
        "AWS nothing again.",
        right="policyeval pull -o environment --force",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2110",
        WARNING,
        "not allowed to read",
        "AWS denied one of the read-only calls of a pull. The rest is collected all the same. "
        "What could not be read is unknown, never taken to be empty: the layer is not named in "
        "`complete`, and a policy that exists but cannot be read makes its layer unknown for its "
        "resource. `policyeval pull --show-policy` prints the permissions that are needed. "
        "Organizations answer the management account and delegated administrators alone.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2111",
        WARNING,
        "no answer from AWS",
        "A call failed for another reason than permissions: a service that a region does not "
        "have, throttling that did not end, a resource that went away meanwhile. The rest is "
        "collected; what is missing is unknown.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2112",
        NOTE,
        "no organization",
        "The account belongs to no organization, so no service and resource control policies "
        "reach it.",
        rules="R-FLOW-03",
    ),
    diagnostic(
        "PE2113",
        WARNING,
        "a policy that could not be read",
        "The resource is there, and AWS did not show its policy to whoever collected it. What the "
        "policy says is unknown, and so is every answer that hangs on it; it is never taken to be "
        "empty.",
        right="policyeval pull --show-policy",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2114",
        ERROR,
        "nothing could be collected",
        "AWS answered none of the questions. Nothing was written. The findings above say why, "
        "`policyeval pull --show-policy` prints the permissions that are needed.",
        rules="R-FLOW-20",
    ),
    diagnostic(
        "PE2115",
        ERROR,
        "a service that is not collected",
        "`--service` narrows a pull to some services, by the names that boto3 gives them. "
        "docs/pull.md lists what is collected.",
        wrong="--service bucket",
        right="--service iam --service s3",
        rules="R-FLOW-20",
    ),
)
