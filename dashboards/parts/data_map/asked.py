"""What is asked of the data map: widgets, and codes in the address that say the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

import polars as pl
import streamlit as st

from audit import KeptRun, Layer, Period, Role, zone_of
from dashboards import session
from dashboards.parts import links, text
from dashboards.parts.data_map.picture import View
from dashboards.parts.data_map.words import Who

FARTHEST = 4
FOCUS, DEPTH, ONLY, BY, LAYER, SHOW = "focus", "depth", "only", "by", "layer", "show"
PARTY, SENDER, RECIPIENT = "party", "sender", "recipient"
_YES = "yes"


class Show(StrEnum):
    """What is laid over the map."""

    CHAINS = "chains"
    BLAST = "blast"
    CUT = "cut"


@dataclass(frozen=True)
class Asked:
    """All that is asked: what to draw, in which layer, of which period, with what over it."""

    view: View
    layer: Layer | None
    period: Period
    show: Show | None


def asked(run: KeptRun, who: Who, days: tuple[date, date] | None) -> Asked:
    """The widgets above the map, and what they ask now; `days` are the first and last to choose."""
    _take_from_address()
    _say_what_is_strange(run, who)
    focussing, depths, laying = st.columns([4, 3, 5], vertical_alignment="bottom")
    with focussing:
        focus = _focus(who)
    with depths:
        depth = _depth() if focus is not None else 1
    with laying:
        show = _show()
    drawing, dated = st.columns([7, 5], vertical_alignment="center")
    with drawing, st.container(horizontal=True, vertical_alignment="center"):
        only, by_role, layer = _only(), _by_role(), _layer(run)
    with dated:
        period = _period(run, days)
    return Asked(View(only, by_role, focus, depth), layer, period, show)


# ---- the widgets


def _key(name: str) -> str:
    return f"map-{name}"


def _take_from_address() -> None:
    """What the address names wins over what the tab had; a widget writes its change back."""
    focus, depth, layer = session.code(FOCUS), session.code(DEPTH), session.code(LAYER)
    found: dict[str, object] = {
        FOCUS: focus or None,
        DEPTH: int(depth) if depth in {str(n + 1) for n in range(FARTHEST)} else 1,
        ONLY: session.code(ONLY) == _YES,
        BY: _by_role_from(session.code(BY)),
        LAYER: layer if layer in set(Layer) else None,
        SHOW: session.code(SHOW) if session.code(SHOW) in set(Show) else None,
    }
    for name, value in found.items():
        if session.kept(_key(name)) != value:
            session.keep(_key(name), value)


def _say_what_is_strange(run: KeptRun, who: Who) -> None:
    """What a link asks for that the map cannot do, and whom it names that the run lacks."""
    known: Mapping[str, Iterable[str]] = {
        DEPTH: (str(n + 1) for n in range(FARTHEST)),
        ONLY: (_YES,),
        BY: ("auto", "party", "role"),
        LAYER: run.manifest["verdicts"],
        SHOW: map(str, Show),
    }
    links.not_applied(each for name in known for each in links.strange(name, known[name]))
    named = (session.code(name) for name in (FOCUS, PARTY, SENDER, RECIPIENT))
    links.not_in_run(dict.fromkeys(code for code in named if code and not who.knows(code)))


def _by_role_from(code: str | None) -> str:
    return code if code in {"role", "party"} else "auto"


def _changed(name: str) -> None:
    session.put_codes(**{name: _spelled(session.kept(_key(name)))})


def _spelled(value: object) -> str | None:
    """How the address spells what a widget says; None for what is asked unless said otherwise."""
    match value:
        case None | False | "auto":
            return None
        case True:
            return _YES
        case _:
            return str(value)


def _focus(who: Who) -> str | None:
    kept, known = session.kept(_key(FOCUS)), sorted(who.names)
    chosen: str | None = st.selectbox(
        text.say("map-focus"),
        known if kept is None or kept in who.names else [kept, *known],
        index=None,
        format_func=who.called,
        placeholder=text.phrase_here("map-focus-none"),
        key=_key(FOCUS),
        on_change=_changed,
        args=(FOCUS,),
    )
    return chosen


def _depth() -> int:
    depth = st.segmented_control(
        text.say("map-depth"),
        list(range(1, FARTHEST + 1)),
        key=_key(DEPTH),
        required=True,
        on_change=_changed,
        args=(DEPTH,),
    )
    return int(depth or 1)


def _show() -> Show | None:
    shown = st.segmented_control(
        text.say("map-show"),
        list(map(str, Show)),
        format_func=lambda each: text.say(f"map-show-{each}"),
        key=_key(SHOW),
        on_change=_changed,
        args=(SHOW,),
    )
    return Show(shown) if shown else None


def _only() -> bool:
    return st.toggle(text.say("map-only"), key=_key(ONLY), on_change=_changed, args=(ONLY,))


def _by_role() -> bool | None:
    chosen = st.segmented_control(
        text.say("map-by"),
        ["auto", "party", "role"],
        format_func=lambda each: text.say(f"map-by-{each}"),
        key=_key(BY),
        required=True,
        label_visibility="collapsed",
        on_change=_changed,
        args=(BY,),
    )
    return {"party": False, "role": True}.get(chosen or "auto")


def _layer(run: KeptRun) -> Layer | None:
    """Whose verdicts are drawn; there is nothing to choose where one layer was judged."""
    judged = [layer.value for layer in Layer if layer.value in run.manifest["verdicts"]]
    if len(judged) < len(Layer):
        return None
    chosen = st.selectbox(
        text.say("map-layer"),
        judged,
        index=None,
        label_visibility="collapsed",
        width=180,
        format_func=lambda layer: text.phrase_here(f"layer-{layer}"),
        placeholder=text.phrase_here("map-layer-worst"),
        key=_key(LAYER),
        on_change=_changed,
        args=(LAYER,),
    )
    return Layer(chosen) if chosen else None


# ---- the period


def days_of(run: KeptRun, relations: pl.DataFrame) -> tuple[date, date] | None:
    """The first and the last day of the run's flows, in the run's zone."""
    zone = zone_of(run.manifest["options"]["timezone"])
    first, last = relations["first_seen"].min(), relations["last_seen"].max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return None
    return first.astimezone(zone).date(), last.astimezone(zone).date()


def _period(run: KeptRun, days: tuple[date, date] | None) -> Period:
    """The days chosen, both included; a viewer may choose none."""
    if days is None or days[0] == days[1] or not session.may(Role.officer):
        return Period()
    since, until = st.slider(
        text.say("map-period"),
        min_value=days[0],
        max_value=days[1],
        value=days,
        format="YYYY-MM-DD",
        key=session.key_of("map-period", run.run_id),
    )
    if (since, until) == days:
        return Period()
    zone = zone_of(run.manifest["options"]["timezone"])
    return Period(
        datetime.combine(since, time(), zone),
        datetime.combine(until + timedelta(days=1), time(), zone),
    )
