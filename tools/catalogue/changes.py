"""The catalogue as lines of text, and what changed between two of them."""

import json
import zlib

from policyeval.catalogue.archive import read_archive
from policyeval.catalogue.lookup import ACCESS_LEVELS


def lines(content):
    """Give {entry: its line} of an archive's bytes, sorted: actions, resource types, keys."""
    archive = read_archive(content)
    found = {}
    for prefix in archive.header["members"]:
        found.update(_service_lines(prefix, archive.member(prefix)))
    return found


def digest(content):
    """Give one line for each service: counts and a checksum. Small enough to be committed."""
    archive = read_archive(content)
    rows = []
    for prefix in archive.header["members"]:
        data = archive.member(prefix)
        counts = (len(data[part]) for part in ("actions", "resources", "keys"))
        check = zlib.crc32(json.dumps(data).encode())
        rows.append("{} {} actions {} resources {} keys {:08x}".format(prefix, *counts, check))
    return "\n".join(rows) + "\n"


def changes(before, after):
    """Give the lines that differ between two archives, `-` what went and `+` what came."""
    old, new = (lines(content) if content else {} for content in (before, after))
    for entry in sorted(old.keys() | new.keys()):
        if old.get(entry) != new.get(entry):
            if entry in old:
                yield f"- {old[entry]}"
            if entry in new:
                yield f"+ {new[entry]}"


def _service_lines(prefix, data):
    keys = [key for key, _ in data["keys"]]
    for name, action in data["actions"].items():
        yield (prefix, "action", name), f"{prefix}:{name}  {_action_text(action, keys)}"
    for name, (arn, others, own) in data["resources"].items():
        text = f"{prefix} resource {name}  {' or '.join((arn, *others))}"
        yield (prefix, "resource", name), text + _listed("  with ", _named(own, keys))
    for key, kind in data["keys"]:
        yield (prefix, "key", key), f"{prefix} key {key}  {kind or 'type not known'}"


def _action_text(action, keys):
    level, own, rows, needs, *incomplete = action
    text = ACCESS_LEVELS[level]
    if incomplete:
        text += "  resource types not all known"
    for kind, required, *more in rows:
        carried, needing = more or ((), ())
        text += f"  on {kind}{'*' * required}"
        text += _listed(" with ", _named(carried, keys)) + _listed(" needing ", needing)
    return text + _listed("  with ", _named(own, keys)) + _listed("  needs ", needs)


def _named(places, keys):
    return [keys[place] for place in places]


def _listed(word, names):
    return word + ", ".join(names) if names else ""
