"""The manifest of a run: what went in, what came out, under which rules."""

import platform
from dataclasses import asdict
from typing import Any

import polars as pl

from audit.clauses.clause import Pack
from audit.outcome import Audit, product_version
from audit.problems import Problem
from audit.reports.drafts import drafts_told
from audit.reports.duties import Key, duties_told, imposed
from audit.reports.exports import exports_told
from audit.reports.recipients import recipient_roles, verdict_subjects
from audit.wording import Language, sentence


def manifest(audit: Audit, key: Key = None) -> dict[str, Any]:
    """Everything but the digests of the files, which are known when they are written.

    key: under which persons have their pseudonyms in the table of duties.
    """
    beside = {"duties": duties_told(audit, key)} if imposed(audit) else {}
    if audit.triaged:
        beside["triage"] = audit.triaged.told()
    subjects, whole_base = verdict_subjects(audit)
    return beside | {
        "run_id": audit.run_id,
        "versions": _versions(),
        "options": asdict(audit.options),
        "inputs": sorted(map(asdict, audit.inputs), key=lambda each: (each["table"], each["name"])),
        "packs": [_pack(pack) for pack in audit.packs],
        "rows": {table: asdict(count) for table, count in sorted(audit.rows.items())},
        "verdicts": audit.counts,
        "verdict_subjects": subjects,
        "verdict_whole_base": whole_base,
        "recipient_roles": recipient_roles(audit),
        "conflicts": {
            layer.value: int(audit.conflicts.filter(violates=layer.value)["flows"].sum())
            for layer in audit.counts
        },
        "findings": audit.severities,
        "drafts": drafts_told(audit),
        "exports": exports_told(audit),
        "warnings": [_warning(notice) for notice in (*audit.notices, *audit.graph.notices)],
    }


def _pack(pack: Pack) -> dict[str, Any]:
    """The pack, and for which findings it wants decisions approved, if for any."""
    approver = {"approver": asdict(pack.approver)} if pack.approver else {}
    told = {"id": pack.id, "version": pack.version, "layer": pack.layer, "digest": pack.digest}
    return told | approver


def _versions() -> dict[str, str]:
    return {
        "consent-audit": product_version(),
        "polars": pl.__version__,
        "python": platform.python_version(),
    }


def _warning(notice: Problem) -> dict[str, Any]:
    told = {language.value: sentence(notice, language) for language in Language}
    return {"code": notice.code, "facts": dict(notice.facts), **told}
