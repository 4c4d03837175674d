"""Invented names of businesses that might come. Any likeness to a trader is chance."""

from __future__ import annotations

import numpy as np

FIRST = """Alder=桤木 Aster=紫菀 Birch=白桦 Bramble=荆莓 Cobalt=钴蓝 Coral=珊瑚 Dune=沙丘 Ember=余烬 Fern=蕨影
Flint=火石 Gale=疾风 Garnet=石榴石 Hazel=榛果 Heath=石楠 Indigo=靛青 Juniper=杜松 Kestrel=红隼 Larch=落叶松
Linden=椴树 Lumen=流明 Maple=枫糖 Meadow=草甸 Mirth=欢喜 Nectar=花蜜 Nimbus=雨云 Onyx=缟玛瑙 Orchard=果园
Petal=花瓣 Pine=青松 Quartz=石英 Raven=渡鸦 Reed=芦苇 Sable=墨貂 Sage=鼠尾草 Tidal=潮声 Umber=赭土
Velvet=丝绒 Willow=柳岸 Yarrow=蓍草 Zephyr=西风"""
SECOND = """Atelier=工坊 Bakery=烘焙 Bloom=花集 Cabin=小屋 Club=会所 Corner=角落 Craft=手作 Depot=仓库 Factory=制造
Field=原野 Garden=花园 Goods=好物 Grove=林间 House=之家 Kitchen=厨房 Lab=实验室 Lane=小巷 Market=集市
Mill=磨坊 Press=印社 Room=房间 Studio=工作室 Supply=补给 Table=餐桌 Trade=商行 Union=联社 Vault=宝库
Works=制作所 Yard=院落 Zone=地带"""


def prospect_names(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """(English, Chinese) of `count` businesses; past the first 1,200 a number tells namesakes apart."""
    first, second = (_pairs(text) for text in (FIRST, SECOND))
    every = rng.permutation(len(first) * len(second))
    made = []
    for i in range(count):
        a, b = divmod(int(every[i % len(every)]), len(second))
        tail = f" {i // len(every) + 1}" if i >= len(every) else ""
        made.append((f"{first[a][0]} {second[b][0]}{tail}", f"{first[a][1]}{second[b][1]}{tail}"))
    return made


def _pairs(text: str) -> list[tuple[str, str]]:
    words = (word.partition("=") for word in text.split())
    return [(en, zh) for en, _, zh in words]
