"""Chinese names of public holidays for countries whose table has none."""

from __future__ import annotations

_NAMES = {
    "ANZAC Day": "澳新军团日",
    "Australia Day": "澳大利亚国庆日",
    "Boxing Day": "节礼日",
    "Children's Day": "儿童节",
    "Chinese New Year": "春节",
    "Christmas Day": "圣诞节",
    "Columbus Day": "哥伦布日",
    "Commemoration of Atatürk, Youth and Sports Day": "纪念阿塔图尔克暨青年体育节",
    "Day off": "休息日",
    "Democracy and National Unity Day": "民主与国家团结日",
    "Diwali": "排灯节",
    "Easter Monday": "复活节星期一",
    "Easter Saturday": "复活节星期六",
    "Easter Sunday": "复活节",
    "Eid al-Adha": "古尔邦节",
    "Eid al-Fitr": "开斋节",
    "Good Friday": "耶稣受难日",
    "Independence Day": "独立日",
    "Juneteenth National Independence Day": "六月节",
    "King's Birthday": "英王诞辰",
    "Labor Day": "劳动节",
    "Labor and Solidarity Day": "劳动与团结日",
    "Labour Day": "劳动节",
    "Late Summer Bank Holiday": "夏末银行假日",
    "Martin Luther King Jr. Day": "马丁·路德·金纪念日",
    "May Day": "五月节",
    "Melbourne Cup Day": "墨尔本杯赛马日",
    "Memorial Day": "阵亡将士纪念日",
    "National Day": "国庆节",
    "National Sovereignty and Children's Day": "国家主权与儿童日",
    "New Year's Day": "元旦",
    "Queen's Birthday": "女王诞辰",
    "Republic Day": "共和国日",
    "Spring Bank Holiday": "春季银行假日",
    "Thanksgiving Day": "感恩节",
    "Veterans Day": "退伍军人节",
    "Vesak Day": "卫塞节",
    "Victory Day": "胜利日",
    "Washington's Birthday": "总统日",
}


def chinese_name(english: str) -> str | None:
    """The Chinese name of a public holiday, "(observed)" as 补假; None where it is not in the table."""
    if english.endswith(" (observed)"):
        name = _NAMES.get(english.removesuffix(" (observed)"))
        return f"{name}（补假）" if name else None
    return _NAMES.get(english)
