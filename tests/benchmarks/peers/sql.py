"""The verdicts of one layer as SQL: what an expert would write for an engine that knows no clauses.

SQL's own three values are ours: NULL is unknown. Codes are looked up in small tables, and each step
is a table of the next. Left out are the checks of the flows, the deciding and possible clauses, the
graph and the findings; subjects with two base agreements and lost rows of consents, of which the
export has none, are not provided for.
"""

# ruff: noqa: E501, S608 (statements are put together from our own words)

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from tests.benchmarks.peers.clauses import (
    VERDICTS,
    Clause,
    clauses,
    codes,
    covering,
    kinds,
    names,
)

_ON_THE_FLOW = {  # the column, and what its table of codes is called in a join
    "sender_role": "s",
    "recipient_role": "r",
    "operation": "o",
    "purpose": "p",
    "channel": "h",
    "country": "c",
}
_FACTS = {
    "agreement_in_force": "in_force",
    "agreement_settling": "settling",
    "whole_base": "whole_base",
    "within_recipient_scope": "in_scope",
    "recipient_authorised": "authorised",
    "sender_keeps_data": "keeps",
    "claimed": "claimed",
}


@dataclass(frozen=True)
class Dialect:
    """What engines write differently: rows of a list, a number for each row, text to UTC."""

    explode: str
    number: str
    instant: str

    def at(self, cell: str) -> str:
        """The point in time that a cell tells; NULL where it tells none."""
        return self.instant.format(cell)

    def start(self, cell: str) -> str:
        """A point in time, or the first moment of a day in China."""
        return self._day(cell, "- INTERVAL 8 HOURS")

    def end(self, cell: str) -> str:
        """A point in time, or the moment after a day in China."""
        return self._day(cell, "+ INTERVAL 16 HOURS")

    def _day(self, cell: str, moved: str) -> str:
        day = f"TRY_CAST({cell} AS TIMESTAMP) {moved}"
        return f"CASE WHEN length({cell}) = 10 THEN {day} ELSE {self.at(cell)} END"


@dataclass(frozen=True)
class Step:
    """A table that is made of those before it; `again` says that more than one step reads it."""

    name: str
    sql: str
    again: bool = False


def small_tables() -> dict[str, pl.DataFrame]:
    """What is known before the export is: the codes and the clauses."""
    return {
        **{f"codes_{column}": codes(column) for column in (*_ON_THE_FLOW, "category")},
        "purposes_covering": covering("purposes"),
        "categories_covering": covering("categories"),
        "kinds": kinds(),
    }


def steps(dialect: Dialect) -> list[Step]:
    """The tables `flows`, `parties`, `consents` and `evidence` to `verdicts(flow_id, verdict)`."""
    return [
        *_registers(dialect),
        *_flows(dialect),
        *_evidence(dialect),
        *_consents(dialect),
        *_verdicts(dialect),
    ]


def _truth(value: str) -> str:
    return f"CASE {value} WHEN 2 THEN TRUE WHEN 0 THEN FALSE END"


def _month(moment: str) -> str:
    local = f"({moment} + INTERVAL 8 HOURS)"
    return f"(year({local}) * 12 + month({local}))"


def _registers(dialect: Dialect) -> Iterator[Step]:
    yield Step(
        "party",
        f"""SELECT DISTINCT party_id, role, country, purposes, data_categories,
            {dialect.start("agreement_from")} AS since, {dialect.end("agreement_until")} AS until
        FROM parties
        WHERE agreement_from IS NULL OR ({dialect.start("agreement_from")}) IS NOT NULL""",
        again=True,
    )
    for name, column, tree in (
        ("scope", "purposes", "purposes_covering"),
        ("necessary", "data_categories", "categories_covering"),
    ):
        yield Step(
            name,
            f"""SELECT party_id, code, {_truth("max(covered)")} AS holds
            FROM (SELECT party_id, {dialect.explode}({column}) AS member FROM party) AS listed
            JOIN {tree} USING (member) GROUP BY party_id, code""",
            again=True,
        )
    yield Step(
        "consent",
        f"""SELECT DISTINCT consent_id, subject_id, recipient, purposes, data_categories, kind,
            coalesce(effect = 'forbid', FALSE) AS forbids, {dialect.start("given_at")} AS since,
            {dialect.start("withdrawn_at")} AS withdrawn, {dialect.end("expires_at")} AS expires,
            length(expires_at) = 10 AS by_day
        FROM consents""",
        again=True,
    )
    base = """kind = 'agreement' AND NOT forbids AND recipient IS NULL AND purposes IS NULL
        AND data_categories IS NULL"""
    yield Step(
        "agreement",
        f"""SELECT subject_id, since, until, since < until AS held,
            {_month("CASE WHEN until = expires AND by_day THEN expires - INTERVAL 1 SECOND ELSE until END")}
            AS last_month
        FROM (SELECT *, least(coalesce(withdrawn, expires), coalesce(expires, withdrawn)) AS until
              FROM consent WHERE {base}) AS bases""",
    )
    yield Step(
        "offer",
        f"""SELECT consent_id, subject_id, recipient, purposes, data_categories, forbids, since,
            least(coalesce(withdrawn, expires), coalesce(expires, withdrawn)) AS until
        FROM consent WHERE NOT ({base})""",
        again=True,
    )


