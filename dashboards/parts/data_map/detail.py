"""What was chosen on the data map: a party or a relation, what it is made of, and its flows."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import polars as pl
import streamlit as st

from audit import Desk, FlowFilter, Listing, Role, Verdict, edges_of
from dashboards import session
from dashboards.parts import codes, flow_table, page, people, text, times, verdicts
from dashboards.parts.data_map.asked import FOCUS, PARTY, RECIPIENT, SENDER, SHOW, Asked, Show
from dashboards.parts.data_map.manner import Relation
from dashboards.parts.data_map.over import Asker, asker, opened
from dashboards.parts.data_map.picture import BY_ROLE, node_of_role
from dashboards.parts.data_map.words import ENDS, Who, height, number, role_word

_READ_AT_ONCE = 200_000  # flows of an export that is read without being asked to


@dataclass(frozen=True)
class Chosen:
    """A node or a relation of the map, as the parties at its ends."""

    what: str | Relation
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    who: Who

    @property
    def is_party(self) -> bool:
        """Whether a node is chosen and not a relation."""
        return isinstance(self.what, str)

    def among(self) -> pl.Expr:
        """Whether a relation belongs to what was chosen."""
        sent, received = (
            pl.col("sender").is_in(self.senders),
            pl.col("recipient").is_in(self.recipients),
        )
        return (sent | received) if self.is_party else (sent & received)

    def flows(self, wanted: Asked) -> FlowFilter:
        """Its flows, in the layer and the period of the map."""
        only = (Verdict.VIOLATION.value,) if wanted.view.only_violations else ()
        return FlowFilter(
            parties=self.senders if self.is_party else (),
            senders=() if self.is_party else self.senders,
            recipients=() if self.is_party else self.recipients,
            verdicts=only,
            layers=(wanted.layer.value,) if wanted.layer else (),
            since=wanted.period.since,
            until=wanted.period.until,
        )


def chosen_here(who: Who) -> Chosen | None:
    """What the address says was chosen."""
    party, sender, recipient = (session.code(code) for code in (PARTY, SENDER, RECIPIENT))
    if sender and recipient:
        return Chosen((sender, recipient), _parties(sender, who), _parties(recipient, who), who)
    if party:
        return Chosen(party, _parties(party, who), _parties(party, who), who)
    return None


def _parties(node: str, who: Who) -> tuple[str, ...]:
    """The parties that a node stands for."""
    if not node.startswith(BY_ROLE) or node in who.roles:
        return (node,)
    return tuple(party for party, role in who.roles.items() if node_of_role(role) == node)


def choose(what: str | Relation | None) -> None:
    """Remember what was chosen, in the address; a callback does so."""
    sender, recipient = what if isinstance(what, tuple) else (None, None)
    party = what if isinstance(what, str) else None
    session.put_codes(**{PARTY: party, SENDER: sender, RECIPIENT: recipient})


# ---- what is told


def detail(desk: Desk, wanted: Asked, chosen: Chosen | None, seen: pl.DataFrame) -> None:
    """The panel of what was chosen; `seen` are the relations of the period."""
    if chosen is None:
        st.caption(text.say("map-choose"))
        return
    its = seen.filter(chosen.among())
    with st.container(border=True):
        _heading(chosen)
        _counts(its)
        if chosen.is_party:
            _relations(its, chosen.who)
        else:
            _edges(desk, wanted, chosen)
        _flows(desk, wanted, chosen, its)


def _heading(chosen: Chosen) -> None:
    who = chosen.who
    told, buttons = st.columns([2, 3] if chosen.is_party else [5, 1], vertical_alignment="center")
    with told:
        st.subheader(text.plain(_title(chosen)), anchor=False)
        if isinstance(chosen.what, str) and chosen.what in who.roles:
            st.caption(text.plain(role_word(who.roles[chosen.what])))
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        if isinstance(chosen.what, str):
            _of_a_party(chosen.what, who)
        st.button(text.say("map-let-go"), icon=":material/close:", on_click=choose, args=(None,))


def _title(chosen: Chosen) -> str:
    who = chosen.who
    if isinstance(chosen.what, str):
        return who.called(chosen.what)
    sender, recipient = chosen.what
    if sender == recipient:
        return text.phrase_here("map-own-use", party=who.called(sender))
    return f"{who.called(sender)} → {who.called(recipient)}"


def _of_a_party(party: str, who: Who) -> None:
    def focus() -> None:
        session.put_codes(**{FOCUS: party})

    def blast() -> None:
        session.put_codes(**{SHOW: Show.BLAST.value})

    st.button(text.say("map-focus-here"), icon=":material/center_focus_strong:", on_click=focus)
    if party in who.roles:
        st.button(text.say("map-show-blast"), icon=":material/flare:", on_click=blast)
        page.link_to("parties", party=party)
        page.link_to("violations", party=quote(party, safe=""))


def _counts(its: pl.DataFrame) -> None:
    """How many flows of which verdict, in the order of the table; nothing where it is withheld."""
    numbers = ("flows", *(each.value for each in verdicts.worst_first()))
    for column, name in zip(st.columns(len(numbers)), numbers, strict=True):
        heading = (
            text.say("map-column-flows")
            if name == "flows"
            else verdicts.label(name, session.language())
        )
        withheld = its.height > 0 and its[name].null_count() == its.height
        column.metric(heading, "–" if withheld else f"{its[name].sum():,}", border=True)
    if its["suppressed"].any():
        st.caption(text.say("map-some-withheld"))


def _relations(its: pl.DataFrame, who: Who) -> None:
    """The relations of a party."""
    names = (*(each.value for each in verdicts.worst_first()),)
    ordered = its.sort("violation", "flows", descending=True, nulls_last=True)
    st.dataframe(
        text.visible_frame(who.with_names(ordered).with_columns(people.cells(ordered))),
        column_order=(*ENDS, "flows", "subjects", *names),
        column_config={
            **{end: text.say(f"map-column-{end}") for end in ENDS},
            "flows": number(text.say("map-column-flows")),
            people.SUBJECTS: people.column(text.say("map-column-subjects")),
            **{each.value: number(verdicts.label(each, session.language())) for each in Verdict},
        },
        hide_index=True,
        placeholder=text.ABSENT,
        height=height(its.height),
        alt=text.phrase_here("map-relations-alt"),
    )


@st.cache_data(max_entries=4, show_spinner=False)
def _edges_of(asking: Asker) -> pl.DataFrame:
    return edges_of(*opened(asking))


def _edges(desk: Desk, wanted: Asked, chosen: Chosen) -> None:
    """What a relation is made of: for what which data went, and which clauses decided."""
    made_of = (
        _edges_of(asker(desk))
        .filter(chosen.among(), *_in_time(wanted))
        .with_columns(_worst(wanted))
    )
    columns = ("operation", "purpose", "data_category", "verdict", "clauses", "flows", "subjects")
    st.dataframe(
        text.visible_frame(dressed(made_of, desk)),
        column_order=(*columns, "last"),
        column_config={
            **{name: text.say(f"map-column-{name}") for name in (*columns, "last")},
            "flows": number(text.say("map-column-flows")),
            people.SUBJECTS: people.column(text.say("map-column-subjects")),
        },
        hide_index=True,
        placeholder=text.ABSENT,
        height=height(made_of.height),
        alt=text.phrase_here("map-edges-alt"),
    )
    st.caption(text.say("map-edges-told"))


def _in_time(wanted: Asked) -> list[pl.Expr]:
    """The edges that have flows in the period, or may have; those withheld tell no time."""
    since, until = wanted.period.since, wanted.period.until
    masks = []
    if since is not None:
        masks.append((pl.col("last_seen") >= since).fill_null(True))
    if until is not None:
        masks.append((pl.col("first_seen") < until).fill_null(True))
    return masks


def _layers(wanted: Asked) -> tuple[str, ...]:
    return (wanted.layer.value,) if wanted.layer else ("contract", "statute")


def _worst(wanted: Asked) -> pl.Expr:
    return pl.coalesce(
        pl.when(pl.col(f"{layer}_{verdict}") > 0).then(pl.lit(verdict.value))
        for verdict in verdicts.worst_first()
        for layer in _layers(wanted)
    ).alias("verdict")


def dressed(made_of: pl.DataFrame, desk: Desk) -> pl.DataFrame:
    """The edges in words of the tab's language, gravest first."""
    words: Mapping[str, Listing] = {
        "operation": Listing.operations,
        "purpose": Listing.purposes,
        "data_category": Listing.categories,
    }
    gravity = {verdict.value: verdict.gravity for verdict in Verdict}
    decided = pl.concat_list(
        pl.col(f"{layer}_decided_by").fill_null([]) for layer in ("contract", "statute")
    )
    labels = {each.value: verdicts.label(each, session.language()) for each in Verdict}
    ordered = made_of.sort(
        pl.col("verdict").replace_strict(gravity, default=-1), "flows", descending=True
    )
    last = [times.day(each, desk.run) for each in ordered["last_seen"]]
    return ordered.with_columns(
        *(codes.worded(listing, name) for name, listing in words.items()),
        pl.col("verdict").replace(labels).fill_null(text.phrase_here("map-withheld")),
        people.cells(ordered),
        clauses=decided.list.join(", "),
        last=pl.Series(last, dtype=pl.String),
    )


def _flows(desk: Desk, wanted: Asked, chosen: Chosen, its: pl.DataFrame) -> None:
    """The flows one by one, for officers; a large export is read only when asked for."""
    if not session.may(Role.officer):
        st.caption(text.say("map-flows-officer"))
        return
    judged = desk.run.manifest["rows"]["flows"]["judged"]
    if judged > _READ_AT_ONCE and not st.toggle(text.say("map-flows-read", flows=f"{judged:,}")):
        return
    if its.is_empty():
        st.caption(text.say("map-flows-none"))
        return
    with st.spinner(text.say("map-flows-reading")):
        flow_table.flow_table(desk, chosen.flows(wanted), "map-flows")
