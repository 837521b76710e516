import pytest
from tests.unit.environment.worlds import load

from policyeval.errors import InvalidRequestError

WORLD = """\
    version: 1
    accounts:
      payments: { id: "222233334444" }
      play: { id: "111122223333" }
    principals:
      deploy: { arn: "arn:aws:iam::222233334444:role/ci/deploy" }
      play-deploy: { arn: "arn:aws:iam::111122223333:role/deploy-all" }
      runner-a: { arn: "arn:aws:iam::222233334444:role/runner" }
      runner-b: { arn: "arn:aws:iam::111122223333:role/runner" }
      anna: { arn: "arn:aws:iam::222233334444:user/anna" }
      anna.smith: { arn: "arn:aws:iam::222233334444:user/anna.smith" }
    resources:
      logs: { arn: "arn:aws:s3:::company-logs", owner: payments }
      jobs: { arn: "arn:aws:sqs:eu-west-1:222233334444:jobs" }
      jobs-us: { arn: "arn:aws:sqs:us-east-1:222233334444:work" }
      work-eu: { arn: "arn:aws:sqs:eu-west-1:222233334444:work" }
      key: { arn: "arn:aws:kms:eu-west-1:222233334444:key/1234abcd", aliases: alias/app }
    contexts:
      office: { aws:SourceIp: 203.0.113.10 }
    """


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return load(tmp_path_factory.mktemp("names"), WORLD)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("deploy", "arn:aws:iam::222233334444:role/ci/deploy"),
        ("role/ci/deploy", "arn:aws:iam::222233334444:role/ci/deploy"),
        ("ci/deploy", "arn:aws:iam::222233334444:role/ci/deploy"),
        ("deploy-all", "arn:aws:iam::111122223333:role/deploy-all"),
        ("payments/deploy", "arn:aws:iam::222233334444:role/ci/deploy"),
        ("111122223333/runner", "arn:aws:iam::111122223333:role/runner"),
        ("user/anna", "arn:aws:iam::222233334444:user/anna"),
        ("anna.smith", "arn:aws:iam::222233334444:user/anna.smith"),
        ("deploy/build", "arn:aws:sts::222233334444:assumed-role/deploy/build"),
        ("runner-a/x", "arn:aws:sts::222233334444:assumed-role/runner/x"),
        ("*", "*"),
        ("222233334444", "222233334444"),
        ("arn:aws:iam::222233334444:role/unknown", "arn:aws:iam::222233334444:role/unknown"),
        ("lambda.amazonaws.com", "lambda.amazonaws.com"),
        ("accounts.google.com", "accounts.google.com"),
        ("", ""),
    ],
)
def test_principals(world, name, arn):
    assert world.principal_arn(name) == arn


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("logs", "arn:aws:s3:::company-logs"),
        ("company-logs", "arn:aws:s3:::company-logs"),
        ("logs/a/b.log", "arn:aws:s3:::company-logs/a/b.log"),
        ("company-logs/a", "arn:aws:s3:::company-logs/a"),
        ("s3://company-logs/a", "arn:aws:s3:::company-logs/a"),
        ("s3://elsewhere/", "arn:aws:s3:::elsewhere"),
        ("jobs", "arn:aws:sqs:eu-west-1:222233334444:jobs"),
        ("1234abcd", "arn:aws:kms:eu-west-1:222233334444:key/1234abcd"),
        ("alias/app", "arn:aws:kms:eu-west-1:222233334444:key/1234abcd"),
        ("role/ci/deploy", "arn:aws:iam::222233334444:role/ci/deploy"),
        ("*", "*"),
        ("arn:aws:s3:::x", "arn:aws:s3:::x"),
    ],
)
def test_resources(world, name, arn):
    assert world.resource_arn(name) == arn


@pytest.mark.parametrize(
    ("look_up", "name", "code", "help"),
    [
        ("principal_arn", "deplyo", "PE0743", "did you mean `deploy`?"),
        ("principal_arn", "runner", "PE0742", "222233334444:role/runner` or `arn:aws"),
        ("principal_arn", "runner/x", "PE0742", "role/runner"),
        ("principal_arn", "anna/x", "PE0743", "did you mean `anna`?"),
        ("principal_arn", "zzzzzzzz", "PE0743", "it has `deploy`, `play-deploy`"),
        ("resource_arn", "lgos", "PE0743", "did you mean `logs`?"),
        ("resource_arn", "work", "PE0742", "us-east-1:222233334444:work"),
        ("context", "ofice", "PE0743", "did you mean `office`?"),
    ],
)
def test_names_that_do_not_tell(world, look_up, name, code, help):
    with pytest.raises(InvalidRequestError) as caught:
        getattr(world, look_up)(name)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert help in finding.help
    span = finding.location.resolve()
    assert finding.location.source.text[span.start : span.end] == name


def test_an_empty_environment_knows_nothing(tmp_path):
    world = load(tmp_path, "version: 1")
    with pytest.raises(InvalidRequestError, match="it has none"):
        world.principal_arn("deploy")


def test_contexts_are_copies(world):
    world.context("office")["x"] = "y"
    assert "x" not in world.context("office")
