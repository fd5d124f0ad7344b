"""Analysing packs before any data is seen: what they can say, proved, each answer with a flow."""
