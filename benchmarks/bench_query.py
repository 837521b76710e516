"""Questions about many: an index against the product of single evaluations, and their growth.

The first question is asked of a fresh environment: indexing and compiling are in its time, parsing
the JSON texts is told apart. The product asks about everybody in turn, in a fresh environment of
its own; both must find the same. `--quick` shows that it runs.
"""

import gc
import sys
from time import perf_counter

from policyeval import Request, evaluate, parse_policy
from policyeval.catalogue.lookup import expand
from policyeval.environment.model import (
    Account,
    Environment,
    Identity,
    OrganizationTree,
    OwnedResource,
    PolicyDocument,
    Unit,
    built_in_document,
)
from policyeval.query.matrix import Answer, matrix
from policyeval.query.what_can import what_can
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


def world(documents, more=()):
    """An environment around these identity policies, with SCPs and policies that all share."""
    shared = tuple(more) + tuple(
        allow(action) for action in ("ec2:Describe*", "cloudwatch:*", "sqs:List*")
    )
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
        )
    full = built_in_document("FullAWSAccess")
    root = Unit("root", "r-1", (full, guard), accounts=tuple(ACCOUNTS))
    return Environment(
        organization=OrganizationTree("o-1", "999900001111", root),
        accounts={account: Account(account, account) for account in ACCOUNTS},
        identities=identities,
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
    gc.freeze()  # what is there already is no matter of the question
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


def compare(build):
    """Ask once by index and once by the product, each in a world of its own."""
    environment = build()
    first, answer = timed(lambda: who_can(environment, ACTION, RESOURCE))
    again, _ = timed(lambda: who_can(environment, ACTION, RESOURCE))
    other = build()
    naive, expected = timed(lambda: product(other))
    found = {holder.principal: holder.verdict for holder in answer.holders}
    assert found == expected, "the index and the product differ"
    return first, again, naive, answer


def shared_by_all(principals, statements):
    """Each principal carries the very same policies, ten statements in each."""
    many = [
        PolicyDocument.of(parse_policy(text, name=f"shared/{number}.json"))
        for number, text in enumerate(texts(statements // 10, 10)[1:], start=1)
    ]
    return world(parsed(principals, 1), many)


def show_who_can(title, sizes, build):
    print(f"\nwho-can, {title}")
    names = ("each", "first", "again", "product")
    head = "  ".join(f"{name:>{6 if name == 'each' else 9}}" for name in names)
    print(f"  principals  {head}  ratio  asked")
    for principals, statements in sizes:
        first, again, naive, answer = compare(lambda p=principals, s=statements: build(p, s))
        times = "  ".join(f"{seconds * 1000:7.1f}ms" for seconds in (first, again, naive))
        print(
            f"  {principals:>10}  {statements:>6}  {times}  {naive / first:5.1f}"
            f"  {answer.evaluated} of {answer.asked}"
        )


def show_parsing(principals, statements):
    seconds, _ = timed(lambda: parsed(principals, statements))
    print(f"\nparsing {principals * statements} statements: {seconds * 1000:.1f} ms")


def show_matrix(principals, actions, resources):
    environment = world(parsed(principals, 10))
    arns = [entry.arn for entry in environment.identities.values()]
    names = sorted(expand("s3:*"))[:actions]
    things = [f"arn:aws:s3:::ledger/2026/{number}.csv" for number in range(resources)]
    seconds, table = timed(lambda: matrix(environment, arns, names, things))
    cells = principals * actions * resources
    other = world(parsed(principals, 10))
    naive, wrong = timed(
        lambda: sum(
            evaluate(Request.of(arn, name, thing), other).allowed
            is not (table.answer(arn, name, thing) is Answer.ALLOWED)
            for arn in arns
            for name in names
            for thing in things
        )
    )
    assert not wrong, "the matrix and the product differ"
    print(
        f"\nmatrix {principals} x {actions} x {resources} = {cells} cells: {seconds * 1000:.1f} ms,"
        f" product {naive * 1000:.1f} ms, ratio {naive / seconds:.1f};"
        f" {table.evaluated} evaluated"
    )


def show_what_can():
    environment = world(parsed(1000, 10))
    arn = environment.identities["p0"].arn
    seconds, answer = timed(lambda: what_can(environment, arn))
    print(f"\ncan PRINCIPAL, 10 statements: {seconds * 1000:.1f} ms, {len(answer.grants)} grants")
    admin = world([allow("*"), *parsed(9, 10)])
    seconds, answer = timed(lambda: what_can(admin, admin.identities["p0"].arn))
    actions = len({action for grant in answer.grants for action in grant.actions})
    print(f"can PRINCIPAL, an administrator: {seconds * 1000:.1f} ms, {actions} actions")


def main():
    quick = "--quick" in sys.argv
    show_parsing(100 if quick else 1000, 10)
    own = [(100, 10)] if quick else [(250, 10), (500, 10), (1000, 10), (2000, 10), (1000, 40)]
    show_who_can("statements of their own", own, lambda p, s: world(parsed(p, s)))
    shared = [(50, 100)] if quick else [(1000, 1000)]
    show_who_can("statements that all share", shared, shared_by_all)
    show_matrix(*((10, 5, 2) if quick else (100, 50, 20)))
    show_what_can()


if __name__ == "__main__":
    main()
