"""Which IAM action an event's call stands for: `eventSource` and `eventName` to an action.

Most event names are IAM actions. The rest are told by `policyeval.calls`, and by the tables here
where CloudTrail has names of its own.
"""

from __future__ import annotations

from policyeval.catalogue.lookup import find_action

ENDINGS = (".amazonaws.com", ".amazonaws.com.cn", ".aws.internal")

EVENT_NAMES = {
    "s3:GetStorageLensDashboardDataInternal": "s3:GetStorageLensDashboard",
}
"""Calls that consoles make under a name of their own: S3 User Guide, "Storage Lens permissions"."""


def service_of(event_source: str) -> str:
    """Give the service's name in an event source: `s3` of `s3.amazonaws.com`."""
    for ending in ENDINGS:
        if event_source.endswith(ending):
            return event_source.removesuffix(ending)
    return event_source


def without_version(event_name: str) -> str:
    """Give an operation's name without the API version that some services append.

    `CreateFunction20150331`, `UpdateFunctionCode20150331v2`, `CreateDistribution2020_05_31`.
    """
    name = event_name
    head, mark, tail = name.rpartition("v")
    if mark and tail.isdigit() and head[-1:].isdigit():
        name = head
    digits = name[-10:].replace("_", "") if name[-3:-2] == "_" else name[-8:]
    if len(digits) == 8 and digits.isascii() and digits.isdigit():
        shorter = name[: -10 if name[-3:-2] == "_" else -8]
        return shorter or event_name
    return event_name


def known_action(service: str, event_name: str) -> str:
    """Give the action of exactly this name, in AWS's spelling; empty where there is none."""
    own = EVENT_NAMES.get(f"{service}:{event_name}")
    entry = find_action(own or f"{service}:{event_name}")
    return entry.name if entry else ""
