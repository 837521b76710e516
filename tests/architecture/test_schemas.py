"""The published JSON Schemas are those of the models.

`python -m tests.architecture.test_schemas` writes them anew.
"""

import json
from pathlib import Path

import pytest

from policyeval.cli.schema import NAMES, schema_of

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def published(name):
    return FOLDER / f"{name}.schema.json"


@pytest.mark.parametrize("name", NAMES)
def test_published_schema_is_that_of_the_model(name):
    assert json.loads(published(name).read_text(encoding="utf-8")) == schema_of(name)


if __name__ == "__main__":
    for each in NAMES:
        published(each).write_text(json.dumps(schema_of(each), indent=2) + "\n", encoding="utf-8")
