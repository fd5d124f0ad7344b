"""Headings: which column each names, and when a file is refused for what one seems to say."""

import pytest

from audit.problems import InputRefused
from audit.records.tables import table

SPOKEN = {
    ("consents", "withdrawn_at"): (
        "withdrawn",
        "revoked_at",
        "Withdrawal Date",
        "取消时间",
        "客户撤回日",
    ),
    ("consents", "expires_at"): ("expiry", "expiry_date", "valid_until", "授权截止日", "end date"),
    ("consents", "effect"): ("efect", "同意或拒绝", "status", "refused", "状态"),
    ("consents", "recipient"): ("receiver", "接收单位", "提供给谁"),
    ("evidence", "valid_until"): ("valid_to", "end", "paid_at", "结清日期", "有效期截止"),
    ("evidence", "subject_id"): ("customer_no", "用户号码"),
    ("parties", "agreement_until"): ("agreement_to", "contract_end", "合作到期", "terminated_on"),
}
INNOCENT = (
    "created_at",
    "updated_at",
    "note",
    "备注",
    "gender",
    "vendor",
    "calendar",
    "部门",
    "owner",
)


def headings(name: str, without: str) -> list[str]:
    return [column.name for column in table(name).columns if column.name != without]


@pytest.mark.parametrize(
    ("name", "column", "heading"),
    [(*lost, heading) for lost, spoken in SPOKEN.items() for heading in spoken],
)
def test_a_file_that_seems_to_say_it_elsewhere_is_refused(
    name: str, column: str, heading: str
) -> None:
    layout = table(name).layout({})
    with pytest.raises(InputRefused) as refusal:
        layout.fit([*headings(name, column), heading], "a.csv")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.facts["column"]) == ("column-misspelt", column)
    assert problem.facts["heading"] == heading
    # Where the column itself is there, the other is somebody's own.
    assert layout.fit([*headings(name, ""), heading], "a.csv").notices
    # Where the source file says that it is that column, it is.
    fit = table(name).layout({heading: column}).fit([*headings(name, column), heading], "a.csv")
    assert column in fit.columns.values()


@pytest.mark.parametrize("lost", SPOKEN, ids=".".join)
def test_a_column_that_speaks_of_something_else_is_left_with_a_notice(
    lost: tuple[str, str],
) -> None:
    fit = table(lost[0]).layout({}).fit([*headings(*lost), *INNOCENT], "a.csv")
    assert [notice.code for notice in fit.notices] == ["columns-unread"]


@pytest.mark.parametrize("heading", ["撤回日期", "撤销时间", "撤回同意时间"])
def test_a_withdrawal_is_known_by_its_usual_headings(heading: str) -> None:
    assert table("consents").layout({}).column(heading) == "withdrawn_at"
