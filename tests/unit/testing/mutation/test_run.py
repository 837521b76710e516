"""What comes of the mutants of a small world."""

from datetime import date

import pytest
from tests.unit.testing.suites import allow, deny, suite_of, write_policy, write_world

from policyeval.evaluation.engine import evaluate
from policyeval.testing import load_suite
from policyeval.testing.judge import is_met
from policyeval.testing.mutation import Fate, MutationError, Operator, mutate
from policyeval.testing.mutation.ask import mutated_stack
from policyeval.testing.mutation.run import Mutating, Wanted
from policyeval.testing.mutation.words import change_words
from policyeval.testing.run import Rules

RULES = Rules(date(2026, 11, 24))
HOUSE = "fixtures/environments/tamagotchi/tests/house.policytest.yaml"

DEPLOY = """
tests:
  - name: deploy reads
    principal: deploy
    action: s3:GetObject
    resource: logs/app.log
    expect: allow
"""


def fates(run):
    return {
        (each.mutant.name.rpartition("/")[2], change_words(each.mutant)): each
        for each in run.results
    }


def of(run, name, words):
    return fates(run)[name, words]


@pytest.fixture
def house(request):
    return load_suite(request.config.rootpath / HOUSE)


def test_mutant_is_killed_by_the_first_test_that_fails(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    killed = of(run, "deploy.json", "Action s3:GetObject dropped")
    assert killed.fate is Fate.KILLED
    assert killed.killer.endswith("a.policytest.yaml::deploy reads")
    assert of(run, "deploy.json", "Action s3:PutObject dropped").fate is Fate.SURVIVED


def test_every_way_of_asking_gives_the_same_killer(house):
    """The quick way leaves most tests out: it must find what asking all of them finds."""
    mutating = Mutating(Wanted((house,), RULES))
    plan, asking = mutating.plan, mutating.asking
    assert len(mutating.mutants) > 100
    for mutant in mutating.mutants:
        slow = next(
            (
                asked
                for asked in plan.asked
                if not is_met(
                    asked.test.expect,
                    evaluate(asked.request, mutated_stack(asked.stack, mutant, plan)),
                )
            ),
            None,
        )
        assert asking.killer(mutant) is slow, change_words(mutant)


def test_witness_gets_the_two_answers_it_tells(house):
    mutating = Mutating(Wanted((house,), RULES))
    survivors = [mutating.result(number) for number in range(len(mutating.mutants))]
    survivors = [each for each in survivors if each.fate is Fate.SURVIVED]
    assert len(survivors) > 20
    for each in survivors:
        test = each.witness.test
        request, stack = test.world.policies.resolve(test.request())
        changed = mutated_stack(stack, each.mutant, mutating.plan)
        assert evaluate(request, stack).verdict is each.witness.today
        assert evaluate(request, changed).verdict is each.witness.mutated
        assert each.witness.today is not each.witness.mutated


def test_test_that_fails_anyway_is_left_out_and_told(world):
    suite = suite_of(
        world,
        f"{DEPLOY}\n"
        + DEPLOY.replace("tests:\n", "")
        .replace("deploy reads", "wrong")
        .replace("expect: allow", "expect: deny"),
    )
    run = mutate([suite], RULES, paths=["identity/*"])
    assert [test.name for test in run.left_out] == ["wrong"]
    assert run.asked == 1
    assert [finding.code for finding in run.findings] == ["PE2322"]


def test_skipped_test_kills_nothing(world):
    suite = suite_of(world, DEPLOY + "    skip: not today\n")
    run = mutate([suite], RULES, paths=["identity/*"])
    assert run.asked == 0
    assert run.count(Fate.KILLED) == 0


def test_expected_reason_kills_what_the_decision_alone_does_not(world):
    write_policy(
        world / "policies/identity/deploy.json",
        [allow("s3:*", sid="All"), allow("s3:GetObject", sid="Read")],
    )
    weak = mutate([suite_of(world, DEPLOY)], RULES, paths=["identity/*"])
    strict = DEPLOY.replace("expect: allow", "expect: { decision: allow, statement: Read }")
    strong = mutate([suite_of(world, strict)], RULES, paths=["identity/*"])
    assert of(weak, "deploy.json", "statement Read dropped").fate is Fate.EQUIVALENT
    assert of(strong, "deploy.json", "statement Read dropped").fate is Fate.KILLED


def test_near_miss_is_read_of_statements_that_do_not_match(world):
    suite = suite_of(
        world,
        """
tests:
  - name: without MFA nobody deletes
    principal: deploy
    action: s3:DeleteObject
    resource: logs/app.log
    expect: { decision: deny, near-miss: DeleteWithMfa }
""",
    )
    run = mutate([suite], RULES, paths=["identity/*"])
    dropped = of(run, "deploy.json", "statement DeleteWithMfa dropped")
    assert dropped.fate is Fate.KILLED


def test_policy_that_no_test_meets_counts_too(world):
    run = mutate([suite_of(world, DEPLOY)], RULES)
    boundary = of(run, "anna.json", "statement OnlyRead dropped")
    assert boundary.met == 0
    assert boundary.fate is Fate.SURVIVED
    assert boundary.witness.test.principal.endswith("user/anna")


def test_detached_policies_are_mutants(world):
    suite = suite_of(
        world,
        """
tests:
  - name: anna only reads
    principal: anna
    action: s3:PutObject
    resource: arn:aws:s3:::other/app.log
    resource-account: "222233334444"
    expect: deny boundary
""",
    )
    run = mutate([suite], RULES, operators=[Operator.DETACH])
    found = {words: each for (_, words), each in fates(run).items()}
    assert found["permissions boundary boundary/anna.json detached"].fate is Fate.KILLED
    region = found["service control policy scp/region.json detached at OU Workloads"]
    assert region.fate is Fate.SURVIVED
    assert region.witness.test.action.startswith("sqs:")


def test_level_that_loses_its_last_scp_keeps_full_access(world):
    write_policy(world / "policies/scp/region.json", [allow("*", sid="All"), deny("sqs:*")])
    text = (world / "environment.yaml").read_text()
    (world / "environment.yaml").write_text(
        text.replace("[FullAWSAccess, scp/region.json]", "[scp/region.json]")
    )
    suite = suite_of(
        world,
        """
tests:
  - name: no queues
    principal: deploy
    action: sqs:SendMessage
    resource: arn:aws:sqs:eu-west-1:222233334444:q
    expect: explicit-deny
""",
    )
    run = mutate([suite], RULES, operators=[Operator.DETACH])
    mutating = Mutating(Wanted((suite,), RULES, (Operator.DETACH,)))
    (asked,) = mutating.plan.asked
    (mutant,) = [each for each in mutating.mutants if "region" in each.name]
    changed = mutated_stack(asked.stack, mutant, mutating.plan)
    assert evaluate(asked.request, changed).verdict.value == "allowed"
    assert run.count(Fate.KILLED) == 1


def test_no_policy_of_that_name_is_an_error(world):
    with pytest.raises(MutationError) as caught:
        mutate([suite_of(world, DEPLOY)], RULES, paths=["policys/*"])
    assert caught.value.findings[0].code == "PE2320"
    assert "`policys/*`" in caught.value.message


def test_operators_that_change_nothing_are_an_error(world):
    with pytest.raises(MutationError, match="change nothing"):
        mutate([suite_of(world, DEPLOY)], RULES, operators=[Operator.QUANTIFIER])


def test_paths_choose_files_and_folders(world):
    suite = suite_of(world, DEPLOY)
    by_folder = mutate([suite], RULES, paths=["policies/scp"])
    assert {each.mutant.name.rpartition("/")[2] for each in by_folder.results} == {"region.json"}


def test_time_that_runs_out_leaves_mutants_unasked(world):
    run = mutate([suite_of(world, DEPLOY)], RULES, budget_seconds=0)
    assert run.count(Fate.NOT_ASKED) == len(run.results) > 10
    assert [finding.code for finding in run.findings] == ["PE2323"]


def test_progress_counts_up_to_all(world):
    told = []
    run = mutate(
        [suite_of(world, DEPLOY)], RULES, paths=["scp/*"], progress=lambda *each: told.append(each)
    )
    assert told == [(number + 1, len(run.results)) for number in range(len(run.results))]


def test_processes_find_what_one_does(house):
    alone = mutate([house], RULES, paths=["policies/scp", "policies/rcp", "policies/session"])
    shared = mutate(
        [house], RULES, paths=["policies/scp", "policies/rcp", "policies/session"], jobs=2
    )
    assert [each.fate for each in shared.results] == [each.fate for each in alone.results]
    assert [each.killer for each in shared.results] == [each.killer for each in alone.results]
    assert [each.proof for each in shared.results] == [each.proof for each in alone.results]


def test_two_suites_of_one_policy_file_share_its_mutants(world):
    one = suite_of(world, DEPLOY)
    other = suite_of(world, DEPLOY)  # loads the environment again
    run = mutate([one, other], RULES, paths=["identity/*"])
    assert of(run, "deploy.json", "statement Publish dropped").met == 2


def test_witnesses_through_an_endpoint_of_one_service_ask_that_service(tmp_path):
    world = write_world(tmp_path)
    environment = world / "environment.yaml"
    text = environment.read_text().replace(
        "account: payments, service: s3", "account: payments, service: s3, policy: door.json"
    )
    environment.write_text(text)
    write_policy(world / "policies/door.json", [allow("s3:GetObject", Principal="*")])
    suite = suite_of(
        world,
        """
        tests:
          - { name: a, principal: deploy, action: s3:GetObject, resource: site/a,
              vpc-endpoint: door, expect: allow }
        """.replace("site/a", "arn:aws:s3:::site/a"),
    )
    run = mutate([suite], Rules(date(2027, 1, 1)), operators=[Operator.DETACH, Operator.WIDEN])
    witnesses = [each.witness for each in run.results if each.witness is not None]
    through = [each.test for each in witnesses if "aws:SourceVpce" in each.test.context]
    assert through
    assert {test.action.partition(":")[0] for test in through} == {"s3"}
