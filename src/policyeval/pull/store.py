"""The raw answers of a pull on disk: whole files, found again by the next run.

    OUT/.pull/ACCOUNT/manifest.json
    OUT/.pull/ACCOUNT/global/iam/get-account-authorization-details.json
    OUT/.pull/ACCOUNT/eu-west-1/kms/get-key-policy.1234abcd.json

An answer has the form of the AWS CLI's `--output json`. One about a single resource carries
`Subject` beside it: the ARN, account and region, which the answer itself often does not tell.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent_encoded

from policyeval.value import Value

FOLDER = ".pull"
MANIFEST = "manifest.json"
VERSION = 1

RUNNING, COLLECTED, FINISHED = "running", "collected", "finished"
_GOOD_FOR = {RUNNING: timedelta(hours=12), COLLECTED: timedelta(hours=1)}

_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_LONGEST = 100


class Manifest(Value):
    """Whose answers a folder holds, and how far the run came. Times are ISO 8601, in UTC."""

    account: str
    partition: str
    caller: str
    started: str
    state: str
    regions: tuple[str, ...] = ()

    def is_good(self, now: datetime) -> bool:
        """Tell whether a run can take its answers up: it did not end, and not long ago."""
        limit = _GOOD_FOR.get(self.state)
        try:
            age = now - datetime.fromisoformat(self.started)
        except (ValueError, TypeError):
            return False
        return limit is not None and timedelta(0) <= age <= limit


class Store:
    """The answers of one account under an output folder."""

    def __init__(self, out: Path, account: str) -> None:
        """Nothing is made on disk before `begin`."""
        self.base = out / FOLDER
        self.folder = self.base / account

    def other_accounts(self) -> tuple[str, ...]:
        """Give the accounts, other than this one, that the output folder has answers of."""
        if not self.base.is_dir():
            return ()
        return tuple(
            sorted(
                each.name
                for each in self.base.iterdir()
                if each.name != self.folder.name and (each / MANIFEST).is_file()
            )
        )

    def manifest(self) -> Manifest | None:
        """Give what the last run left; None where there is nothing of use."""
        data = self._read_json(self.folder / MANIFEST)
        if data is None or data.pop("version", None) != VERSION:
            return None
        if set(data) != set(Manifest._fields) or not isinstance(data["regions"], list):
            return None
        regions = tuple(map(str, data.pop("regions")))
        return Manifest(**{key: str(value) for key, value in data.items()}, regions=regions)

    def begin(self, manifest: Manifest, *, keep: bool) -> None:
        """Start a run: with the answers that are there, or without."""
        if not keep and self.folder.is_dir():
            shutil.rmtree(self.folder)
        # Policies are nobody else's business, and raw answers no matter for version control.
        self.base.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self.base / ".gitignore").write_text("*\n", encoding="utf-8")
        self.note(manifest)

    def note(self, manifest: Manifest) -> None:
        """Write how far the run came."""
        fields = {field: getattr(manifest, field) for field in Manifest._fields}
        self.write(self.folder / MANIFEST, {"version": VERSION, **fields})

    def path(self, place: str, service: str, operation: str, subject: str = "") -> Path:
        """Give where an answer stands; `place`: a region or `global`, `operation`: kebab case."""
        shown = file_name(subject, by_aws=service == "organizations")
        name = f"{operation}.{shown}.json" if subject else f"{operation}.json"
        return self.folder / place / service / name

    def read(self, path: Path) -> dict[str, Any] | None:
        """Give an answer; None where there is none, or none that is whole."""
        return self._read_json(path)

    def write(self, path: Path, answer: dict[str, Any]) -> None:
        """Write an answer, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with beside.open("w", encoding="utf-8", newline="\n") as stream:
                json.dump(answer, stream, indent=2, ensure_ascii=False, default=plain)
                stream.write("\n")
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def _read_json(self, path: Path) -> dict[str, Any] | None:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None


def file_name(subject: str, *, by_aws: bool = False) -> str:
    """Give a subject as a part of a file name, other for other subjects on every file system.

    `by_aws`: it is an id that AWS gave, so no other differs from it in case alone.
    """
    if (_ID if by_aws else _PLAIN).fullmatch(subject):
        return subject
    # Some file systems take `Orders` and `orders` for the same, none takes any character.
    mark = sha256(subject.encode()).hexdigest()[:12]
    shown = percent_encoded(subject, safe="").replace("%", "_").lstrip(".")
    return f"{shown[:_LONGEST]}~{mark}"


def plain(value: Any) -> Any:
    """Give what JSON has no form for as the AWS CLI writes it."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode("ascii")
    return str(value)


def utc_now() -> datetime:
    """Give the time, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
