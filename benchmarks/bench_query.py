"""Questions about many: an index against the product of single evaluations, and their growth.

Every time is that of a first question in a fresh environment: reading the parsed policies,
indexing and compiling are in it; parsing the JSON texts is told apart. The product is asked in the
same way of an environment of its own, and both must find the same.
"""

import gc
import sys
from time import perf_counter

from policyeval import Request, evaluate, parse_policy
from policyeval.environment.model import (
    Account,
    Environment,
    Group,
    Identity,
    OrganizationTree,
    OwnedResource,
    PolicyDocument,
    Unit,
    built_in_document,
)
from policyeval.query.who_can import who_can

ACCOUNTS = [f"{number:012d}" for number in range(100000000001, 100000000011)]
ACTION, RESOURCE = "s3:GetObject", "arn:aws:s3:::ledger/2026/may.csv"
NAMES = ("Get", "Put", "List", "Describe", "Create", "Delete", "Update", "Tag")
SERVICES = ("s3", "sqs", "sns", "ec2", "kms", "iam", "lambda", "dynamodb", "logs", "events")


def statement(number, place):
    """One of the statements of a principal; one principal in fifty may read the ledger."""
    service = SERVICES[(number + place) % len(SERVICES)]
    if place == 0 and number % 50 == 0:
        return {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::ledger/*"}
    return {
        "Sid": f"S{place}",
        "Effect": "Deny" if place % 7 == 6 else "Allow",
        "Action": [f"{service}:{name}Thing{number % 40}" for name in NAMES[:3]] + ["s3:GetObject"],
        "Resource": f"arn:aws:{service}:*:*:team-{number}/{place}/*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": f"t{number % 30}"}},
    }


def texts(principals, statements):
    """The document of each principal."""
    return [
        {"Version": "2012-10-17", "Statement": [statement(n, place) for place in range(statements)]}
        for n in range(principals)
    ]


def allow(action, resource="*"):
    document = {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    return PolicyDocument.of(parse_policy(document, name=f"managed/{action}"))


def world(documents, groups=()):
    """An environment around these identity policies, with SCPs, a boundary and shared policies."""
    shared = tuple(allow(action) for action in ("ec2:Describe*", "cloudwatch:*", "sqs:List*"))
    no_iam = {"Statement": [{"Effect": "Deny", "Action": "iam:*", "Resource": "*"}]}
    guard = PolicyDocument.of(parse_policy(no_iam, name="scp/no-iam.json"))
    bucket = {
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": "arn:aws:s3:::ledger/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ]
    }
    identities = {}
    for number, document in enumerate(documents):
        account = ACCOUNTS[number % len(ACCOUNTS)]
        kind = "user" if number % 2 else "role"
        identities[f"p{number}"] = Identity(
            f"p{number}",
            f"arn:aws:iam::{account}:{kind}/p{number}",
            account,
            (document, *shared),
            tuple(groups),
        )
    full = built_in_document("FullAWSAccess")
    root = Unit("root", "r-1", (full, guard), accounts=tuple(ACCOUNTS))
    return Environment(
        organization=OrganizationTree("o-1", "999900001111", root),
        accounts={account: Account(account, account) for account in ACCOUNTS},
        identities=identities,
        groups={name: Group(name, group) for name, group in dict(groups).items()},
        resources={
            "ledger": OwnedResource(
                "ledger",
                "arn:aws:s3:::ledger",
                ACCOUNTS[0],
                (PolicyDocument.of(parse_policy(bucket, name="resource/ledger.json")),),
            )
        },
    )


def parsed(principals, statements):
    return [
        PolicyDocument.of(parse_policy(text, name=f"identity/p{number}.json"))
        for number, text in enumerate(texts(principals, statements))
    ]


def timed(step):
    gc.collect()
    start = perf_counter()
    result = step()
    return perf_counter() - start, result


def product(environment):
    """Ask about everybody."""
    arns = [entry.arn for entry in environment.identities.values()]
    arns += [f"arn:aws:iam::{account}:root" for account in (*ACCOUNTS, "999900001111")]
    return {
        arn: decision.verdict
        for arn in arns
        if not (decision := evaluate(Request.of(arn, ACTION, RESOURCE), environment)).denied
    }


def compare(principals, statements):
    """Ask once by index and once by the product, each in a world of its own."""
    parsing, documents = timed(lambda: parsed(principals, statements))
    environment = world(documents)
    first, answer = timed(lambda: who_can(environment, ACTION, RESOURCE))
    again, _ = timed(lambda: who_can(environment, ACTION, RESOURCE))
    other = world(parsed(principals, statements))
    naive, expected = timed(lambda: product(other))
    found = {holder.principal: holder.verdict for holder in answer.holders}
    assert found == expected, "the index and the product differ"
    return parsing, first, again, naive, answer


def show_who_can(sizes):
    print("who-can: principals x statements each; the first question, the second, the product")
    print(f"  {'size':>12}  {'parse':>9}  {'first':>9}  {'again':>9}  {'product':>9}  ratio  asked")
    for principals, statements in sizes:
        parsing, first, again, naive, answer = compare(principals, statements)
        times = "  ".join(f"{seconds * 1000:7.1f}ms" for seconds in (parsing, first, again, naive))
        print(
            f"  {principals:>6} x{statements:>4}  {times}  {naive / first:5.1f}"
            f"  {answer.evaluated} of {answer.asked}"
        )


def main():
    full = "--quick" not in sys.argv
    show_who_can([(100, 10), (1000, 10), (4000, 10)] if full else [(100, 10)])


if __name__ == "__main__":
    main()
