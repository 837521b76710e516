"""Coverage-guided fuzzing of policies, from bytes to an answer; run nightly.

    pip install atheris
    PYTHONPATH=src:. python tests/fuzz/fuzz_policy.py -max_total_time=600 CORPUS
    PYTHONPATH=src:. python tests/fuzz/fuzz_policy.py -atheris_runs=100000

CORPUS is a folder that is read and added to; any policy files make a good start. Anything but
findings or an answer is a crash, and its input is left as `crash-…` in the current folder. Pin it
with `@example` in test_hostile_policies.py, then mend the code.
"""

import sys

try:
    import atheris
except ImportError:  # the tests need it not
    atheris = None

if atheris is not None:
    with atheris.instrument_imports(include=["policyeval"]):
        from tests.fuzz import whole_path
else:
    from tests.fuzz import whole_path


def test_one_input(data: bytes) -> None:
    whole_path.from_bytes(data)


def main() -> None:
    if atheris is None:
        sys.exit("fuzz_policy needs atheris: pip install atheris")
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
