"""The seven layers as a picture: the request comes in at the left, the verdict is at the right.

Each gate has the layer's word for its answer and a sign of its own, so colour is never needed. The
way is drawn through up to the first gate that does not open, and dashed beyond it.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.decision import LayerDecision, LayerVerdict, Verdict
from policyeval.explanation.tree import Explanation
from policyeval.rendering.document import ELLIPSIS, visible
from policyeval.rendering.reasons import verdict_word
from policyeval.rendering.report import LAYER_ROLES, VERDICT_ROLES, layer_mark
from policyeval.rendering.words import layer_noun, layer_verdict_word

GATE = 110
GAP = 12
END = 122
TOP, HEIGHT = 28, 118
MIDDLE = 104
_SIGNS = {
    LayerVerdict.ALLOWED: "M-7 0l5 6 10-12",
    LayerVerdict.DENIED: "M-6-6l12 12M6-6l-12 12",
    LayerVerdict.NO_ALLOW: "M-7 0h14",
    LayerVerdict.UNKNOWN: "M-4-4a4 4 0 1 1 5 4q-1 1-1 3M0 7v.5",
    LayerVerdict.NONE: "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0",
    LayerVerdict.EXEMPT: "M-7-5l6 5-6 5M1-5l6 5-6 5",
}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def escape(text: str) -> str:
    """The one door of HTML and SVG: harmless in elements and in quoted attributes."""
    return "".join(_ENTITIES.get(char, char) for char in visible(text))


def flow_picture(explanation: Explanation) -> str:
    """Give the picture as an SVG element; colours come from the page's style."""
    layers = explanation.layers
    width = 2 * END + len(layers) * (GATE + GAP) + GAP
    pieces = [_request(explanation)]
    open_way = True
    for place, said in enumerate(layers):
        left = END + GAP + place * (GATE + GAP)
        pieces.append(_way(left - GAP, left, open_way=open_way))
        open_way = open_way and not _stops(said, explanation)
        pieces.extend(_gate(said, left, explanation))
    right = width - END
    pieces.append(_way(right - GAP, right, open_way=open_way))
    pieces.append(_verdict(explanation, right))
    told = ", ".join(f"{said.layer.value} {layer_verdict_word(said)}" for said in layers)
    title = f"{verdict_word(explanation.decision)}: {told}"
    return (
        f'<svg class="flow" viewBox="0 0 {width} 176" role="img" aria-label="{escape(title)}">'
        f"{''.join(pieces)}</svg>"
    )


def _stops(said: LayerDecision, explanation: Explanation) -> bool:
    decision = explanation.decision
    waits = decision.unknown and said.verdict is LayerVerdict.UNKNOWN
    return waits or said.layer in decision.blocking


def _request(explanation: Explanation) -> str:
    request = explanation.decision.request
    service, _, name = request.action.text.partition(":")
    lines = ("request", _cut(f"{service}:"), _cut(name))
    return _box(0, END, "request", lines)


def _verdict(explanation: Explanation, left: int) -> str:
    decision = explanation.decision
    words = {
        Verdict.ALLOWED: "",
        Verdict.EXPLICIT_DENY: "explicit deny",
        Verdict.IMPLICIT_DENY: "implicit deny",
        Verdict.UNKNOWN: "facts decide",
    }
    role = VERDICT_ROLES[decision.verdict].replace(".", "-")
    return _box(left, END, role, ("verdict", verdict_word(decision), words[decision.verdict]))


def _box(left: int, width: int, role: str, lines: tuple[str, ...]) -> str:
    small, big, last = lines
    middle = left + width // 2
    return (
        f'<g class="box {role}"><rect x="{left + 1}" y="{TOP + 24}" width="{width - 2}" '
        f'height="{HEIGHT - 36}" rx="10"/>'
        f'<text class="small" x="{middle}" y="{TOP + 46}">{escape(small)}</text>'
        f'<text class="big" x="{middle}" y="{TOP + 68}">{escape(big)}</text>'
        f'<text x="{middle}" y="{TOP + 88}">{escape(last)}</text></g>'
    )


def _gate(said: LayerDecision, left: int, explanation: Explanation) -> Iterator[str]:
    role = LAYER_ROLES[said.verdict]
    mark = layer_mark(said, explanation)
    middle = left + GATE // 2
    decides = " decides" if mark == "decides" else ""
    yield (
        f'<g class="gate {role}{decides}"><rect x="{left + 1}" y="{TOP}" width="{GATE - 2}" '
        f'height="{HEIGHT}" rx="8"/>'
    )
    for place, text in enumerate(_two_lines(layer_noun(said.layer, explanation.decision.request))):
        yield f'<text x="{middle}" y="{TOP + 22 + 16 * place}">{escape(text)}</text>'
    yield f'<path class="sign" transform="translate({middle} {MIDDLE - 12})" '
    yield f'd="{_SIGNS[said.verdict]}"/>'
    yield f'<text class="big" x="{middle}" y="{TOP + 104}">'
    yield f"{escape(layer_verdict_word(said))}</text>"
    if mark:
        yield f'<text class="mark" x="{middle}" y="{TOP + HEIGHT + 20}">'
        yield f"{'&#9650; ' if decides else ''}{escape(mark)}</text>"
    yield "</g>"


def _way(start: int, end: int, *, open_way: bool) -> str:
    kind = "way" if open_way else "way closed"
    return f'<path class="{kind}" d="M{start} {MIDDLE - 12}H{end}"/>'


def _two_lines(noun: str) -> tuple[str, str]:
    """`service control policy` as `service control` and `policy`."""
    head, _, last = noun.rpartition(" ")
    return head, last


def _cut(text: str) -> str:
    return text if len(text) <= 17 else text[:16] + ELLIPSIS