def _flows(dialect: Dialect) -> Iterator[Step]:
    yield Step(
        "flow",
        f"""SELECT {dialect.number} AS number, flow_id, {dialect.at("occurred_at")} AS now,
            subject_id, sender, recipient, data_categories, purpose, operation,
            basis, evidence_id, channel
        FROM flows""",
    )
    calls = "(CASE WHEN o.code IS NOT NULL THEN operation = 'contact' END AND r.code = 'subject')"
    known = ", ".join(
        f"{alias}.k{place} AS {column}_k{place}"
        for column, alias in _ON_THE_FLOW.items()
        for place in names(column)
    )
    yield Step(
        "known",
        f"""SELECT number, flow_id, now, f.subject_id, sender, recipient, f.data_categories, purpose,
            basis, evidence_id, {calls} AS calls,
            CASE WHEN o.code IS NULL THEN
                   CASE WHEN (sender = recipient) = (r.code = 'subject') THEN sender = recipient END
                 WHEN operation = 'contact' THEN r.code = 'subject'
                 ELSE sender = recipient END AS keeps,
            f.subject_id = '*' AS whole_base,
            CASE WHEN a.subject_id IS NOT NULL
                 THEN now >= a.since AND (a.until IS NULL OR now < a.until) END AS in_force,
            CASE WHEN a.subject_id IS NOT NULL
                 THEN coalesce(a.held AND now >= a.until AND {_month("now")} <= last_month + 1, FALSE)
                 END AS settling,
            {known}
        FROM flow AS f
        LEFT JOIN party AS sp ON sp.party_id = sender
        LEFT JOIN party AS rp ON rp.party_id = f.recipient
        LEFT JOIN codes_sender_role AS s ON s.code = sp.role
        LEFT JOIN codes_recipient_role AS r ON r.code = rp.role
        LEFT JOIN codes_country AS c ON c.code = rp.country
        LEFT JOIN codes_operation AS o ON o.code = operation
        LEFT JOIN codes_purpose AS p ON p.code = purpose
        LEFT JOIN codes_channel AS h ON h.code = channel
        LEFT JOIN agreement AS a ON a.subject_id = f.subject_id""",
    )
    yield Step(
        "held",
        """SELECT *, CASE WHEN calls THEN sender ELSE recipient END AS holder,
            CASE WHEN calls IS NULL AND sender <> recipient THEN sender END AS other FROM known""",
    )
    authorised = """CASE WHEN {0}.since IS NULL
        THEN CASE WHEN now >= {0}.until THEN FALSE END
        ELSE now >= {0}.since AND ({0}.until IS NULL OR now < {0}.until) END"""
    yield Step(
        "placed",
        f"""SELECT k.*, {_agreed("x.holds", "y.holds")} AS in_scope,
            {_agreed(authorised.format("one"), authorised.format("two"))} AS authorised
        FROM held AS k
        LEFT JOIN scope AS x ON x.party_id = holder AND x.code = purpose
        LEFT JOIN scope AS y ON y.party_id = other AND y.code = purpose
        LEFT JOIN party AS one ON one.party_id = holder
        LEFT JOIN party AS two ON two.party_id = other""",
        again=True,
    )


def _agreed(one: str, two: str) -> str:
    """A fact of the holder: unknown where two may be it and they differ."""
    return f"CASE WHEN other IS NULL OR ({one}) IS NOT DISTINCT FROM ({two}) THEN {one} END"


