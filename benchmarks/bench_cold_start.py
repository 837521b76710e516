"""How long one piped `policyeval why` takes, beside an empty typer app and `python -c pass`.

The empty app has the same verb with the same options and does nothing. With PEER set, one decision
of iam-simulate in a fresh node process as well. Commands take turns, medians are compared.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent))
import scenario

ROUNDS = int(os.environ.get("ROUNDS", "21"))
ROOT = Path(__file__).parents[1]

EMPTY_APP = """
import inspect
from typing import Annotated, Any
import typer
from typer.core import TyperGroup
from policyeval.cli import options

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)

@app.callback()
def main(version: Annotated[bool, typer.Option("--version")] = False) -> None:
    pass

@app.command()
{signature}
    pass

app(prog_name="empty")
"""


def signature():
    """The signature of `why`, copied from its source."""
    text = (ROOT / "src/policyeval/cli/why.py").read_text()
    start = text.index("def why(")
    return text[start : text.index(") -> None:", start)] + ") -> None:"


def main():
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, _ = scenario.load("small")
        policy = folder / "identity.json"
        policy.write_text(json.dumps(data["policies"]["identity"][0]["policy"], indent=2))
        app = folder / "empty.py"
        app.write_text(EMPTY_APP.format(signature=signature()))
        question = [
            "arn:aws:sts::111122223333:assumed-role/analytics/etl",
            "s3:GetObject",
            "arn:aws:s3:::analytics-data/red/a",
            "--context",
            "aws:SourceIp=198.51.100.9",
        ]
        ours = [sys.executable, "-m", "policyeval"]
        world = ROOT / "fixtures/environments/tamagotchi/environment.yaml"
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "empty typer app": [sys.executable, app, "why", *question],
            "policyeval can": [*ours, "can", *question, "--policy", f"identity={policy}"],
            "policyeval why": [*ours, "why", *question, "--policy", f"identity={policy}"],
            "policyeval why, environment.yaml": [
                *ours,
                "why",
                "keeper",
                "s3:GetObject",
                "arn:aws:s3:::tamagotchi/saves/ada.json",
                "--env",
                world,
            ],
            "policyeval why, pasted message": [
                *ours,
                "why",
                ROOT / "fixtures/pastes/denied.txt",
                "--env",
                world,
            ],
        }
        if "PEER" in os.environ:
            script = Path(__file__).parent / "peer.mjs"
            commands["node -e 0"] = ["node", "-e", "0"]
            commands["iam-simulate, one decision"] = [
                "node",
                script,
                os.environ["PEER"],
                scenario.FOLDER / "small.json",
                "once",
                "0",
            ]
        measure(commands, folder)
        profile(commands["policyeval why"], folder)


def environment(folder):
    """Compiled modules are kept in the temporary folder, as an installation keeps them."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "pyc"), "PYTHONPATH": str(ROOT / "src")}


def measure(commands, folder):
    """Run all commands in turn and print medians and ratios."""
    times = {name: [] for name in commands}
    for turn in range(ROUNDS + 2):
        for name, command in commands.items():
            start = perf_counter()
            done = subprocess.run(
                command, capture_output=True, env=environment(folder), check=False
            )
            taken = perf_counter() - start
            if done.returncode not in (0, 1):
                print(f"{name}: {done.stderr.decode()}")
            if turn > 1:
                times[name].append(taken)
    floor = statistics.median(times["python -c pass"])
    empty = statistics.median(times["empty typer app"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(
            f"{name:34} {median * 1000:7.1f} ms  {median / floor:5.1f} times python -c pass  "
            f"{median / empty:5.2f} times the empty app"
        )


def profile(command, folder):
    """Print what is imported, the slowest first."""
    timed = [command[0], "-X", "importtime", *command[1:]]
    done = subprocess.run(
        timed, capture_output=True, text=True, env=environment(folder), check=False
    )
    rows = []
    for line in done.stderr.splitlines():
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            rows.append((int(parts[0]), parts[2].strip()))
    own = sum(cost for cost, name in rows if name.startswith("policyeval"))
    print(
        f"\nimports: {sum(cost for cost, _ in rows) / 1000:.1f} ms, policyeval's own "
        f"{own / 1000:.1f} ms in {sum(n.startswith('policyeval') for _, n in rows)} modules; "
        "the slowest:"
    )
    for cost, name in sorted(rows, reverse=True)[:15]:
        print(f"  {cost / 1000:6.2f} ms  {name}")


if __name__ == "__main__":
    main()
