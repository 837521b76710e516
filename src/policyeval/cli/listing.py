"""`policyeval can PRINCIPAL`: what it can do, as a list, JSON or one policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from policyeval.cli.guard import show_findings
from policyeval.cli.many import as_text, is_ascii, setting_of
from policyeval.cli.output import to_json, write
from policyeval.errors import ConfigError
from policyeval.finding import Finding
from policyeval.query.grant import WhatCan
from policyeval.query.what_can import what_can


def list_what_it_can(options: Mapping[str, Any]) -> None:
    """Write what the principal of the options can do."""
    if options["policy"] or options["session_policy"]:
        raise ConfigError(
            "a list of what a principal can do is made from an environment: give --env or "
            "--policies, not single policies"
        )
    if options["as_policy"] and options["as_json"]:
        raise ConfigError("--as-policy and --json contradict each other: a policy is JSON")
    setting = setting_of(options)
    environment, exact = setting.environment, options["exact"]
    principal = options["principal"] or options["principal_flag"]
    on = options["on"] or ""
    answer = what_can(
        environment,
        principal if exact else environment.principal_arn(principal),
        resource=on if exact or not on else environment.resource_arn(on),
        context=setting.context,
        resource_account=options["resource_account"],
        facts=setting.facts,
        any_context=options["conditions"] or options["as_policy"],
    )
    if options["quiet"]:
        return
    text, findings = _render(answer, options)
    if options["redact"]:
        from policyeval.rendering.redact import redact

        text = redact(text)
    write(text, options["output"])
    show_findings((*answer.findings, *findings), hide_ids=options["redact"])


def _render(answer: WhatCan, options: Mapping[str, Any]) -> tuple[str, tuple[Finding, ...]]:
    target = options["output"]
    if options["as_policy"]:
        from policyeval.query.as_policy import as_policy

        made = as_policy(answer)
        return json.dumps(made.document, indent=2, ensure_ascii=is_ascii(target)), made.findings
    if options["as_json"]:
        from policyeval.query.json import what_can_to_json

        return to_json(what_can_to_json(answer), None, ascii_only=is_ascii(target)), ()
    from policyeval.query.report import what_can_document

    document = what_can_document(answer, whole=options["verbose"])
    return as_text(document, target, options["color"]), ()
