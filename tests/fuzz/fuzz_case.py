"""Coverage-guided fuzzing of cases: a JSON text, decided; run nightly.

    pip install atheris
    PYTHONPATH=src:. python tests/fuzz/fuzz_case.py -max_total_time=600 CORPUS
    PYTHONPATH=src:. python tests/fuzz/fuzz_case.py -atheris_runs=100000

CORPUS is a folder that is read and added to; the lines of fixtures/conformance, one a file, make a
good start. Bytes that are no JSON steer the generator of damaged cases instead. Anything but an
answer or a PolicyEvalError is a crash, and its input is left as `crash-…` in the current folder.
Pin it with `@example` in test_hostile_cases.py, then mend the code.
"""

import json
import sys

try:
    import atheris
except ImportError:  # the tests need it not
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["policyeval"]):
        from tests.fuzz import test_hostile_cases, whole_path
else:
    from tests.fuzz import test_hostile_cases, whole_path


def test_one_input(data: bytes) -> None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        test_hostile_cases.test_damaged_case_is_answered.hypothesis.fuzz_one_input(data)
    else:
        whole_path.from_value(value)


def main() -> None:
    if atheris is None:
        sys.exit("fuzz_case needs atheris: pip install atheris")
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
