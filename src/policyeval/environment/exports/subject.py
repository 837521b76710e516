"""What the name of an export tells: the command that printed it, and about whom.

list-policies-for-target.ou-ab12-11111111.json
list-policies.SERVICE_CONTROL_POLICY.json
get-bucket-policy.my.bucket.json
"""

from __future__ import annotations

from policyeval.value import Value

# Lists that do not say whose they are, by command.
NEEDED = {
    "Parents": "list-parents",
    "Targets": "list-targets-for-policy",
    "OrganizationalUnits": "list-organizational-units-for-parent",
}


class Subject(Value):
    """`command` is the first part of a file's name, `rest` what follows its first dot."""

    command: str = ""
    rest: str = ""

    @staticmethod
    def of(stem: str) -> Subject:
        """Give the subject of a file's name without its ending."""
        command, _, rest = stem.partition(".")
        return Subject(command, rest)

    @property
    def words(self) -> tuple[str, ...]:
        """The parts of the name that follow the command."""
        return tuple(self.rest.split(".")) if self.rest else ()

    @property
    def id(self) -> str:
        """The id that the name tells; empty where it tells none."""
        words = self.words
        return words[0] if words and not words[0].isupper() else ""
