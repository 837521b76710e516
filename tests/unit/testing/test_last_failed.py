import pytest
from tests.unit.testing.suites import suite_of

from policyeval.testing.last_failed import NAME, cache_folder, read_failed, remember
from policyeval.testing.run import run_suite

ASK = "principal: deploy, action: s3:GetObject, resource: logs/a"


def results(world, one, two):
    return run_suite(
        suite_of(
            world,
            f"""
            tests:
              - {{ name: one, {ASK}, expect: {one} }}
              - {{ name: two, {ASK}, expect: {two} }}
            """,
        )
    ).results


def test_failures_are_remembered_until_they_pass(world):
    folder = cache_folder(world)
    first = results(world, "deny", "deny")
    remember(folder, first)
    assert read_failed(folder) == {result.test.id for result in first}
    second = results(world, "allow", "deny")
    remember(folder, second[:1])
    assert read_failed(folder) == {second[1].test.id}


def test_the_folder_is_ignored_by_version_control(world):
    remember(cache_folder(world), results(world, "deny", "allow"))
    assert (world / ".policyeval" / ".gitignore").read_text().endswith("*\n")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"failed": 5}', "[" * 100000])
def test_a_damaged_memory_is_no_memory(world, text):
    folder = cache_folder(world)
    folder.mkdir()
    (folder / NAME).write_text(text)
    assert read_failed(folder) == frozenset()


def test_a_folder_that_cannot_be_written_is_no_error(world):
    folder = cache_folder(world)
    folder.write_text("a file is in the way")
    remember(folder, results(world, "deny", "allow"))
    assert folder.read_text() == "a file is in the way"
