"""The record of processing as PDF, to file and to sign; no customer is named in it."""

from audit.outcome import Audit
from audit.reports.duties import Key
from audit.reports.paper import Paper
from audit.reports.printing import printed_as
from audit.reports.ropa_paper import ropa_paper
from audit.reports.ropa_words import RecordWords
from audit.wording import Language


def _record(audit: Audit, _key: Key, language: Language) -> Paper:
    return ropa_paper(RecordWords(audit, language))


render = printed_as("ropa.pdf", _record)
