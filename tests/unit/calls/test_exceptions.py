"""The exceptions name actions, types, keys and services that exist: nothing is misspelt."""

import pytest

from policyeval.calls.exceptions import FOLDER, of_service, service_names
from policyeval.calls.operations import clients, fold, load
from policyeval.calls.templates import variables
from policyeval.catalogue.lookup import find_action, resources_of, service

SERVICES = sorted(path.stem for path in FOLDER.glob("[a-z]*.toml"))


def rows_of(client):
    exceptions = of_service(client)
    tables = (*exceptions.requests.values(), *exceptions.also.values())
    return [row for rows in tables for row in rows]


@pytest.mark.parametrize("client", SERVICES)
def test_a_file_of_exceptions_is_about_a_service_and_names_its_source(client):
    assert client in clients()
    assert len(of_service(client).source) > 15


@pytest.mark.parametrize("client", SERVICES)
def test_every_action_in_the_exceptions_exists(client):
    named = [row.action for row in rows_of(client)]
    named += [each for actions in of_service(client).actions.values() for each in actions]
    assert [name for name in named if find_action(name) is None] == []
    assert [name for name in named if find_action(name).name != name] == []


@pytest.mark.parametrize("client", SERVICES)
def test_every_resource_type_in_the_exceptions_is_one_of_the_action(client):
    for row in rows_of(client):
        if row.resource and row.resource != "*" and not row.resource.startswith("arn:"):
            known = {kind.name for kind in resources_of(row.action)}
            assert set(row.resource.split()) <= known, row


@pytest.mark.parametrize("client", SERVICES)
def test_every_template_looks_like_an_arn_of_the_actions_service_or_its_type(client):
    for row in rows_of(client):
        if row.resource.startswith("arn:"):
            assert row.resource.startswith("arn:${Partition}:"), row
            assert row.resource.count(":") >= 5, row


@pytest.mark.parametrize("client", SERVICES)
def test_variables_and_keys_in_the_exceptions_exist_in_the_catalogue(client):
    exceptions, known = of_service(client), service(load(client).prefix)
    for name in exceptions.variables:
        kind, _, variable = name.rpartition(".")
        kinds = [known.resources[kind]] if kind else list(known.resources.values())
        assert any(variable in variables(each.arn) for each in kinds), name
    for key in exceptions.keys:
        assert key.lower() in known.condition_keys, key


def test_services_named_for_roles_and_passing_exist_with_their_operations():
    names = service_names()
    for client, operations in names.passes.items():
        assert operations <= set(load(client).operations), client
    assert set(names.roles) <= set(clients())
    assert set(names.none) <= set(clients())
    assert all(principal.endswith(".amazonaws.com") for principal in names.roles.values())
    assert set(names.aliases.values()) <= set(clients())


def test_a_method_of_the_exceptions_hides_no_operation():
    methods = {"upload_file", "download_file", "copy", "put", "get", "load"}
    assert not methods & {fold(name) for name in load("s3").operations}
