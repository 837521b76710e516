"""The policies that a suite asks: one on its own, a stack, or an environment with overlays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from policyeval.environment.builtin import FULL_ACCESS, attach_built_in
from policyeval.environment.folder import layer_by_folder
from policyeval.environment.model import Environment, PolicyDocument
from policyeval.environment.names import find_resource
from policyeval.environment.yaml_tree import Node
from policyeval.errors import InvalidRequestError, PolicyEvalError
from policyeval.parsing.defect import quote
from policyeval.policy import Effect, PolicyType
from policyeval.request import Request
from policyeval.stack import LEVELED, AttachedPolicy, Layer, PolicyStack
from policyeval.testing.file import AskEntry, LayersEntry, OverlayEntry, PolicyEntry, SuiteFile
from policyeval.testing.library import Library, nearest_environment
from policyeval.testing.model import World
from policyeval.testing.notes import Notes, Steps
from policyeval.testing.policy_files import ANY, PolicyFiles, why_no_path
from policyeval.value import Value, replace

_OVERLAYS = ("policies", "attach", "detach")
ENDPOINT = "vpce-0123456789abcdef0"
"""The endpoint through which a VPC endpoint policy is asked on its own."""


class _Alone(Value):
    """One policy on its own: what it says is the answer, all other layers allow.

    Callers of a resource's own account have no identity policy: it could allow what the resource
    policy does not.
    """

    layer: Layer
    stack: PolicyStack

    def resolve(self, request: Request) -> tuple[Request, PolicyStack]:
        """Give the request, through the endpoint where that is what is asked, and the policies."""
        stack = self.stack
        if self.layer is Layer.VPC_ENDPOINT_POLICY:
            through = {"aws:SourceVpce": (ENDPOINT,)}
            request = replace(request, context=request.context.with_derived(through))
        own = self.layer is Layer.RESOURCE_POLICY and request.same_account
        if self.layer is not Layer.IDENTITY_POLICY and not own:
            full = ((attach_built_in(FULL_ACCESS),),)
            stack = replace(stack, layers={**stack.layers, Layer.IDENTITY_POLICY: full})
        return request, stack


class Worlds:
    """Makes the worlds of one suite, each once. `findings` is where errors are noted."""

    def __init__(self, suite: SuiteFile, path: Path, library: Library, notes: Notes) -> None:
        self._suite = suite
        self._notes = notes
        self._folder = path.parent
        self._no_path = why_no_path(path.parent, suite.environment)
        named = suite.environment if not self._no_path else None
        self._files = PolicyFiles(path.parent, named, notes)
        self._made: dict[tuple[object, ...], World | None] = {}
        self.base = self._base(library)
        if self.base is not None:
            if self.base.environment is not None:
                self.base = self._overlaid(self.base, [(suite, ())])
            elif _changes(suite):
                word = next(word for word in _OVERLAYS if getattr(suite, word) is not None)
                self._refuse_overlay((word,))

    def world(
        self, layers: Sequence[tuple[AskEntry, Steps]], session: tuple[Sequence[str], Steps] | None
    ) -> World | None:
        """Give the base with the overlays of some entries, and a session policy.

        None where it cannot be made: then a finding says why.
        """
        changing = [(entry, steps) for entry, steps in layers if _changes(entry)]
        if not changing and session is None:
            return self.base
        key = (*(steps for _, steps in changing), session[1] if session else None)
        if key not in self._made:
            self._made[key] = self._make(changing, session)
        return self._made[key]

    # ---- the base ---------------------------------------------------------------------------

    def _base(self, library: Library) -> World | None:
        suite = self._suite
        given = [each for each in ("environment", "policy", "stack") if suite.given(each)]
        if len(given) > 1:
            self._notes.add(
                "PE2206",
                f"`{given[0]}` and `{given[1]}` exclude each other",
                (given[1],),
                "tests ask an environment, a stack, or one policy",
            )
            return None
        if suite.policy is not None:
            return self._alone(suite.policy)
        if suite.stack is not None:
            return self._stack()
        return self._environment(library)

    def _environment(self, library: Library) -> World | None:
        named = self._suite.environment
        if named is not None and self._no_path:
            message = f"{quote(named)} cannot be read: {self._no_path}"
            self._notes.add("PE0701", message, ("environment",))
            return None
        path = library.only
        if path is None:
            path = self._folder / named if named is not None else nearest_environment(self._folder)
        if path is None:
            self._notes.add(
                "PE2207",
                "there is no environment.yaml here or above",
                (),
                "name one as `environment`, or give `policy` or `stack`",
            )
            return None
        try:
            environment = library.environment(Path(os.path.normpath(path)))
        except PolicyEvalError as error:
            self._notes.take_file(error, ("environment",))
            return None
        folder = path if path.is_dir() else path.parent
        self._files.folders.append(Path(os.path.normpath(folder)))
        return World(environment.name, environment, environment)

    def _alone(self, entry: PolicyEntry) -> World | None:
        steps = ("policy", "file") if "file" in _map_at(self._notes.tree, "policy") else ("policy",)
        by_folder = layer_by_folder(self._folder / entry.file)
        layer, kind = _layer_of(entry.layer or by_folder or Layer.IDENTITY_POLICY.value)
        attached = self._attached([entry.file], kind, steps)
        if not attached:
            return None
        name = attached[0].name
        if layer is Layer.SERVICE_CONTROL_POLICY and not any(map(_allows, attached)):
            attached.append(attach_built_in(FULL_ACCESS))  # as AWS does by default
        stack = PolicyStack({layer: (tuple(attached),)}, frozenset(Layer))
        return World(name, _Alone(layer, stack))

    def _stack(self) -> World | None:
        layers: dict[Layer, tuple[tuple[AttachedPolicy, ...], ...]] = {}
        before = len(self._notes.findings)
        for word, levels in (self._suite.stack or {}).items():
            layer, kind = _layer_of(word)
            made = [
                tuple(self._attached(level, kind, ("stack", word, depth)))
                for depth, level in enumerate(levels)
            ]
            if layer not in LEVELED:
                made = [tuple(attached for level in made for attached in level)]
            layers[layer] = (*layers.get(layer, ()), *made)
        if len(self._notes.findings) > before:
            return None
        return World("stack", PolicyStack(layers, frozenset(Layer)))

    def _attached(
        self, references: Sequence[str], kind: PolicyType, steps: Steps
    ) -> list[AttachedPolicy]:
        """Read policies that must be whole; notes what is wrong with them."""
        attached = []
        for document in self._files.documents(references, kind, steps):
            policy = document.policy
            if policy is None:
                self._notes.findings.extend(each for each in document.findings if each.is_error)
            else:
                attached.append(AttachedPolicy(policy, document.name, document.arn))
        return attached

    # ---- overlays ---------------------------------------------------------------------------

    def _make(
        self,
        changing: Sequence[tuple[AskEntry, Steps]],
        session: tuple[Sequence[str], Steps] | None,
    ) -> World | None:
        world: World | None = self.base
        if world is None:
            return None
        if world.environment is None:
            self._refuse_overlay(session[1] if session else changing[0][1])
            return None
        world = self._overlaid(world, changing)
        if world is None or session is None:
            return world
        return self._with_session(world, *session)

    def _refuse_overlay(self, steps: Steps) -> None:
        self._notes.add(
            "PE2206", "only an environment can be overlaid", steps, "name `environment`"
        )

    def _overlaid(
        self, world: World, entries: Sequence[tuple[OverlayEntry | SuiteFile, Steps]]
    ) -> World | None:
        environment = world.environment
        assert environment is not None
        before, names = len(self._notes.findings), [world.name]
        for entry, steps in entries:
            for word in _OVERLAYS:
                layers: LayersEntry | None = getattr(entry, word)
                if layers is not None:
                    environment = self._changed(environment, word, layers, (*steps, word))
                    names.append(f"{word} {_shown(layers)}")
        if len(self._notes.findings) > before:
            return None
        return World(", ".join(names), environment, environment)

    def _changed(
        self, environment: Environment, word: str, layers: LayersEntry, steps: Steps
    ) -> Environment:
        for layer_word in LayersEntry.model_fields:
            layer = Layer(layer_word)
            for holder, listed in getattr(layers, layer_word).items():
                place = (*steps, layer_word, holder)
                try:
                    environment = self._at(environment, word, layer, holder, listed, place)
                except InvalidRequestError as error:
                    self._notes.take_key(error, place)
        return environment

    def _at(
        self,
        environment: Environment,
        word: str,
        layer: Layer,
        holder: str,
        listed: Sequence[str],
        place: Steps,
    ) -> Environment:
        if word == "detach":
            for name in listed:
                changed = environment.without(layer, holder, "" if name == ANY else name)
                if changed.documents == environment.documents and name != ANY:
                    self._notes.add(
                        "PE2209", f"no policy {quote(name)} hangs at {quote(holder)}", place
                    )
                environment = changed
            return environment
        kind = PolicyType(layer.value)
        if layer is Layer.RESOURCE_POLICY and _is_role(environment, holder):
            kind = PolicyType.TRUST
        documents = list(self._files.documents(listed, kind, place))
        if word == "policies":
            return environment.with_policies(layer, holder, documents)
        for document in documents:
            environment = environment.with_policy(layer, holder, document)
        return environment

    def _with_session(self, world: World, listed: Sequence[str], steps: Steps) -> World | None:
        environment, before = world.environment, len(self._notes.findings)
        assert environment is not None
        policies: list[PolicyDocument | str] = []
        for place, reference in enumerate(listed):
            if reference in environment.sessions:
                policies.append(reference)
            else:
                policies += self._files.documents([reference], PolicyType.SESSION, (*steps, place))
        if len(self._notes.findings) > before:
            return None
        changed = environment.with_session_policies(policies)
        return World(f"{world.name}, session {', '.join(listed)}", changed, changed)


def _changes(entry: OverlayEntry) -> bool:
    return any(getattr(entry, word) is not None for word in _OVERLAYS)


def _shown(layers: LayersEntry) -> str:
    """Say in short what a part of an overlay changes: `scp at @Workloads`."""
    changes = [
        f"{word} at {holder}"
        for word in LayersEntry.model_fields
        for holder in getattr(layers, word)
    ]
    return " and ".join(changes)


def _allows(attached: AttachedPolicy) -> bool:
    return any(each.effect is Effect.ALLOW for each in attached.policy.statements)


def _layer_of(word: str) -> tuple[Layer, PolicyType]:
    if word == "trust":
        return Layer.RESOURCE_POLICY, PolicyType.TRUST
    return Layer(word), PolicyType(word)


def _is_role(environment: Environment, holder: str) -> bool:
    if find_resource(environment, holder) is not None:
        return False
    return ":role/" in holder or not holder.startswith("arn:")


def _map_at(tree: Node, key: str) -> dict[str, Node]:
    value = tree.value[key].value
    return value if isinstance(value, dict) else {}
