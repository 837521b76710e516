import pytest
from tests.unit.testing.suites import write_world


@pytest.fixture
def world(tmp_path):
    """A folder with an environment and its policies."""
    return write_world(tmp_path)
