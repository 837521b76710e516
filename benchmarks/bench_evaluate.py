"""Decisions a second, beside npm iam-simulate in the same run (PEER=folder with node_modules)."""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from policyeval import evaluate

sys.path.insert(0, str(Path(__file__).parent))
import scenario

SECONDS = float(os.environ.get("SECONDS_EACH", "1"))
ROUNDS = 3


def rate(step, size):
    """Call `step`, which makes `size` decisions, for a while; give decisions a second."""
    start, count = perf_counter(), 0
    while perf_counter() - start < SECONDS:
        step()
        count += size
    return count / (perf_counter() - start)


def ours(name):
    """Rates of our engine: with requests made beforehand, and made from their texts each time."""
    data, stack = scenario.load(name)
    items = data["requests"]
    requests = [scenario.request_of(item) for item in items]
    for item, request in zip(items, requests, strict=True):
        got = evaluate(request, stack).verdict.value
        if got != scenario.EXPECTED[item["expected"]]:
            sys.exit(f"{name} {item['id']}: {got}, expected {item['expected']}")

    def decide():
        for request in requests:
            evaluate(request, stack)

    def decide_from_texts():
        for item in items:
            evaluate(scenario.request_of(item), stack)

    return lambda: (rate(decide, len(items)), rate(decide_from_texts, len(items)))


def theirs(peer, name, mode):
    """Rate of the peer in a process of its own, warmed up."""
    script = Path(__file__).parent / "peer.mjs"
    done = subprocess.run(
        ["node", script, peer, scenario.FOLDER / f"{name}.json", mode, str(SECONDS)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def main():
    """Take turns, ours and theirs, and print medians and ratios."""
    peer = os.environ.get("PEER")
    print("decisions a second, median of", ROUNDS, "rounds")
    for name in ("small", "large"):
        measure = ours(name)
        rounds = []
        for _ in range(ROUNDS):
            made, texts = measure()
            run = theirs(peer, name, "run") if peer else None
            unsafe = theirs(peer, name, "unsafe") if peer else None
            rounds.append((made, texts, run, unsafe))
        made = statistics.median(each[0] for each in rounds)
        texts = statistics.median(each[1] for each in rounds)
        print(f"{name:6} policyeval, requests ready   {made:9.0f}")
        print(f"{name:6} policyeval, from texts       {texts:9.0f}")
        if not peer:
            print(f"{name:6} iam-simulate: not measured, set PEER")
            continue
        for place, mode in ((2, "run"), (3, "unsafe")):
            median = statistics.median(each[place]["rate"] for each in rounds)
            wrong = rounds[0][place]["wrong"]
            print(
                f"{name:6} iam-simulate {mode:6}          {median:9.0f}   {wrong} of 12 wrong; "
                f"ours is {made / median:.0f} times (from texts {texts / median:.0f} times)"
            )


if __name__ == "__main__":
    main()