def _conditions(clause: Clause) -> list[str]:
    """What a clause asks of the flow, evidence and categories left out."""
    by_code = [f"{column}_k{clause.place}" for column in clause.asked if column in _ON_THE_FLOW]
    by_fact = [_FACTS[fact] for fact in clause.facts if fact in _FACTS and fact != "claimed"]
    claims = [f"coalesce(basis = '{clause.own_id}', FALSE)"] if "claimed" in clause.facts else []
    return [*by_code, *by_fact, *claims]


def _evidence(dialect: Dialect) -> Iterator[Step]:
    asking: dict[str, list[str]] = {}
    for clause in clauses():
        if "evidence" in clause.facts:
            asking.setdefault(clause.facts["evidence"], []).append(_all(_conditions(clause)))
    asked = " UNION ALL ".join(
        f"""SELECT number, now, subject_id, recipient, evidence_id AS cited, '{kind}' AS kind
        FROM placed WHERE ({" OR ".join(those)}) IS NOT FALSE"""
        for kind, those in asking.items()
    )
    yield Step("asked", asked, again=True)
    unread = f"({dialect.start('valid_from')}) IS NULL"
    yield Step(
        "proof",
        f"""SELECT DISTINCT evidence_id, kind, e.subject_id, issued_by, amount,
            {dialect.start("valid_from")} AS since, {dialect.end("valid_until")} AS until,
            p.role = 'carrier' AS carriers_own
        FROM evidence AS e LEFT JOIN party AS p ON p.party_id = issued_by WHERE NOT ({unread})""",
        again=True,
    )
    columns = """a.number, a.kind, a.cited, a.subject_id, a.recipient, a.now, e.evidence_id,
        e.subject_id AS proven, e.issued_by, e.amount, e.since, e.until, e.carriers_own"""
    yield Step(
        "seen",
        f"""SELECT {columns} FROM asked AS a
            JOIN proof AS e ON e.kind = a.kind AND e.subject_id = a.subject_id
        UNION ALL SELECT {columns} FROM asked AS a
            JOIN proof AS e ON e.evidence_id = a.cited AND e.kind = a.kind""",
    )
    match = """least(
        CASE WHEN now >= since AND (until IS NULL OR now < until) THEN 2 ELSE 0 END,
        CASE WHEN proven IS NULL THEN CASE WHEN NOT subject_optional THEN 1
                                           WHEN evidence_id = cited THEN 2 ELSE 0 END
             WHEN proven = subject_id THEN 2
             WHEN other_person AND evidence_id = cited THEN 1 ELSE 0 END,
        CASE WHEN NOT k.amount THEN 2 WHEN s.amount IS NULL THEN 1 WHEN s.amount > 0 THEN 2 ELSE 0 END,
        CASE WHEN NOT issued_by_recipient THEN 2 WHEN issued_by IS NULL THEN 1
             WHEN issued_by = recipient THEN 2 ELSE 0 END,
        CASE WHEN NOT independent OR NOT carriers_own THEN 2 ELSE 1 END)"""
    yield Step(
        "best",
        f"""SELECT number, s.kind, max({match}) AS best, max(CASE WHEN proven = subject_id THEN 1 ELSE 0 END)
            AS own FROM seen AS s JOIN kinds AS k ON k.kind = s.kind GROUP BY number, s.kind""",
    )
    lost = f"SELECT DISTINCT {{0}} FROM evidence WHERE {{0}} IS NOT NULL AND {unread}"
    values = ", ".join(
        f"{_truth(f'max(CASE WHEN kind = {kind!r} THEN best END)')} AS {kind}" for kind in asking
    )
    yield Step(
        "proven",
        f"""SELECT number, {values} FROM (
            SELECT a.number, a.kind, CASE
                WHEN coalesce(best, 0) > 0 OR (lost_subject.subject_id IS NULL
                    AND lost_id.evidence_id IS NULL
                    AND CASE WHEN cited IS NULL THEN coalesce(own, 0) = 1
                        ELSE there.evidence_id IS NOT NULL END)
                THEN coalesce(best, 0) ELSE 1 END AS best
            FROM asked AS a
            LEFT JOIN best AS b ON b.number = a.number AND b.kind = a.kind
            LEFT JOIN ({lost.format("subject_id")}) AS lost_subject ON lost_subject.subject_id = a.subject_id
            LEFT JOIN ({lost.format("evidence_id")}) AS lost_id ON lost_id.evidence_id = cited
            LEFT JOIN (SELECT DISTINCT evidence_id FROM proof) AS there ON there.evidence_id = cited
        ) AS told GROUP BY number""",
    )


