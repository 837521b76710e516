"""The tests that docs/pytest.md shows are run by pytest, beside the environment that they ask."""

import re
import shutil
import subprocess
import sys

from tests.integration.markdown import PYTEST, ROOT

PAGE = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n# (test_\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTINGS = re.search(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[1]


def run(folder, *words):
    plugin = PYTEST[PYTEST.index("-p") :]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *plugin, *words],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_every_test_of_the_page_passes(tmp_path):
    shutil.copytree(ROOT / "fixtures/environments/tamagotchi", tmp_path, dirs_exist_ok=True)
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) == PAGE.count("\n# test_") > 2
    for name, text in blocks:
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [name for name, _ in blocks]
    code, shown = run(tmp_path, "--strict-markers", "-W", "error", *names)
    assert code == 0, shown
    _, listed = run(tmp_path, "--collect-only", *names)
    assert listed.count("test_the_bucket_stays[") == 12
    assert "test_the_bucket_stays[keeper-s3:DeleteBucket-at-home]" in listed


def test_the_settings_of_the_page_are_known(tmp_path):
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n", encoding="utf-8")
    code, shown = run(tmp_path, "--strict-config", "-W", "error")
    assert code == 0, shown
