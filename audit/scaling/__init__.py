"""Flows judged shard by shard, by the workers of an engine that spreads work over machines."""
