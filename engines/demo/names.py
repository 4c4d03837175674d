"""Invented names. Any likeness to a trader or a person is chance."""

from __future__ import annotations

#: Tenants by trade, in the order in which floors take them: "English=Chinese".
TENANTS = {
    "fashion": """Maple Thread=枫线 Lanwood=岚木 Quillon=羽笺 Silk Harbour=丝港 North Loom=北织 Verano Blue=夏蓝
Petra Stitch=石绣 Willow Wren=柳莺 Oakfield Denim=橡野牛仔 Cloud Cotton=云棉坊 Ruyi Tailor=如意裁缝
Morning Linen=晨麻 Cedar Row=雪松巷 Paper Kite=纸鸢 Jade Collar=玉领 Urban Crane=城鹤 Plum Court=梅庭
Tidal Wear=潮汐服饰 Saffron Line=藏红线 Fable Dress=寓言裙 Granite Men=磐石男装 Luma Lingerie=露玛内衣
Stride Lane=阔步鞋履 Heron Shoes=白鹭鞋 Amber Bag=琥珀包袋 Wander Goods=行者箱包 Pine Street Knit=松街针织
Moon Hem=月裾 Basalt Wear=玄石衣 Half Moon Hats=半月帽 Canvas Day=帆布日 Red Lantern Silk=红灯笼丝绸""",
    "food": """Harbour Noodles=港湾面馆 Copper Pot=铜锅火锅 Jade Dumpling=翡翠饺子 Rice Field=稻田家 Chilli Lane=辣巷
Bamboo Steam=竹蒸笼 Old Well Duck=老井烤鸭 Morning Bun=早安包子 Family Congee=家粥铺 Tofu Workshop=豆腐工房
Crisp Rooster=脆皮鸡 Bread Street=面包街 Sweet Yam=红薯铺 Bluebird Coffee=蓝鸟咖啡 Lotus Tea=莲花茶
Sugar Cloud=糖云甜品 Basil and Bean=罗勒与豆 Juice Garden=果汁花园 Green Bowl=青碗轻食 Snow Peak Ice=雪峰冰品
Burger Works=汉堡工坊 Milk Honey Bar=奶蜜吧 Pasta Lane=意面巷 Sea Market=海集 Golden Ladle=金勺小炒
Lantern Barbecue=灯笼烧烤 Little Izakaya=小小居酒屋 Seoul Table=韩味餐桌 Olive Yard=橄榄院 Spice Route=香料之路
Night Crab=夜蟹 Mushroom House=菌子屋 Corner Grill=街角烤肉 Plum Wine Bar=梅酒吧""",
    "cosmetics": """Dew Lab=露珠实验室 Mina Beauty=米娜美妆 Pearl Skin=珠肤 Rose Letter=玫瑰来信 Clear Spring=清泉护肤
Ink Brow=墨眉 Aroma Room=香氛室 Camellia Face=山茶美妆 White Tea Scent=白茶香 Silk Hair=丝发造型
Nail Atelier=指尖工坊""",
    "sports": """Nova Sports=诺瓦运动 Peak Outdoor=巅峰户外 Trail Fox=山狐 Blue Lane Swim=蓝道泳具 Court Seven=七号球场
Velo House=单车屋 Snow Track=雪道 Yoga Leaf=瑜伽叶 Iron Hall Gym=铁馆健身""",
    "kids": """Tiny Panda=小小熊猫 Paper Boat=纸船童装 Block Planet=积木星球 Little Scholar=小学士 Story Tree=故事树
Baby Nest=宝贝窝 Puzzle Bear=拼图熊 Dance Star=舞星少儿 Mini Chef=小厨师 Wonder Swim=奇妙亲子泳""",
    "electronics": """Cable Street=数据街 Pixel Port=像素港 Sound Grove=声林 Lens Corner=镜头角 Smart Nook=智角
Game Dock=游戏坞 Home Volt=伏特家电 Drone Yard=无人机坊""",
    "jewellery": """Golden Crane=金鹤珠宝 Moon Pearl=月珠 Ruby House=红宝坊 Time Gallery=时廊钟表 Jade Court=玉庭
Silver Leaf=银叶 First Star=初星钻饰""",
    "entertainment": """Arcade Orbit=轨道电玩 Star Cinema=星影城 Echo Karaoke=回声KTV Room Nine=九号密室
Ice Plaza=冰场广场""",
    "supermarket": "Harvest Market=丰收超市",
    "services": "Spring Pharmacy=春天药房 Swift Repair=迅捷维修 Bright Optics=明亮眼镜",
}

SURNAMES = "王=Wang 李=Li 张=Zhang 刘=Liu 陈=Chen 杨=Yang 赵=Zhao 黄=Huang 周=Zhou 吴=Wu 徐=Xu 孙=Sun 胡=Hu 朱=Zhu \
高=Gao 林=Lin 何=He 郭=Guo 马=Ma 罗=Luo 梁=Liang 宋=Song 郑=Zheng 谢=Xie 韩=Han 唐=Tang 冯=Feng 于=Yu 董=Dong 萧=Xiao \
程=Cheng 曹=Cao 袁=Yuan 邓=Deng 许=Xu 傅=Fu 沈=Shen 曾=Zeng 彭=Peng 吕=Lyu"
GIVEN = "安=an 博=bo 晨=chen 丹=dan 恩=en 芳=fang 国=guo 涵=han 慧=hui 佳=jia 杰=jie 静=jing 凯=kai 兰=lan 乐=le 丽=li \
琳=lin 玲=ling 龙=long 璐=lu 曼=man 梅=mei 敏=min 明=ming 娜=na 宁=ning 鹏=peng 萍=ping 琪=qi 倩=qian 然=ran 蓉=rong \
瑞=rui 珊=shan 诗=shi 思=si 涛=tao 婷=ting 薇=wei 文=wen 熙=xi 霞=xia 晓=xiao 欣=xin 雪=xue 雅=ya 妍=yan 阳=yang 怡=yi \
颖=ying 宇=yu 悦=yue 泽=ze 哲=zhe 珍=zhen 志=zhi 子=zi"
FIRST_NAMES = "Ada Ben Clara Daniel Ella Felix Grace Henry Iris Jack Kate Leo Mia Noah Olive Paul Quinn Rosa Sam Tess \
Uma Victor Wendy Xena Yann Zoe"
LAST_NAMES = (
    "Abbott Birch Carver Dale Ellery Fenwick Garrow Harlow Ingram Jessop Kerr Lowell Marsh Norwood Oakes Pryce \
Quill Rowan Sutton Thorne Upton Vale Wilder Yardley"
)
AREAS = (
    "Riverside",
    "Old Harbour",
    "University",
    "Garden City",
    "West Lake",
    "Tech Park",
    "North Station",
    "Elsewhere",
)


def tenant_names(trade: str) -> list[tuple[str, str, str]]:
    """(code, English, Chinese) of the trade's tenants."""
    names, rest = [], TENANTS[trade].replace("\n", " ")
    english: list[str] = []
    for word in rest.split():
        head, equals, chinese = word.partition("=")
        english.append(head)
        if equals:
            name = " ".join(english)
            names.append((name.lower().replace(" ", "_"), name, chinese))
            english = []
    return names


def pairs(text: str) -> list[tuple[str, str]]:
    """The "Chinese=Latin" pairs of a list of names."""
    return [(word.split("=")[0], word.split("=")[1]) for word in text.split()]