def _consents(dialect: Dialect) -> Iterator[Step]:
    stands = "now >= o.since AND (o.until IS NULL OR now < o.until)"
    yield Step(
        "forbidding",
        f"""SELECT DISTINCT code, subject_id, since, until
        FROM (SELECT *, {dialect.explode}(purposes) AS member FROM offer WHERE forbids) AS listed
        JOIN purposes_covering USING (member) WHERE covered > 0""",
    )
    columns = "number, now, {} AS person, holder, other, purpose, f.data_categories, {} AS anybody"
    yield Step(
        "asking",
        f"""SELECT {columns.format("subject_id", "FALSE")} FROM placed AS f WHERE subject_id <> '*'
        UNION ALL SELECT DISTINCT {columns.format("o.subject_id", "TRUE")}
            FROM placed AS f JOIN forbidding AS o ON o.code = purpose AND {stands}
            WHERE f.subject_id = '*'
        UNION ALL SELECT DISTINCT {columns.format("o.subject_id", "TRUE")}
            FROM placed AS f JOIN offer AS o ON o.forbids AND {stands}
            WHERE f.subject_id = '*' AND purpose NOT IN (SELECT code FROM codes_purpose)""",
    )
    yield Step(
        "touched",
        f"""SELECT number, person, anybody, holder, other, purpose, f.data_categories, o.consent_id,
            o.recipient, o.purposes, o.data_categories AS scope, o.forbids, o.since
        FROM asking AS f JOIN offer AS o ON o.subject_id = person AND {stands}""",
        again=True,
    )
    yield Step(
        "about",
        f"""SELECT number, consent_id,
            max(CASE WHEN c.code IS NULL THEN 1 ELSE covered END) AS purpose_fits
        FROM (SELECT number, consent_id, purpose, {dialect.explode}(purposes) AS member
              FROM touched) AS t
        LEFT JOIN purposes_covering AS c ON c.code = purpose AND c.member = t.member
        GROUP BY number, consent_id""",
    )
    meant = """CASE WHEN t.recipient IS NULL OR t.recipient = t.party THEN 2
        WHEN role.code IS NULL THEN 0 WHEN own.code IS NULL THEN 1
        WHEN own.code = t.recipient THEN 2 ELSE 0 END"""
    fits = f"""least({meant}, CASE WHEN t.purposes IS NOT NULL THEN purpose_fits
        WHEN forbids THEN 2 ELSE 0 END)"""
    yield Step(
        "matching",
        f"""SELECT t.*, t.recipient = t.party AND role.code IS NULL AS by_name, {fits} AS fits
        FROM (SELECT *, holder AS party FROM touched
              UNION ALL SELECT *, other AS party FROM touched WHERE other IS NOT NULL) AS t
        LEFT JOIN about AS a ON a.number = t.number AND a.consent_id = t.consent_id
        LEFT JOIN party AS p ON p.party_id = t.party
        LEFT JOIN codes_recipient_role AS own ON own.code = p.role
        LEFT JOIN codes_recipient_role AS role ON role.code = t.recipient
        WHERE {fits} > 0 AND (forbids OR scope IS NOT NULL)""",
        again=True,
    )
    keys = "number, person, anybody, party, other, consent_id, forbids, since, by_name, category"
    yield Step(
        "reached",
        f"""SELECT {keys}, max(least(fits, CASE WHEN c.code IS NULL THEN 1 ELSE covered END)) AS fits
        FROM (SELECT *, {dialect.explode}(scope) AS member
              FROM (SELECT *, {dialect.explode}(data_categories) AS category FROM matching
                    WHERE scope IS NOT NULL) AS listed) AS t
        LEFT JOIN categories_covering AS c ON c.code = category AND c.member = t.member
        GROUP BY {keys}
        UNION ALL
        SELECT {keys}, fits
        FROM (SELECT *, {dialect.explode}(data_categories) AS category FROM matching
              WHERE scope IS NULL) AS whole""",
        again=True,
    )
    yield Step(
        "forbidden",
        """SELECT f.number, f.party, f.other, f.category, f.anybody, f.consent_id,
            least(max(f.fits), 2 - coalesce(max(a.fits), 0)) AS value
        FROM reached AS f
        LEFT JOIN reached AS a ON a.number = f.number AND a.person = f.person AND a.party = f.party
            AND a.category = f.category AND a.by_name AND NOT a.forbids AND a.since > f.since
        WHERE f.forbids
        GROUP BY f.number, f.party, f.other, f.category, f.anybody, f.consent_id""",
    )
    agreed = """CASE WHEN max(other) IS NULL OR max({0}) = 0 OR (count(*) = 2 AND min({0}) = max({0}))
        THEN max({0}) ELSE 1 END AS {0}"""
    yield Step(
        "swayed",
        f"""SELECT number, category, {agreed.format("consented")}, {agreed.format("prohibited")}
        FROM (SELECT number, party, category, max(other) AS other, max(consented) AS consented,
                max(prohibited) AS prohibited
              FROM (SELECT number, party, category, other, fits AS consented, 0 AS prohibited
                    FROM reached WHERE NOT forbids AND NOT anybody
                    UNION ALL
                    SELECT number, party, category, other, 0,
                        CASE WHEN anybody THEN least(value, 1) ELSE value END FROM forbidden) AS each
              GROUP BY number, party, category) AS held
        GROUP BY number, category""",
    )


