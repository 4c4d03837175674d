"""Names of people in the parts that are compared: family name, given name, and both in Latin letters.

A Chinese name is split after the family name and, where every character is a common one, also written in pinyin
without tones, so that 王伟 and Wang Wei can be told to agree. A character with several readings has the one it has
in names.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

#: The commonest family names, by their reading in names.
_FAMILY = """
bai白柏 bao包鲍 bi毕 bian卞 cai蔡 cao曹 cen岑 chai柴 chang常 chen陈谌 cheng程成 chu褚储 cui崔 dai戴 deng邓 diao刁
ding丁 dong董 dou窦 du杜 duan段 fan范樊 fang方房 fei费 feng冯封凤 fu傅付符 gan甘 gao高 ge葛 geng耿 gong龚宫巩
gu顾古谷 guan关管 guo郭 han韩 hao郝 he何贺 hong洪 hou侯 hu胡 hua华 huang黄 huo霍 ji季纪吉姬 jia贾 jian简
jiang江蒋姜 jiao焦 jin金靳 jing荆景 kang康 ke柯 kong孔 kuang邝匡 lai赖 lan蓝兰 lei雷 leng冷 li李黎厉 lian连廉
liang梁 liao廖 lin林 ling凌 liu刘柳 long龙 lou娄 lu卢陆路鲁 lyu吕 luo罗骆 ma马 mao毛茅 mei梅 meng孟蒙 mi米
miao苗缪 min闵 mo莫 mu穆 ni倪 nie聂 niu牛 ou区欧 ouyang欧阳 pan潘 pang庞 pei裴 peng彭 pu浦蒲 qi齐戚祁 qian钱
qiao乔 qin秦 qiu邱丘裘 qu曲屈瞿 quan权 rao饶 ren任 rong荣 ruan阮 sha沙 shang尚 shangguan上官 shao邵 shen沈申
sheng盛 shi石史施时 shu舒 si司 sima司马 situ司徒 song宋 su苏 sun孙 tan谭谈 tang唐汤 tao陶 teng滕 tian田 tong童佟
tu涂屠 wan万 wang王汪 wei魏韦卫 wen文温闻 weng翁 wu吴武伍邬 xi席奚习 xia夏 xiang向项 xiao肖萧 xie谢解 xin辛 xing邢
xiong熊 xu徐许 xue薛 yan严颜闫阎晏 yang杨阳 yao姚 ye叶 yi易伊 yin尹殷 ying应 you尤游 yu于余俞喻虞郁 yuan袁苑
yue岳乐 yun云 zeng曾 zha查 zhai翟 zhan詹 zhang张章 zhao赵 zhen甄 zheng郑 zhong钟 zhou周 zhu朱祝诸 zhuge诸葛
zhuang庄 zhuo卓 zou邹 zuo左
"""
#: The characters that most given names are made of.
_GIVEN = """
ai爱艾 an安 ang昂 ao傲 bai白百 ban斑 bao宝保 bei北贝蓓 bi碧 bin斌彬宾滨 bing冰兵炳 bo波博柏渤 cai才彩 can灿 cang苍
chang昌长畅 chao超朝 chen晨辰琛宸 cheng成诚程澄承城 chong崇冲 chu初楚 chuan川传 chun春纯淳 cong聪 cui翠 da达大
dan丹旦 dao道 de德 di迪帝 ding定 dong东冬栋 du笃 duo朵多 e娥 en恩 er尔儿 fa发 fan凡帆繁 fang芳方 fei飞菲霏妃 fen芬
feng峰锋丰凤枫 fu福富甫 gang刚钢 gao高 ge歌格 gen根 geng耕 gong功恭 guan冠 guang光广 gui贵桂 guo国果 hai海
han涵晗寒翰 hang航行 hao浩昊豪皓好 he和鹤荷河 heng恒衡 hong红宏洪虹鸿弘 hou厚 hu虎 hua华花 huai怀 huan欢焕环
huang煌 hui慧辉惠会晖卉 ji吉纪继霁季 jia佳家嘉加 jian建健坚剑 jiang江疆 jiao娇皎 jie杰洁捷婕 jin金锦进瑾津晋
jing静晶京敬菁婧景精 jiu久 ju菊 juan娟 jun军君俊峻钧骏 kai凯开恺 kang康 ke可科克 kun坤昆 lai来 lan兰岚澜蓝 lang朗
le乐 lei磊蕾雷 li丽立莉力利礼黎理 lian莲连 liang亮良 lin琳林霖麟 ling玲灵铃凌龄 liu柳 long龙隆 lou楼 lu璐露鹭路
luan鸾 lun伦 luo洛 mai麦 man曼蔓满 mao茂 mei梅美媚 meng梦萌孟 mi蜜 miao苗妙 min敏民旻 ming明铭鸣 mo默墨 mu木慕沐
na娜 nan南楠男 ni妮 nian年念 ning宁凝 nuo诺 pan盼攀 pei培佩沛 peng鹏 pin品 ping平萍苹 pu璞 qi琪奇琦启祺其
qian倩谦茜千 qiang强 qiao巧乔 qin琴勤钦沁 qing青清庆晴卿 qiong琼 qiu秋 quan全泉 que雀 qun群 ran然冉 ren仁
rong荣蓉容融 rou柔 ru茹如儒 rui瑞蕊锐睿 run润 ruo若 sen森 sha莎 shan珊山善 shang尚 shao少绍 shen深慎
sheng胜生盛升声圣 shi诗世石士时仕 shou寿 shu淑书舒树姝 shuai帅 shuang双爽霜 shui水 shun顺 si思丝斯 song松颂 su素苏
sui岁 tai泰太 tan坦 tang棠 tao涛韬桃 ti题 tian天甜田 tie铁 ting婷廷庭 tong彤桐通童 wan婉万宛 wang旺望
wei伟薇威维巍炜微唯卫蔚 wen文雯 wu武 xi曦西喜熙希惜溪 xia霞夏侠 xian贤先仙娴 xiang祥香翔湘想向 xiao晓小笑萧孝
xie协 xin欣新心馨鑫昕信 xing星兴杏行 xiong雄 xiu秀修 xu旭许 xuan轩萱璇宣 xue雪学 xun勋寻 ya雅亚娅
yan燕艳妍岩彦言颜嫣 yang阳洋扬 yao瑶耀遥 ye叶业烨 yi怡依艺仪毅逸义宜亦一伊翼轶 yin银音茵 ying英颖莹瑛影盈
yong勇永咏 you友优幽 yu玉宇雨瑜语钰育余羽昱郁裕 yuan媛源园远圆元 yue悦月越岳 yun云芸韵运 ze泽 zeng增 zhan展
zhang章 zhao昭兆钊 zhe哲喆 zhen珍真振贞震臻 zheng正政峥 zhi志智芝之致知 zhong忠中钟 zhou舟洲 zhu珠竹柱 zhuo卓
zi子紫梓姿 zong宗 zu祖
"""


def _read(table: str) -> dict[str, str]:
    """Characters (or a family name of two) to their reading; the first listed reading counts."""
    found: dict[str, str] = {}
    for word in table.split():
        letters = "".join(c for c in word if c.isascii())
        signs = word[len(letters) :]
        double = letters in ("ouyang", "shangguan", "sima", "situ", "zhuge")
        for sign in (signs,) if double else signs:
            found.setdefault(sign, letters)
    return found


FAMILY, GIVEN = _read(_FAMILY), _read(_GIVEN)
#: Lü is also spelled Lv or Lue where no ü is to be had.
_LATIN_FAMILY = frozenset(FAMILY.values()) | {"lv", "lue"}


@dataclass(frozen=True)
class NameParts:
    """`family` in Latin letters where its reading is known, `given` as written, `latin` both in Latin letters.

    Empty strings where a part is not there; `latin` is empty too where a character has no known reading.
    """

    family: str
    given: str
    latin: str


def split_name(text: str | None) -> NameParts:
    """The parts of a name as somebody wrote it: half-width, lower case, letters only; nothing of an emoji stays."""
    bare = unicodedata.normalize("NFKC", text or "").casefold()
    kept = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in bare)
    words = kept.split()
    if not words:
        return NameParts("", "", "")
    if any(_is_han(c) for c in words[0]):
        return _chinese("".join(words))
    return _spelled(words)


def _is_han(sign: str) -> bool:
    return "\u3400" <= sign <= "\u9fff"


def _chinese(name: str) -> NameParts:
    cut = 2 if name[:2] in FAMILY and len(name) > 2 else 1
    family, given = name[:cut], name[cut:]
    family_latin = FAMILY.get(family, "")
    sounds = [GIVEN.get(c) or FAMILY.get(c) or "" for c in given]
    latin = f"{family_latin} {''.join(sounds)}" if family_latin and all(sounds) and given else ""
    return NameParts(family_latin or family, given, latin)


def _spelled(words: list[str]) -> NameParts:
    """A pinyin family name stands first unless only the last word is one; other names end with the family name."""
    if len(words) == 1:
        return NameParts("", words[0], "")
    family_first = words[0] in _LATIN_FAMILY
    family, rest = (words[0], words[1:]) if family_first else (words[-1], words[:-1])
    family = "lyu" if family in ("lv", "lue") else family
    given = " ".join(rest)
    return NameParts(family, given, f"{family} {given.replace(' ', '')}")
