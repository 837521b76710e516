"""The commands of `aws s3`, as the API calls that they make (AWS CLI Command Reference: s3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from policyeval.calls.steps import Step
from policyeval.errors import InvalidRequestError
from policyeval.finding import Finding, Severity
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.value import Value, replace

_SWITCHES = frozenset(
    {
        "bypass-governance-retention",
        "checksum-mode",
        "delete",
        "dryrun",
        "exact-timestamps",
        "follow-symlinks",
        "force",
        "force-glacier-transfer",
        "human-readable",
        "ignore-glacier-warnings",
        "no-follow-symlinks",
        "no-guess-mime-type",
        "no-overwrite",
        "no-progress",
        "only-show-errors",
        "quiet",
        "recursive",
        "size-only",
        "summarize",
        "validate-same-s3-paths",
        "ignore-missing",
    }
)
_VALUED = frozenset(
    {
        "acl",
        "bucket-name-prefix",
        "bucket-region",
        "cache-control",
        "case-conflict",
        "checksum-algorithm",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "copy-props",
        "error-document",
        "exclude",
        "expected-size",
        "expires",
        "expires-in",
        "grants",
        "include",
        "index-document",
        "metadata",
        "metadata-directive",
        "page-size",
        "progress-frequency",
        "progress-multiline",
        "request-payer",
        "source-region",
        "sse",
        "sse-c",
        "sse-c-copy-source",
        "sse-c-copy-source-key",
        "sse-c-key",
        "sse-kms-key-id",
        "storage-class",
        "tags",
        "website-redirect",
    }
)
_MAY_LACK_VALUE = frozenset({"sse", "sse-c", "sse-c-copy-source", "request-payer"})
_SEVERAL = frozenset({"grants", "tags"})

COMMANDS = ("cp", "mv", "sync", "rm", "ls", "mb", "rb", "presign", "website")


class Place(Value):
    """An argument: an object, prefix or bucket of S3, or a local file (then `bucket` is empty)."""

    text: str
    bucket: str = ""
    key: str = ""

    @property
    def remote(self) -> bool:
        """True for a place in S3."""
        return self.bucket != ""


class S3Command(Value):
    """A command with its arguments and options."""

    name: str
    places: tuple[Place, ...]
    options: dict[str, Any]

    def has(self, option: str) -> bool:
        """Tell whether an option is given."""
        return option in self.options


def steps_of(name: str, words: Sequence[str]) -> tuple[Step, ...]:
    """Give the API calls of `aws s3 NAME WORDS`; raises InvalidRequestError (PE2003)."""
    make = _STEPS.get(name)
    if make is None:
        raise _refused(f"{quote(name)} is no command of `aws s3`", did_you_mean(name, COMMANDS))
    places, options = _read_words(words)
    return tuple(make(S3Command(name, places, options)))


def _read_words(words: Sequence[str]) -> tuple[tuple[Place, ...], dict[str, Any]]:
    places: list[Place] = []
    options: dict[str, Any] = {}
    number = 0
    while number < len(words):
        word = words[number]
        number += 1
        if not word.startswith("--") or word == "--":
            if word != "--":
                places.append(_place(word))
            continue
        option, equals, value = word[2:].partition("=")
        if option in _SWITCHES:
            options[option] = True
        elif option not in _VALUED:
            hint = did_you_mean(option, (*_SWITCHES, *_VALUED))
            raise _refused(f"{quote(word)} is no option of `aws s3`", hint)
        elif equals:
            options[option] = value
        else:
            taken = _values(words[number:], option)
            number += len(taken)
            options[option] = taken if option in _SEVERAL else taken[0] if taken else ""
    return tuple(places), options


def _values(words: Sequence[str], option: str) -> list[str]:
    """The words that belong to an option: one, or for some all up to the next option."""
    taken: list[str] = []
    for word in words:
        if word.startswith(("--", "s3://")) and (option in _SEVERAL or option in _MAY_LACK_VALUE):
            break
        taken.append(word)
        if option not in _SEVERAL:
            break
    if option in _MAY_LACK_VALUE and taken and taken[0] not in _KNOWN_VALUES[option]:
        return []
    if not taken and option not in _MAY_LACK_VALUE:
        raise _refused(f"{quote('--' + option)} lacks its value")
    return taken


_KNOWN_VALUES = {
    "sse": ("AES256", "aws:kms", "aws:kms:dsse"),
    "sse-c": ("AES256",),
    "sse-c-copy-source": ("AES256",),
    "request-payer": ("requester",),
}


def _place(word: str) -> Place:
    """`s3://bucket/key`, `s3://ARN-of-an-access-point/key`, or a local path."""
    if not word.startswith("s3://"):
        return Place(word)
    rest = word[5:]
    if rest.startswith("arn:"):
        kind, _, after = rest.partition("accesspoint/")
        name, _, key = after.partition("/")
        return Place(word, f"{kind}accesspoint/{name}", key)
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise _refused(f"{quote(word)} names no bucket")
    return Place(word, bucket, key)


# ---- the commands --------------------------------------------------------------------------


def _cp(command: S3Command) -> list[Step]:
    source, target = _two(command)
    if command.has("recursive"):
        return [*_listing(source, "lists the source"), *_moved(command, source, target, "*")]
    return _moved(command, source, target, "")


def _mv(command: S3Command) -> list[Step]:
    source, _ = _two(command)
    steps = _cp(command)
    if source.remote:
        each = _below(source) if command.has("recursive") else {"Key": source.key}
        when = "for each object" if command.has("recursive") else ""
        steps.append(Step("DeleteObject", {"Bucket": source.bucket, **each}, when))
    return steps


def _sync(command: S3Command) -> list[Step]:
    source, target = _two(command)
    steps = [*_listing(source, "lists the source"), *_listing(target, "lists the target")]
    steps += _moved(command, source, target, "*")
    if command.has("delete") and target.remote:
        parameters = {"Bucket": target.bucket, **_below(target)}
        steps.append(Step("DeleteObject", parameters, "for each object that the source lacks"))
    return steps


def _rm(command: S3Command) -> list[Step]:
    place = _one(command)
    if not command.has("recursive"):
        return [Step("DeleteObject", {"Bucket": place.bucket, "Key": place.key})]
    parameters = {"Bucket": place.bucket, **_below(place)}
    return [*_listing(place, ""), Step("DeleteObject", parameters, "for each object")]


def _ls(command: S3Command) -> list[Step]:
    if not command.places:
        return [Step("ListBuckets", {})]
    place = _one(command)
    parameters: dict[str, Any] = {"Bucket": place.bucket, "Prefix": place.key}
    if not command.has("recursive"):
        parameters["Delimiter"] = "/"
    return [Step("ListObjectsV2", parameters)]


def _mb(command: S3Command) -> list[Step]:
    return [Step("CreateBucket", {"Bucket": _one(command).bucket})]


def _rb(command: S3Command) -> list[Step]:
    place = _one(command)
    steps = [Step("DeleteBucket", {"Bucket": place.bucket})]
    if command.has("force"):
        parameters = {"Bucket": place.bucket, **_below(place)}
        steps += [*_listing(place, ""), Step("DeleteObject", parameters, "for each object")]
    return steps


def _presign(command: S3Command) -> list[Step]:
    place = _one(command)
    when = "when the URL is used, by whoever uses it, as the one who signed it"
    return [Step("GetObject", {"Bucket": place.bucket, "Key": place.key}, when)]


def _website(command: S3Command) -> list[Step]:
    return [Step("PutBucketWebsite", {"Bucket": _one(command).bucket})]


_STEPS: dict[str, Callable[[S3Command], list[Step]]] = {
    "cp": _cp,
    "ls": _ls,
    "mb": _mb,
    "mv": _mv,
    "presign": _presign,
    "rb": _rb,
    "rm": _rm,
    "sync": _sync,
    "website": _website,
}


# ---- their parts ---------------------------------------------------------------------------


def _two(command: S3Command) -> tuple[Place, Place]:
    """The source and target; of many objects, the folders they are in."""
    if len(command.places) != 2:
        raise _refused(f"`aws s3 {command.name}` takes a source and a target")
    source, target = command.places
    if not (source.remote or target.remote):
        raise _refused(
            f"`aws s3 {command.name}` takes a place in S3 as its source or target",
            "write it like s3://bucket/key",
        )
    if command.name == "sync" or command.has("recursive"):
        return _folder(source), _folder(target)
    return source, target


def _folder(place: Place) -> Place:
    """The place with the slash that the CLI puts behind the prefix of many objects."""
    if not place.remote or not place.key or place.key.endswith("/"):
        return place
    return replace(place, key=f"{place.key}/")


def _one(command: S3Command) -> Place:
    if len(command.places) != 1:
        raise _refused(f"`aws s3 {command.name}` takes one place: s3://bucket/key")
    [place] = command.places
    if place.remote:
        return _folder(place) if command.name == "rm" and command.has("recursive") else place
    if command.name == "ls":
        return _place(f"s3://{place.text}")
    raise _refused(f"{quote(place.text)} is no place in S3", "write it like s3://bucket/key")


def _listing(place: Place, why: str) -> list[Step]:
    if not place.remote:
        return []
    return [Step("ListObjectsV2", {"Bucket": place.bucket, "Prefix": place.key}, why=why)]


def _below(place: Place) -> dict[str, str]:
    """The key that stands for all objects below a prefix."""
    return {"Key": f"{place.key}*"}


def _moved(command: S3Command, source: Place, target: Place, each: str) -> list[Step]:
    """What reads the source and writes the target; `each` is `*` for many objects."""
    when = ("for each object" if source.remote else "for each file") if each else ""
    if not target.remote:
        key = f"{source.key}*" if each else source.key
        return [Step("download_file", {"Bucket": source.bucket, "Key": key}, when)]
    parameters: dict[str, Any] = {"Bucket": target.bucket, **_written(command)}
    if each:
        parameters["Key"] = f"{target.key}*"
    else:
        parameters["Key"] = _named_after(source, target)
    if not source.remote:
        return [Step("upload_file", parameters, when)]
    key = f"{source.key}*" if each else source.key
    parameters["CopySource"] = {"Bucket": source.bucket, "Key": key}
    head = [] if each else [Step("HeadObject", {"Bucket": source.bucket, "Key": key})]
    return [Step("CopyObject", parameters, when), *head]


def _named_after(source: Place, target: Place) -> str:
    """The key of a target that is a bucket or ends in a slash ends in the source's name."""
    if target.key and not target.key.endswith("/"):
        return target.key
    path = source.key if source.remote else source.text.replace("\\", "/")
    name = path.rpartition("/")[2]
    return target.key + name if name != "-" else target.key


def _written(command: S3Command) -> dict[str, Any]:
    """The parameters that options add to what is written."""
    options = command.options
    found: dict[str, Any] = {}
    if "sse" in options:
        found["ServerSideEncryption"] = options["sse"] or "AES256"
    for option, parameter in (
        ("sse-kms-key-id", "SSEKMSKeyId"),
        ("acl", "ACL"),
        ("storage-class", "StorageClass"),
        ("metadata-directive", "MetadataDirective"),
    ):
        if option in options:
            found[parameter] = options[option]
    for grant in options.get("grants", ()):
        permission = grant.partition("=")[0]
        kinds = {"read": "GrantRead", "full": "GrantFullControl", "readacl": "GrantReadACP"}
        found[kinds.get(permission, "GrantWriteACP")] = grant.partition("=")[2]
    if options.get("copy-props") == "none":
        found["TaggingDirective"] = "REPLACE"
    return found


def _refused(message: str, hint: str = "") -> InvalidRequestError:
    return InvalidRequestError(message, (Finding("PE2003", Severity.ERROR, message, help=hint),))
