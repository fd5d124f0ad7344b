"""An agreement's text as tests change it: our model agreement, with words swapped, put in, cut."""

from pathlib import Path

from audit.clauses.citations import Document, read_document

MODEL = Path(__file__).parents[1] / "examples" / "agreement.txt"
UNRELATED = """办理指南
本页与协议无关，只说明怎样到营业厅来。
一、带好证件。
(一)周一至周五受理，
1、上午九点开门；
2、下午六点关门。
(1)节假日另行通知；
根据《某某条例》第三条第二款的规定收费的，另有说明。
第三条的解释见墙上的公告。
第 1 页 共 9 页
"""
ITEM_SEVEN = "7、甲方同意，乙方可以把收集到的个人信息提供给自己的关联公司"
POINT_FIVE = "(5)有人的生命、财产等重大利益处在危险之中，需要保护，而又难以先征得甲方同意；"


def model() -> str:
    """The text of the model agreement."""
    return MODEL.read_text(encoding="utf-8")


def changed(old: str, new: str, text: str | None = None) -> str:
    """The text with these words replaced where they stand, which must be once."""
    whole = text or model()
    assert whole.count(old) == 1, (whole.count(old), old)
    return whole.replace(old, new)


def full_width(text: str) -> str:
    """The same words with the brackets, digits and punctuation of full width."""
    half = "()0123456789,:;?!."
    return text.translate({ord(each): chr(ord(each) + 0xFEE0) for each in half})


def read(folder: Path, text: str) -> Document:
    """The text as a document."""
    file = folder / "agreement.txt"
    file.write_text(text, encoding="utf-8")
    return read_document(file, file.name)
