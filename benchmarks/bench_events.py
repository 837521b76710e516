"""How many events of CloudTrail are read as requests, why the others are not, and how fast.

`python benchmarks/bench_events.py [FILE …]`: log files in any form; the shipped events by default.
The floor of the speed is `json.loads` of the same lines.
"""

import json
import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from time import perf_counter

from policyeval import Decision, Facts, Layer, PolicyStack, Verdict, evaluate, parse_policy
from policyeval.paste.cloudtrail import read_event
from policyeval.paste.pasted import NotMapped
from policyeval.paste.records import read_records
from policyeval.stack import policy_type

SHIPPED = Path("fixtures/cloudtrail/events.jsonl")


def records(paths):
    """Give the records of all files."""
    for path in paths:
        with path.open("rb") as file:
            yield from read_records(file, path.name)


def group(record, found):
    """Say what an event came to, and why."""
    if isinstance(found, NotMapped):
        return ("none by nature" if found.by_nature else "not known"), found.reason
    main = found[0]
    if not main.missing:
        return "whole requests", "some put together from parts" if main.rebuilt else "all as told"
    if "principal" in main.missing:
        told = next(f.message for f in main.findings if f.code == "PE1726")
        return "principal missing", _without_values(told.partition(": ")[2]).partition(": ")[0]
    if record.event.get("requestParameters"):
        return "resource missing", "its parameters do not name it"
    code = record.event.get("errorCode") or "no error"
    return "resource missing", f"the event has no parameters ({code})"


def _without_values(text):
    """Leave out what stands in backticks, so that alike reasons count as one."""
    return "…".join(text.split("`")[::2])


def ground_truth(found):
    """Ask the engine with the policies that AWS's claim speaks of; None where it names no layer."""
    main = found[0] if isinstance(found, tuple) else None
    if main is None or main.missing or main.claim is None or main.claim.layer is None:
        return None
    request = main.to_request(Facts.PARTIAL)
    layers = {}
    for layer in Layer:
        needed = layer is not Layer.RESOURCE_POLICY or main.action.startswith(("kms:", "sts:"))
        if layer is main.claim.layer:
            effect = "Deny" if main.claim.explicit else None
        else:
            effect = "Allow" if needed and layer is not Layer.RESOURCE_CONTROL_POLICY else None
        layers[layer] = [_policy(layer, main.action, effect)] if effect else []
    if not layers[Layer.RESOURCE_CONTROL_POLICY]:
        del layers[Layer.RESOURCE_CONTROL_POLICY]
    decision: Decision = evaluate(request, PolicyStack.of(layers, complete=Layer))
    wanted = Verdict.EXPLICIT_DENY if main.claim.explicit else Verdict.IMPLICIT_DENY
    return decision.verdict is wanted and main.claim.layer in decision.blocking


def _policy(layer, action, effect):
    statement = {"Effect": effect, "Action": action, "Resource": "*"}
    if layer in (Layer.RESOURCE_POLICY, Layer.VPC_ENDPOINT_POLICY, Layer.RESOURCE_CONTROL_POLICY):
        statement["Principal"] = "*"
    if layer is Layer.RESOURCE_POLICY and action.startswith("sts:"):
        del statement["Resource"]
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return parse_policy(document, type=policy_type(layer, action))


def main():
    """Print the shares, the ground truth and the speed."""
    paths = [Path(name) for name in sys.argv[1:]] or [SHIPPED]
    read = list(records(paths))
    found = [read_event(record.event, record.location) for record in read]
    reasons = Counter(group(record, each) for record, each in zip(read, found, strict=True))
    groups = Counter()
    for (name, _), count in reasons.items():
        groups[name] += count
    print(f"{len(read)} events")
    for name, count in groups.most_common():
        print(f"  {count:6}  {name}")
        for (of, why), times in reasons.most_common():
            if of == name:
                print(f"          {times:6}  {why}")
    calls = len(read) - groups["none by nature"]
    print(f"{groups['whole requests'] / calls:.1%} of {calls} calls are whole requests")
    requests = sum(len(each) for each in found if isinstance(each, tuple))
    print(f"{requests} requests in all")
    checked = [truth for truth in map(ground_truth, found) if truth is not None]
    print(f"{sum(checked)} of {len(checked)} denials that AWS explains are denied as AWS says")
    _speed(paths, read)


def _speed(paths, read):
    lines = [json.dumps(record.event) for record in read]
    start = perf_counter()
    for line in lines:
        json.loads(line)
    floor = perf_counter() - start
    start = perf_counter()
    count = sum(1 for _ in chain(records(paths)))
    reading = perf_counter() - start
    start = perf_counter()
    for record in read:
        read_event(record.event, record.location)
    mapping = perf_counter() - start
    for name, seconds in (
        ("json.loads", floor),
        ("read_records", reading),
        ("read_event", mapping),
    ):
        print(f"  {name:12}  {count / seconds:10,.0f} events a second")


if __name__ == "__main__":
    main()
