"""What may be supposed of a run, each kind a form that gives a change as its file would say it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from audit import (
    Book,
    Desk,
    KeptRun,
    Listing,
    Reader,
    Rehearsals,
    Role,
    clause_books,
    load_vocabulary,
    quotable,
)
from dashboards import session
from dashboards.parts import codes, text, wordings

Document = Mapping[str, Any]
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 31)
_KINDS = ("separate", "written", "agreement")
_LISTS = {"purposes": Listing.purposes, "data_categories": Listing.categories}
_CONSENTS = "consents"
_SAID = ("recipient", "document")


def pack_form(desk: Desk) -> Document | None:
    """Clauses left out, made drafts or made to judge; another pack in the place of one."""
    books = {book.pack.id: book for book in _books(str(desk.run.folder), desk.run.run_id)}
    pack = st.selectbox(text.say("what-if-pack"), list(books), format_func=text.visible)
    clauses = books[pack].pack.clauses
    judging = [clause.id for clause in clauses if not clause.draft]
    drafts = [clause.id for clause in clauses if clause.draft]
    with st.form("what-if-pack-form"):
        off = _clauses(desk, "what-if-off", books[pack], judging)
        draft = _clauses(desk, "what-if-draft", books[pack], judging)
        on = _clauses(desk, "what-if-on", books[pack], drafts) if drafts else []
        other = st.file_uploader(text.say("what-if-other-pack"), type="toml")
        asked = _asked()
    told = {"off": off, "draft": draft, "on": on}
    entry: dict[str, Any] = {word: chosen for word, chosen in told.items() if chosen}
    if other is not None:
        rehearsals = Rehearsals(desk.run.folder.parent, session.reader())
        entry["with"] = str(rehearsals.keep_pack(other.getvalue()))
    return _document(asked, {"pack": [{"id": pack, **entry}]} if entry else {})


def party_form(desk: Desk) -> Document | None:
    """A contract that ends, a scope that is wider or narrower."""
    known = desk.parties().filter("registered")
    rows = {row["party_id"]: row for row in known.to_dicts()}
    names = {code: row["name"] for code, row in rows.items()}
    party = st.selectbox(
        text.say("what-if-party"),
        list(rows),
        format_func=lambda code: wordings.party(code, names),
    )
    with st.form("what-if-party-form"):
        until = _day("what-if-until")
        entry: dict[str, Any] = {"agreement_until": until.isoformat()} if until else {}
        for name, listing in _LISTS.items():
            standing = list(rows[party][name] or ())
            every = getattr(load_vocabulary(), listing)
            left = [code for code in every if code not in standing]
            chosen = {
                "add": _several(f"what-if-{name}-add", left, party, listing),
                "remove": _several(f"what-if-{name}-remove", standing, party, listing),
            }
            entry |= {name: told} if (told := {w: c for w, c in chosen.items() if c}) else {}
        asked = _asked()
    return _document(asked, {"party": [{"id": party, **entry}]} if entry else {})


def consents_form(_: Desk) -> Document | None:
    """Consents of a kind, of a document, to a recipient, withdrawn from a day on."""
    with st.form("what-if-consents-form"):
        kind = st.selectbox(
            text.say("what-if-kind"),
            _KINDS,
            index=None,
            placeholder=text.phrase_here("what-if-any"),
            format_func=lambda each: text.phrase_here(f"what-if-kind-{each}"),
        )
        said = {name: st.text_input(text.say(f"what-if-{name}")) for name in _SAID}
        at = _day("what-if-at")
        asked = _asked()
    told = {"kind": kind or "", **{name: cell.strip() for name, cell in said.items()}}
    entry = {name: cell for name, cell in told.items() if cell}
    whole = {"withdraw": [{**entry, "at": at.isoformat()}]} if entry and at else {}
    return _document(asked, whole)


def complete_form(desk: Desk) -> Document | None:
    """Registers that are declared to lack no row."""
    books = _books(str(desk.run.folder), desk.run.run_id)
    declared = (kind for book in books for kind in book.pack.evidence_kinds)
    kinds = sorted({*load_vocabulary().evidence_kinds, *declared})
    every = (_CONSENTS, *(f"evidence.{kind}" for kind in kinds))
    standing = desk.run.manifest["options"]["complete"]
    with st.form("what-if-complete-form"):
        chosen = st.multiselect(
            text.say("what-if-complete"),
            [name for name in every if name not in standing],
            format_func=register,
            placeholder=text.phrase_here("what-if-choose"),
        )
        asked = _asked()
    return _document(asked, {"complete": chosen} if chosen else {})


FORMS: Mapping[str, Callable[[Desk], Document | None]] = {
    "pack": pack_form,
    "party": party_form,
    _CONSENTS: consents_form,
    "complete": complete_form,
}


def register(name: str) -> str:
    """A register as people say it."""
    kind = name.removeprefix("evidence.")
    if kind == name:
        return text.phrase_here("what-if-register-consents")
    return text.phrase_here("what-if-register", kind=codes.word(Listing.evidence_kinds, kind))


def told(document: Document) -> Iterator[str]:
    """What is supposed, a line each."""
    for table, say in _SAYINGS.items():
        for entry in document.get(table, ()):
            yield from say(entry)
    if "complete" in document:
        names = text.phrase_here("clause-list").join(map(register, document["complete"]))
        yield text.phrase_here("what-if-said-complete", names=names)


def _pack_told(entry: Document) -> Iterator[str]:
    if "with" in entry:
        name = Path(entry["with"]).name
        yield text.phrase_here("what-if-said-with", pack=entry["id"], other=name)
    for word in ("off", "draft", "on"):
        if word in entry:
            clauses = text.phrase_here("clause-list").join(entry[word])
            yield text.phrase_here(f"what-if-said-{word}", pack=entry["id"], clauses=clauses)


def _party_told(entry: Document) -> Iterator[str]:
    if "agreement_until" in entry:
        facts = {"party": entry["id"], "day": entry["agreement_until"]}
        yield text.phrase_here("what-if-said-until", **facts)
    for name, listing in _LISTS.items():
        for word, chosen in entry.get(name, {}).items():
            facts = {"party": entry["id"], "codes": codes.words(listing, chosen)}
            yield text.phrase_here(f"what-if-said-{name}-{word}", **facts)


def _withdrawal_told(entry: Document) -> Iterator[str]:
    kind = [text.phrase_here(f"what-if-kind-{entry['kind']}")] if "kind" in entry else []
    others = [entry[name] for name in _SAID if name in entry]
    which = text.phrase_here("clause-list").join([*kind, *others])
    yield text.phrase_here("what-if-said-withdraw", which=which, day=entry["at"])


_SAYINGS: Mapping[str, Callable[[Document], Iterator[str]]] = {
    "pack": _pack_told,
    "party": _party_told,
    "withdraw": _withdrawal_told,
}


@st.cache_data(max_entries=8, show_spinner=False)
def _books(folder: str, run_id: str) -> tuple[Book, ...]:
    return tuple(clause_books(KeptRun(Path(folder), run_id), Reader(Role.officer)))


def _clauses(desk: Desk, key: str, book: Book, offered: list[str]) -> list[str]:
    cited, layer = quotable(desk.run), book.pack.layer.value
    return st.multiselect(
        text.say(key),
        offered,
        format_func=lambda name: wordings.clause(name, layer, cited),
        placeholder=text.phrase_here("what-if-choose"),
        key=session.key_of(key, book.pack.id),
    )


def _several(key: str, offered: list[str], of: str, listing: Listing) -> list[str]:
    return st.multiselect(
        text.say(key),
        offered,
        format_func=lambda code: wordings.coded(listing, code),
        placeholder=text.phrase_here("what-if-choose"),
        key=session.key_of(key, of),
    )


def _day(key: str) -> date | None:
    day = st.date_input(text.say(key), value=None, min_value=_FIRST, max_value=_LAST)
    return day if isinstance(day, date) else None


def _asked() -> bool:
    return st.form_submit_button(
        text.say("what-if-ask"), type="primary", icon=":material/fork_right:"
    )


def _document(asked: bool, document: Document) -> Document | None:  # noqa: FBT001
    """The change, once it is asked for; what says nothing is not asked."""
    if asked and not document:
        st.warning(text.say("what-if-nothing"))
    return document if asked and document else None
