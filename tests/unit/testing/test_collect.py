import os

import pytest
from tests.unit.testing.suites import write_suite

from policyeval.errors import PolicyEvalError
from policyeval.testing.collect import find, load_all, suites_of

SUITE = """
tests:
  - name: many
    principal: deploy
    resource: logs/a
    matrix: { action: [s3:GetObject, s3:PutObject] }
    expect: not unknown
  - { name: many more, principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }
"""


def test_files_are_found_below_folders_in_order_and_once(world):
    (world / "b").mkdir()
    (world / ".hidden").mkdir()
    (world / "node_modules").mkdir()
    for place in ("b/two", "one", ".hidden/no", "node_modules/no"):
        write_suite(world, SUITE, f"{place}.policytest.yaml")
    (world / "other.yaml").write_text("")
    found = find([str(world), str(world / "one.policytest.yaml")])
    assert found.files == (
        str(world / "one.policytest.yaml"),
        str(world / "b/two.policytest.yaml"),
    )


def test_a_folder_that_cannot_be_read_is_told(world, monkeypatch):
    (world / "closed").mkdir()
    path = write_suite(world, SUITE)
    scan = os.scandir

    def refuse(folder):
        if str(folder).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(folder))
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find([str(world)])
    assert found.files == (str(path),)
    assert [finding.code for finding in found.findings] == ["PE2201"]
    with pytest.raises(PolicyEvalError) as caught:
        find([str(world / "closed")])
    assert len(caught.value.findings) == 2


def test_a_file_named_is_taken_whatever_its_ending(world):
    path = write_suite(world, SUITE, "tests.yaml")
    assert find([str(path)]).files == (str(path),)


@pytest.mark.parametrize("name", ["nowhere", "policies"])
def test_no_tests_is_an_error(world, name):
    with pytest.raises(PolicyEvalError) as caught:
        find([str(world / name)])
    assert caught.value.findings[0].code == "PE2201"
    assert caught.value.findings[0].help


def test_an_id_chooses_a_test_or_all_of_an_entry(world):
    file = str(write_suite(world, SUITE))
    suites = load_all([file])

    def titles(*paths):
        wanted = find(paths)
        every = [test for suite in suites for test in suite.tests]
        chosen = wanted.choose(every)
        kept = suites_of(suites, [each for each, taken in zip(every, chosen, strict=True) if taken])
        return [test.title for suite in kept for test in suite.tests]

    assert titles(file) == ["many[s3:GetObject]", "many[s3:PutObject]", "many more"]
    assert titles(f"{file}::many") == ["many[s3:GetObject]", "many[s3:PutObject]"]
    assert titles(f"{file}::many[s3:PutObject]") == ["many[s3:PutObject]"]
    assert titles(f"{file}::many more", f"{file}::many[s3:GetObject]") == [
        "many[s3:GetObject]",
        "many more",
    ]
    assert len(titles(f"{file}::many more", file)) == 3


@pytest.mark.parametrize("id", ["{file}::man", "{file}::many more[x]", "{folder}::many more"])
def test_an_id_that_no_test_has_is_an_error_whatever_else_is_asked_for(world, id):
    file = str(write_suite(world, SUITE))
    every = [test for suite in load_all([file]) for test in suite.tests]
    with pytest.raises(PolicyEvalError) as caught:
        find([file, id.format(file=file, folder=world)]).choose(every)
    assert caught.value.findings[0].code == "PE2210"


def test_errors_of_all_files_are_told_together(world):
    one = write_suite(world, "tests: [{ name: a }]", "a.policytest.yaml")
    two = write_suite(world, "tests: 5", "b.policytest.yaml")
    with pytest.raises(PolicyEvalError) as caught:
        load_all([str(one), str(two)])
    names = {finding.location.source.name for finding in caught.value.findings}
    assert names == {str(one), str(two)}
