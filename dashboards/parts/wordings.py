"""The codes of a finding as people say them: severity, verdict, layer, clause, role, purpose."""

from collections.abc import Mapping
from typing import Any, Literal

import streamlit as st

from audit import KeptRun, Layer, Listing, Quotable, State, Verdict, cite_told
from dashboards import session
from dashboards.parts import codes, text, verdicts

BadgeColour = Literal["red", "orange", "yellow", "gray"]
_STATE_SIGNS = dict.fromkeys((state for state in State if state.suppresses), "⊘")
_STATE_SIGNS |= {State.REOPENED: "↩", State.UNDER_REVIEW: "…", State.REMEDIATING: "…"}
NONE = "none"  # the code for what a finding has none of
SEVERITY_SIGNS = {"critical": "▲", "high": "△", "medium": "◆", "low": "◇"}
SEVERITY_COLOURS: dict[str, BadgeColour] = {
    "critical": "red",
    "high": "orange",
    "medium": "yellow",
    "low": "gray",
}


def badge(code: str) -> None:
    """The severity as a mark of colour, sign and word."""
    st.badge(text.plain(severity(code)), color=SEVERITY_COLOURS[code])


def severity(code: str) -> str:
    """The severity with its sign."""
    return f"{SEVERITY_SIGNS[code]} {text.phrase_here(f'severity-{code}')}"


def verdict(code: str | None) -> str:
    """The verdict with its sign; what a check of the graph found has none, nor has a duty."""
    if code is None:
        return text.phrase_here("finding-by-check")
    if code == NONE:
        return text.phrase_here("finding-no-verdict")
    return verdicts.label(Verdict(code), session.language())


def said(finding: Mapping[str, Any]) -> str:
    """What a finding says: its verdict with its sign, or how a duty was missed."""
    if is_duty(finding):
        return text.phrase_here(f"finding-{finding['cause_code']}")
    return verdict(finding["verdict"])


def is_duty(finding: Mapping[str, Any]) -> bool:
    """Whether the finding is of a duty that was missed, not of flows and their verdicts."""
    return str(finding["cause_code"]).startswith("duty_")


def state(code: str) -> str:
    """Where a finding stands, with a sign where it is set aside, worked on or came back."""
    told = text.phrase_here(f"triage-state-{code}")
    sign = _STATE_SIGNS.get(State(code))
    return f"{sign} {told}" if sign else told


def layer(code: str | None) -> str:
    """The layer; what a check of the graph found has none."""
    return text.phrase_here("finding-by-check" if code in {None, NONE} else f"layer-{code}")


def layers_of(run: KeptRun) -> tuple[str, ...]:
    """The layers that judged the run, each once."""
    return tuple(dict.fromkeys(str(each["layer"]) for each in run.manifest["packs"]))


def worse_of_layers(run: KeptRun) -> None:
    """Where several layers judged the run: that a flow has the worse of their verdicts here."""
    layers = [layer(each) for each in layers_of(run)]
    if len(layers) > 1:
        joined = text.phrase_here("clause-list").join(layers)
        st.caption(text.say("layers-worse", layers=joined))


def clause(name: str, layer_code: str | None, quotable: Quotable) -> str:
    """The clause or duty by its place in the document; else what the absence or check is called."""
    cite = quotable.cite(layer_code, name)
    if cite is not None:
        return f"{cite_told(cite, session.language())} · {name}"
    return ground(name)


def clause_of_any_layer(name: str, quotable: Quotable) -> str:
    """The same, where it does not matter which layer the clause is of."""
    held = (each.value for each in Layer if quotable.cite(each.value, name))
    return clause(name, next(held, None), quotable)


def ground(name: str) -> str:
    """What no document says: that there is no ground, and the checks of the graph."""
    known = {"no-ground", "onward", "unreceived", "unregistered", "unseen"}
    return text.phrase_here(f"ground-{name}") if name in known else text.visible(name)


def party(code: str, names: Mapping[str, str | None]) -> str:
    """A party by its name and its id, on one line; by its id alone where it has no other name."""
    name = names.get(code)
    return text.visible(code if name in {None, code} else f"{name} · {code}")


def role(code: str | None) -> str:
    """The role of a party; who is not registered has none."""
    if code in {None, NONE}:
        return text.phrase_here("finding-unregistered")
    return codes.word(Listing.roles, str(code))


def coded(listing: Listing, code: str) -> str:
    """A code of the vocabulary with what people call it, on one line."""
    if code == NONE:
        return text.phrase_here("finding-none")
    label = codes.word(listing, code)
    return text.visible(text.phrase_here("clause-code", code=code, label=label))
