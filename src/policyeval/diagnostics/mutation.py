"""Mutation of policies: PE232x."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, WARNING, diagnostic

PAGE = (
    diagnostic(
        "PE2320",
        ERROR,
        "policies cannot be mutated",
        "There is no operator of this name, no policy that `--mutate-paths` names, or nothing in "
        "these policies that the operators could change. Operators are M1 to M11, or their names: "
        "drop-statement, flip-effect, drop-condition-key, drop-condition, swap-operator, "
        "if-exists, quantifier, widen, narrow, principal, detach.",
        wrong="policyeval test --mutate-paths policys/*",
        right='policyeval test --mutate-paths "policies/scp/*"',
    ),
    diagnostic(
        "PE2321",
        WARNING,
        "memory of mutants cannot be used",
        "The file in which results are remembered for the next run is damaged, was written by "
        "another version, or cannot be written. The results of this run are right all the same; "
        "every mutant was asked about. The file can be deleted at any time.",
    ),
    diagnostic(
        "PE2322",
        WARNING,
        "tests fail without any mutant",
        "A test that fails already cannot tell a changed policy from the policy, so it is left "
        "out. The score speaks of the tests that pass.",
    ),
    diagnostic(
        "PE2323",
        WARNING,
        "time for mutants ran out",
        "The time given with `--mutate-budget` was over before every mutant was asked about. Those "
        "that were not are counted as not asked; the score speaks of the others.",
    ),
    diagnostic(
        "PE2324",
        WARNING,
        "statement with too many mutants",
        "A statement that lists hundreds of actions, resources or values has a mutant or more for "
        "each of them. Beyond a limit none are made, and the score does not speak of them.",
    ),
)
