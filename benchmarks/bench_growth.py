"""How time grows with size: each row is ten times the one before; linear is a factor of ten."""

import gc
import json
from time import perf_counter

from policyeval import Facts, Layer, PolicyStack, Request, evaluate, explain, parse_policy
from policyeval.glob import compile_glob
from policyeval.matching.action import wildcard_tokens
from policyeval.matching.resource import limit_to_fields
from policyeval.parsing.policy import read_policy
from policyeval.source import SourceMap

ME = "arn:aws:iam::111122223333:user/ana"


def best(step, rounds=3):
    """Give the shortest of a few runs, in seconds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        step()
        times.append(perf_counter() - start)
    return min(times)


def table(title, sizes, prepare):
    """Print the time for each size and its factor over the size before."""
    print(f"\n{title}")
    before = None
    for size in sizes:
        seconds = best(prepare(size))
        factor = f"{seconds / before:6.1f} times" if before else ""
        print(f"  {size:>10}  {seconds * 1000:10.3f} ms  {factor}")
        before = seconds


def document(size):
    """A policy of `size` statements, most of the asked service."""
    statements = [
        {
            "Sid": f"S{place}",
            "Effect": "Deny" if place % 7 == 3 else "Allow",
            "Action": ["s3:GetObject", "s3:Put*"] if place % 2 else ["sqs:SendMessage"],
            "Resource": f"arn:aws:s3:::bucket-{place}/*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": f"t{place % 50}"}},
        }
        for place in range(size)
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def request(size):
    """A request that only the last statement could match."""
    return Request.of(ME, "s3:GetObject", f"arn:aws:s3:::bucket-{size - 1}/k", facts=Facts.COMPLETE)


def stack(size):
    """A stack with one identity policy of that size."""
    return PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy(document(size))]})


def main():
    """Print every table, with the garbage collector off.

    Its full passes look at all that is alive, which is more in the larger rows: with it, compiling
    10,000 statements takes about four times as long.
    """
    gc.disable()
    sizes = (10, 100, 1000, 10000)

    def parsing(size):
        text = json.dumps(document(size))
        return lambda: parse_policy(text)

    def first(size):
        asked = request(size)
        parsed = [stack(size) for _ in range(3)]
        return lambda: evaluate(asked, parsed.pop())

    def again(size):
        asked, ready = request(size), stack(size)
        evaluate(asked, ready)
        return lambda: evaluate(asked, ready)

    def explaining(size):
        decision = evaluate(request(size), stack(size))
        return lambda: explain(decision)

    table("parse a policy of N statements", sizes, parsing)
    table("first decision on it: compile, index, decide", sizes, first)
    table("every decision after that", sizes, again)
    table("explain the denial: near misses and fixes", sizes, explaining)

    def glob(pieces):
        return lambda size: lambda: pieces("a" * size)

    lengths = (1000, 10_000, 100_000, 1_000_000)
    for pattern in ("*a*a*a*a*a*a*a*a*b", "*ab*ab*ab*", "*a?b*a?b*", "*aaaaaaaaaaaaaaab*"):
        table(
            f"`{pattern}` against N times `a`",
            lengths,
            glob(compile_glob(wildcard_tokens(pattern))),
        )
    inside = compile_glob(limit_to_fields(wildcard_tokens("a*a*a*b:c?d:*")))
    table("wildcards inside a field, `a*a*a*b:c?d:*`, against N times `a`", lengths, glob(inside))

    def long_pattern(size):
        match = compile_glob(wildcard_tokens("*a" * size + "*b*"))
        return lambda: match("a" * 10_000)

    table("a pattern of N times `*a`, then `*b*`, against 10,000 times `a`", sizes, long_pattern)
    table("JSON nested N deep", lengths, lambda size: lambda: read_policy("[" * size))
    table(
        "JSON nested N deep, closed",
        lengths,
        lambda size: lambda: read_policy("[" * size + "]" * size),
    )
    table(
        "positions of a text of N characters",
        (1000, 10_000, 100_000, 1_000_000, 10_000_000),
        lambda size: (lambda text: lambda: SourceMap(text))(
            json.dumps(document(max(1, size // 200)))
        ),
    )
    table(
        "a document of N characters, 10 MB the last",
        (100_000, 1_000_000, 10_000_000),
        lambda size: (lambda text: lambda: read_policy(text))(
            json.dumps(document(max(1, size // 200)))
        ),
    )


if __name__ == "__main__":
    main()
