"""What customers consented to and what they forbade, for pandas' programme."""

import numpy as np
import pandas as pd

from tests.benchmarks.peers import clauses as pack
from tests.benchmarks.peers.pandas_facts import FALSE, TRUE, UNKNOWN, Frame, stands

_KEYS = ["number", "person", "anybody", "party", "other", "consent_id", "forbids", "since"]
_ASKING = ["number", "now", "holder", "other", "purpose", "data_categories"]


def swayed(flows: Frame, register: Frame, party: Frame) -> Frame:
    """For flows and categories: `consented` and `prohibited`, where either is not false."""
    offers = register[~register["base"]].rename(
        columns={"purposes": "about", "data_categories": "scope", "recipient": "meant"}
    )
    reached = _reached(_matching(_touched(flows, offers), party))
    allowed = reached[~reached["forbids"] & ~reached["anybody"]]
    each = pd.concat(
        [
            allowed.assign(consented=allowed["fits"], prohibited=FALSE),
            _forbidden(reached).assign(consented=FALSE),
        ]
    )
    held = each.groupby(["number", "category", "party"]).agg(
        other=("other", "first"), consented=("consented", "max"), prohibited=("prohibited", "max")
    )
    both = held.groupby(level=["number", "category"])
    least, most, many = both.min(numeric_only=True), both.max(numeric_only=True), both.size()
    alone = both["other"].first().isna()
    value = most.copy()
    for name in ("consented", "prohibited"):
        sure = alone | (most[name] == 0) | ((many == 2) & (least[name] == most[name]))
        value[name] = most[name].where(sure, UNKNOWN)
    return value.reset_index()


def _touched(flows: Frame, offers: Frame) -> Frame:
    """Every flow with every row that stands and is its subject's; of `*`, anybody's refusals."""
    whole = flows["subject_id"] == "*"
    own = flows.loc[~whole, [*_ASKING, "subject_id"]].assign(anybody=False)
    base = flows.loc[whole, _ASKING].assign(anybody=True)
    refusals = offers.loc[offers["forbids"], ["subject_id", "about", "since", "until"]]
    pairs = pack.covering("purposes").to_pandas().query("covered > 0")
    codes = refusals.explode("about").merge(pairs, left_on="about", right_on="member")
    known = base.merge(codes, left_on="purpose", right_on="code")
    unmapped = base[~base["purpose"].isin(pairs["code"])].merge(refusals, how="cross")
    near = pd.concat([known, unmapped])
    near = near[stands(near["now"], near["since"], near["until"])]
    near = near.drop_duplicates(["number", "subject_id"])[[*_ASKING, "subject_id", "anybody"]]
    asking = pd.concat([own, near])
    touched = asking.merge(offers, on="subject_id").rename(columns={"subject_id": "person"})
    return touched[stands(touched["now"], touched["since"], touched["until"])]


def _matching(touched: Frame, party: Frame) -> Frame:
    """With each that may be the holder, where recipient and purpose may fit."""
    facing = pd.concat(
        [
            touched.assign(party=touched["holder"]),
            touched[touched["other"].notna()].assign(party=touched["other"]),
        ]
    ).reset_index(drop=True)
    roles = pack.codes("recipient_role")["code"].to_list()
    own, asks_role = facing["party"].map(party["role"]), facing["meant"].isin(roles)
    by_id = (facing["meant"] == facing["party"]).fillna(False)
    by_role = np.where(
        own.isna(), UNKNOWN, np.where((own == facing["meant"]).fillna(False), TRUE, FALSE)
    )
    meant = np.where(facing["meant"].isna() | by_id, TRUE, np.where(asks_role, by_role, FALSE))
    purpose = np.where(facing["forbids"], TRUE, FALSE)
    listed = facing.loc[facing["about"].notna(), ["purpose", "about"]].explode("about")
    fits = _covered(listed["purpose"], listed["about"], "purposes").groupby(level=0).max()
    purpose[fits.index] = fits
    facing = facing.assign(fits=np.minimum(meant, purpose), by_name=by_id & ~asks_role)
    return facing[(facing["fits"] > 0) & (facing["forbids"] | facing["scope"].notna())]


def _covered(codes: Frame, members: Frame, tree: str) -> Frame:
    """What one code's being covered by another is worth, row by row, with the index of the rows."""
    pairs = pack.covering(tree).to_pandas()
    asked = pd.DataFrame({"code": codes.to_numpy(), "member": members.to_numpy()}, dtype="str")
    found = asked.merge(pairs, on=["code", "member"], how="left")["covered"].fillna(UNKNOWN)
    return pd.Series(found.to_numpy(), index=codes.index)


def _reached(matching: Frame) -> Frame:
    """The categories of the flows that the rows may be about."""
    units = matching.explode("data_categories").rename(columns={"data_categories": "category"})
    units = units.reset_index(drop=True)
    listed = units.loc[units["scope"].notna(), ["category", "scope"]].explode("scope")
    fits = _covered(listed["category"], listed["scope"], "categories").groupby(level=0).max()
    data = np.full(len(units), TRUE)
    data[fits.index] = fits
    units["fits"] = np.minimum(units["fits"], data)
    return units[[*_KEYS, "by_name", "category", "fits"]]


def _forbidden(reached: Frame) -> Frame:
    """The refusals, as far as no later consent to this very party lifts them."""
    same = ["number", "person", "party", "category"]
    lifting = reached[reached["by_name"] & ~reached["forbids"]][[*same, "since", "fits"]]
    forbids = reached[reached["forbids"]].reset_index(drop=True)
    pairs = forbids[[*same, "since"]].reset_index().merge(lifting, on=same, suffixes=("", "_later"))
    later = pairs[pairs["since_later"] > pairs["since"]]
    lifted = later.groupby("index")["fits"].max().reindex(forbids.index, fill_value=FALSE)
    value = np.minimum(forbids["fits"], TRUE - lifted)
    limit = np.where(forbids["anybody"], UNKNOWN, TRUE)
    return forbids.assign(prohibited=np.minimum(value, limit))
