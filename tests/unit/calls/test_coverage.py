"""Every operation that botocore knows gives requests, needs none, or is said not to be known."""

import re
from collections import Counter
from pathlib import Path

from policyeval.calls.call import ApiCall
from policyeval.calls.exceptions import of_service
from policyeval.calls.names import Found
from policyeval.calls.operations import clients, load, origin
from policyeval.calls.requests import NOT_LISTED, no_policy_reason, requests_of_operation
from policyeval.parsing.arn import parse_arn

PAGE = (Path(__file__).parents[3] / "docs/needs.md").read_text(encoding="utf-8")


def kind_of(client, operation):
    found = Found(load(client), operation, of_service(client))
    requests = requests_of_operation(found, ApiCall(client, operation.name, {}))
    if no_policy_reason(found):
        assert requests == ()
        return "free"
    assert requests, (client, operation.name)
    for each in requests:
        assert each.resource == "" or each.resource == "*" or parse_arn(each.resource)
        assert each.resource or each.missing or each.when == NOT_LISTED, (client, each)
        assert each.certain or each.when, (client, each)
    return "unlisted" if requests[0].when == NOT_LISTED else "mapped"


def test_every_operation_is_mapped_free_or_said_to_be_unlisted_and_the_page_gives_the_count():
    counts = Counter()
    without_prefix = [client for client in clients() if not load(client).prefix]
    for client in clients():
        for operation in load(client).operations.values():
            counts[kind_of(client, operation)] += 1
    total = sum(counts.values())
    share = counts["mapped"] / total
    assert share > 0.96
    figures = re.search(
        r"([\d,]+) operations of (\d+) services.*?([\d,]+) \(([\d.]+) %\).*?(\d+) need no"
        r".*?(\d+) are not in the catalogue.*?(\d+) services have no prefix",
        PAGE,
        re.DOTALL,
    )
    assert figures is not None
    said = [text.replace(",", "") for text in figures.groups()]
    assert said == [
        str(total),
        str(len(clients())),
        str(counts["mapped"]),
        f"{100 * share:.1f}",
        str(counts["free"]),
        str(counts["unlisted"]),
        str(len(without_prefix)),
    ]
    assert all(f"`{client}`" in PAGE for client in without_prefix)


def test_the_page_names_the_release_that_the_operations_are_from():
    assert origin().source in PAGE
    assert origin().licence == "Apache-2.0"