def _verdicts(dialect: Dialect) -> Iterator[Step]:
    ruled = ", ".join(
        f"{_all([*_conditions(clause), *_proof(clause)])} AS c{clause.place}"
        for clause in clauses()
    )
    yield Step(
        "ruled",
        f"""SELECT p.number, holder, other, data_categories, {ruled}
        FROM placed AS p LEFT JOIN proven AS e ON e.number = p.number""",
    )
    held = ", ".join(f"{_all(_of_unit(clause))} AS c{clause.place}" for clause in clauses())
    yield Step(
        "unit",
        f"""SELECT u.number, {held}
        FROM (SELECT *, {dialect.explode}(data_categories) AS category FROM ruled) AS u
        LEFT JOIN codes_category AS d ON d.code = u.category
        LEFT JOIN necessary AS x ON x.party_id = holder AND x.code = u.category
        LEFT JOIN necessary AS y ON y.party_id = other AND y.code = u.category
        LEFT JOIN swayed AS w ON w.number = u.number AND w.category = u.category""",
    )
    grants = [clause for clause in clauses() if clause.effect != "forbid"]
    violated = " OR ".join(
        [f"NOT ({_any(grants)})"]
        + [
            f"(c{clause.place} AND NOT ({_any([clauses()[n] for n in clause.attackers])}))"
            for clause in clauses()
            if clause.effect == "forbid"
        ]
    )
    permitted = _any([clause for clause in grants if clause.effect == "permit"])
    yield Step(
        "judged",
        f"""SELECT number, max(CASE WHEN violated THEN 3 WHEN violated IS NULL THEN 2
            WHEN permitted THEN 0 ELSE 1 END) AS gravity
        FROM (SELECT number, {violated} AS violated, {permitted} AS permitted FROM unit) AS u
        GROUP BY number""",
    )
    words = " ".join(f"WHEN {gravity} THEN '{word}'" for gravity, word in enumerate(VERDICTS))
    yield Step(
        "verdicts",
        f"""SELECT flow_id, CASE gravity {words} END AS verdict
        FROM judged AS j JOIN placed AS p ON p.number = j.number""",
    )


def _proof(clause: Clause) -> list[str]:
    return [clause.facts["evidence"]] if "evidence" in clause.facts else []


def _of_unit(clause: Clause) -> list[str]:
    """What a clause asks of a category, and all that it asks of the flow."""
    by_code = [f"d.k{clause.place}"] if "category" in clause.asked else []
    facts = {
        "necessary_data": _agreed("x.holds", "y.holds"),
        "consented": _truth("coalesce(w.consented, 0)"),
        "prohibited_by_customer": _truth("coalesce(w.prohibited, 0)"),
    }
    return [f"c{clause.place}", *by_code, *(facts[fact] for fact in clause.facts if fact in facts)]


def _all(conditions: Iterable[str]) -> str:
    return " AND ".join(f"({each})" for each in conditions) or "TRUE"


def _any(those: Iterable[Clause]) -> str:
    return " OR ".join(f"c{clause.place}" for clause in those)
