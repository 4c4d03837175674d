"""What each kind of import can take from a file, declared once.

The declaration drives the guess of the column mapping, the parsing, the documentation and the Import page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["text", "identifier", "money", "number", "integer", "instant", "day", "time", "month", "yes", "json"]


@dataclass(frozen=True)
class Field:
    """A target that a column can fill.

    `shape` says how its text is read; `names` and `names_zh` are headers by which senders call it;
    `needed` fields must be mapped or given as a constant, and no row may leave them empty.
    """

    name: str
    shape: Shape
    description: str
    names: tuple[str, ...]
    names_zh: tuple[str, ...]
    needed: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of import: its fields in order of preference, and groups of which at least one must be mapped."""

    name: str
    description: str
    fields: tuple[Field, ...]
    one_of: tuple[tuple[str, ...], ...] = ()

    def field(self, name: str) -> Field:
        """The field of that name. Raises KeyError where there is none."""
        return {f.name: f for f in self.fields}[name]

    def names(self) -> tuple[str, ...]:
        """The names of the fields, in order."""
        return tuple(f.name for f in self.fields)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _field(name: str, shape: Shape, description: str, names: str, names_zh: str, *, needed: bool = False) -> Field:
    return Field(name, shape, description, _words(names), _words(names_zh), needed)


#: The signs by which a customer is known, in the order in which a fact prefers them.
IDENTIFIERS = (
    _field("card", "identifier", "Number of the member's card.",
           "card no, card, card number, member card, member no, member number, membership no, member id, member, "
           "loyalty card, loyalty no", "卡号, 会员卡号, 会员号, 会员编号, 会员卡"),
    _field("customer", "identifier", "The sender's own number of the customer.",
           "customer id, customer, customer no, customer number, customer code, client, client id, cust id, "
           "shopper id, user id, buyer id", "客户编号, 客户号, 客户, 顾客, 顾客编号, 用户编号, 买家"),
    _field("phone", "identifier", "Telephone number.",
           "phone, mobile, telephone, phone number, mobile number, mobile phone, cell phone, tel",
           "手机, 手机号, 手机号码, 电话, 联系电话"),
    _field("email", "identifier", "E-mail address.", "email, e mail, email address, mail", "邮箱, 电子邮箱, 邮件, 电子邮件"),
)  # fmt: skip
_AT = _field("at", "instant", "When it happened, in the site's local time.",
             "date, datetime, date time, timestamp, time stamp, invoice date, transaction date, sale date, sales date, "
             "sold at, order date, purchase date, receipt date, business date, trading date, created at, occurred at, "
             "day, invoice datetime, transaction time, time, trans date, happened at, activity date",
             "日期, 时间, 交易日期, 交易时间, 销售日期, 销售时间, 下单时间, 营业日期, 消费时间, 消费日期, 发生时间, 小票日期",
             needed=True)  # fmt: skip
_TIME = _field("time", "time", "Time of day, where the date stands in a column of its own.",
               "time, time of day, clock time, sale time, transaction time, invoice time, hour",
               "时间, 交易时间, 销售时间, 小时, 时刻")  # fmt: skip
_TENANT = _field("tenant", "text", "Code or name of the shop; an unknown one is made.",
                 "tenant, tenant code, tenant id, shop, shop code, shop id, store, store code, store id, shopping mall, "
                 "mall, merchant, merchant id, outlet, outlet code, branch, branch code, location, store name, shop name, "
                 "place", "商户, 租户, 店铺, 门店, 商铺, 商户编号, 商户号, 租户编号, 店铺编号, 门店编号, 商场, 门店编码, 店号")  # fmt: skip
_CATEGORY = _field("category", "text", "Trade category.",
                   "category, product category, department, product group, item category, category name, product line",
                   "品类, 类别, 分类, 业态, 商品类别, 商品分类, 大类")  # fmt: skip
_CURRENCY = _field("currency", "text", "ISO 4217 code; a row in another currency than the site's is refused.",
                   "currency, currency code, ccy", "币种, 货币")  # fmt: skip
_GATE = _field("gate", "text", "Code of the gate or sensor; an unknown one is made.",
               "gate, gate code, gate id, sensor, sensor name, sensor id, entrance, door, counter, camera, location, line",
               "出入口, 门, 入口, 客流点, 门口, 通道, 设备, 点位", needed=True)  # fmt: skip

SALES = Kind(
    "sales",
    "Receipts, lines of receipts, or totals of a day.",
    (
        _field("receipt", "text", "Number of the receipt; rows with the same number make one sale.",
               "receipt no, receipt, receipt number, receipt id, invoice no, invoice, invoice number, bill no, bill, "
               "bill number, ticket no, ticket, transaction id, transaction no, transaction number, transaction, trans no, "
               "order id, order no, order number, order, sale id, check no",
               "小票号, 小票编号, 收据号, 单号, 交易号, 订单号, 订单编号, 流水号, 发票号, 票号, 交易流水号, 单据号"),
        _AT, _TIME, _TENANT,
        _field("tenant_name", "text", "Name of the shop, where its code stands in a column of its own.",
               "tenant name, shop name, store name, merchant name, outlet name, branch name",
               "商户名称, 店铺名称, 门店名称, 租户名称, 店名, 商铺名称"),
        *IDENTIFIERS,
        _field("product_code", "text", "Article number of the line.",
               "stock code, sku, item code, product code, product id, item id, article no, article, barcode, ean, plu, "
               "item no", "商品编码, 货号, 条码, 商品编号, 商品代码, 款号"),
        _field("product", "text", "Name of the article.",
               "description, product, item, product name, item name, item description, product description, article name",
               "商品, 品名, 商品名称, 商品描述, 货品"),
        _CATEGORY,
        _field("quantity", "number", "Pieces; negative on a return.", "quantity, qty, units, pieces, count, no of items",
               "数量, 件数, 销售数量"),
        _field("unit_price", "money", "Price of one piece.", "unit price, price, price per unit, item price, selling price",
               "单价, 价格, 售价, 销售单价"),
        _field("amount", "money", "Amount of the row with tax; without it quantity times unit price.",
               "amount, total, line total, sales amount, total amount, sales, gross, gross amount, gross sales, revenue, "
               "turnover, value, line amount, paid amount, sum, total price, spend",
               "金额, 销售额, 总额, 总金额, 实付金额, 销售金额, 应收金额, 实收金额, 营业额, 小计, 合计, 消费金额"),
        _field("net", "money", "Amount of the row without tax; without it the amount.",
               "net, net amount, net sales, amount excl tax, net total, excl vat", "净额, 不含税金额, 净销售额"),
        _field("txns", "integer", "How many receipts the row stands for: a total of a day.",
               "transactions, txns, number of transactions, no of transactions, receipts, number of receipts, tickets, "
               "transaction count, receipt count", "交易笔数, 笔数, 单数, 客单数, 小票数, 订单数"),
        _field("payment", "text", "How it was paid.",
               "payment method, payment, payment type, tender, tender type, paid by", "支付方式, 付款方式, 支付类型, 支付"),
        _CURRENCY,
        _field("basis", "text", "What the figure rests on: pos, receipt or declared.", "basis", "依据"),
    ),
    one_of=(("amount", "unit_price"),),
)  # fmt: skip

MEMBERS = Kind(
    "members",
    "People enrolled in the mall's programme.",
    (
        _field("card_no", "text", "Number of the member's card: the key of the row.",
               "card no, card, card number, member card, member no, member number, membership no, member id, member, "
               "loyalty card, loyalty no, member code", "卡号, 会员卡号, 会员号, 会员编号, 会员卡", needed=True),
        _field("name", "text", "The member's name.", "name, full name, member name, customer name", "姓名, 名字, 会员姓名, 会员名称"),
        _field("gender", "text", "As the sender writes it; m, f and their words become male and female.",
               "gender, sex", "性别"),
        _field("birth_year", "integer", "Year of birth, or a date of birth of which the year is kept.",
               "birth year, year of birth, birthday, date of birth, dob, birth date", "出生年份, 生日, 出生日期, 出生年"),
        _field("tier", "text", "Tier in the programme.", "tier, level, grade, membership level, status tier", "等级, 会员等级, 级别"),
        _field("language", "text", "Language to write in.", "language, lang, locale", "语言"),
        _field("home_area", "text", "Where the member lives, as an area.",
               "home area, area, district, city, postcode, zip, zip code, region", "区域, 居住区域, 城市, 邮编, 地区"),
        _field("channel", "text", "Where the member joined.", "channel, sign up channel, joined via, enrolment channel",
               "渠道, 注册渠道, 入会渠道"),
        _field("joined_day", "day", "Day of enrolment.",
               "joined, join date, joined day, joined at, date joined, enrolled, enrolment date, registration date, "
               "registered, member since, sign up date, signup date", "入会日期, 注册日期, 注册时间, 入会时间, 加入日期, 开卡日期",
               needed=True),
        _field("state", "text", "active, or what else the sender says.", "state, status, member status", "状态, 会员状态"),
        *IDENTIFIERS[1:],
    ),
)  # fmt: skip

TENANTS = Kind(
    "tenants",
    "Shops and who trades in them.",
    (
        _field("code", "text", "The shop's code: the key of the row.",
               "tenant code, code, tenant, tenant id, shop code, shop id, store code, store id, merchant id, outlet code, "
               "tenant no, shop no, id", "商户编号, 租户编号, 店铺编号, 门店编号, 商户号, 编号, 代码, 店号", needed=True),
        _field("name", "text", "The shop's name.",
               "name, tenant name, shop name, store name, merchant name, trading name, shop, store",
               "名称, 商户名称, 店铺名称, 门店名称, 租户名称, 店名, 商户", needed=True),
        _field("name_zh", "text", "The shop's name in Chinese.", "chinese name, name zh, name chinese, name cn", "中文名, 中文名称"),
        _CATEGORY,
        _field("brand", "text", "Brand under which it trades; an unknown one is made.", "brand, brand name", "品牌, 品牌名称"),
        _field("opened_day", "day", "First day of trade.", "opened, opening date, opened day, open date, start date",
               "开业日期, 开店日期, 入驻日期"),
        _field("state", "text", "trading, or what else the sender says.", "state, status", "状态, 经营状态"),
    ),
)  # fmt: skip

ACTIVITIES = Kind(
    "activities",
    "Anything else that happened around a customer: visits, parking, answers, redemptions.",
    (
        _field("key", "text", "The sender's number of the activity; without it the content is the key.",
               "activity id, id, key, record id, log id, reference, ref, activity key", "编号, 记录编号, 流水号, 活动编号"),
        _field("kind", "text", "What it was: visit, parking, answer, ...",
               "kind, activity, type, activity type, action, what", "类型, 活动类型, 行为, 行为类型, 动作", needed=True),
        _AT, _TIME, *IDENTIFIERS,
        _field("zone", "text", "Code of the zone.", "zone, zone code, area, area code", "区域, 区域编号"),
        _TENANT,
        _field("campaign", "text", "Code of a known campaign.", "campaign, campaign code, campaign id", "营销活动, 活动编码, 推广活动"),
        _field("related", "identifier", "Card of the other party, as of who referred.",
               "related, referred by, referrer, referrer card, other party", "推荐人, 推荐人卡号, 关联会员"),
        _field("amount", "money", "Money that moved.", "amount, value, fee, spend, paid", "金额, 费用"),
        _field("score", "number", "A number given, as in a survey.", "score, rating, points, nps", "评分, 得分, 分数"),
        _field("props", "json", "Anything else, as a JSON object.", "props, properties, details, json, attributes", "属性, 详情"),
    ),
)  # fmt: skip

COUNTS = Kind(
    "counts",
    "People who crossed gates, by stretch of time.",
    (
        _GATE, _AT, _TIME,
        _field("direction", "text", "in or out; without it every count is an entry.", "direction, way, in out", "方向, 进出"),
        _field("n", "integer", "People counted in the direction.",
               "count, n, people, visitors, counts, number, footfall, traffic, people count, hourly counts", "人数, 数量, 客流, 客流量, 人次"),
        _field("entries", "integer", "People counted on the way in.",
               "in, entries, ins, enter, entered, entry, in count, people in", "进, 进入, 进入人数, 进客流, 进人数"),
        _field("exits", "integer", "People counted on the way out.",
               "out, exits, outs, exit, left, out count, people out", "出, 离开, 离开人数, 出客流, 出人数"),
        _field("staff_n", "integer", "Of these, staff.", "staff, staff n, staff count", "员工, 员工人数"),
        _field("seconds_observed", "integer", "Seconds of the stretch that were watched.",
               "seconds observed, observed seconds, uptime seconds", "观测秒数, 有效秒数"),
        _field("frames_dropped", "integer", "Frames lost in the stretch.", "frames dropped, dropped frames", "丢帧, 丢帧数"),
    ),
    one_of=(("n", "entries", "exits"),),
)  # fmt: skip

CALENDAR = Kind(
    "calendar",
    "What is known of a business day.",
    (
        _field("day", "day", "The business day: the key of the row.", "day, date, business day, calendar date",
               "日期, 日, 营业日期", needed=True),
        _field("holiday", "text", "Name of the public holiday.", "holiday, public holiday, holiday name", "节假日, 假日, 节日名称"),
        _field("holiday_zh", "text", "Its name in Chinese.", "holiday zh, chinese holiday", "中文假日, 节假日中文"),
        _field("festival", "text", "Festival that the day belongs to.", "festival, festival name", "节日, 节庆"),
        _field("festival_offset", "integer", "Days from the festival's main day.", "festival offset, offset", "节日偏移, 偏移"),
        _field("day_type", "text", "Kind of day.", "day type, type of day", "日类型, 日期类型"),
        _field("school_holiday", "yes", "Whether schools are out.", "school holiday, school vacation, school break", "学校假期, 寒暑假"),
        _field("weather", "text", "Weather in a word.", "weather, conditions", "天气"),
        _field("temperature_max_c", "number", "Highest temperature in degrees Celsius.",
               "temperature max c, max temperature, temperature, temp max, high", "最高温度, 最高气温, 气温, 温度"),
        _field("rain_mm", "number", "Rain in millimetres.", "rain mm, rain, rainfall, precipitation", "降雨, 降雨量, 降水量"),
        _field("opens", "time", "Opening time.", "opens, open, opening time, opens at", "开门时间, 开业时间, 营业开始"),
        _field("closes", "time", "Closing time.", "closes, close, closing time, closes at", "关门时间, 打烊时间, 营业结束"),
        _field("closed", "yes", "Whether the mall stays shut.", "closed, is closed, shut", "闭店, 休业, 不营业"),
        _field("note", "text", "A remark.", "note, notes, remark, comment", "备注, 说明"),
    ),
)  # fmt: skip

DECLARATIONS = Kind(
    "declarations",
    "Tenants' own reports of a month's sales.",
    (
        _field("lease", "text", "Code of the lease.", "lease, lease code, lease id, contract, contract no", "租约, 租约编号, 合同号, 合同编号"),
        _TENANT,
        _field("period", "month", "The month.", "period, month, sales month, reporting month", "月份, 期间, 账期, 申报月份", needed=True),
        _field("gross", "money", "Sales of the month.",
               "gross, gross sales, sales, amount, turnover, declared sales, gross amount, revenue", "销售额, 营业额, 申报金额, 金额, 总销售额",
               needed=True),
        _field("exclusions", "money", "Of these, what the lease leaves out.", "exclusions, deductions, excluded", "扣除, 剔除金额, 扣除额"),
        _field("due_day", "day", "Day on which it was due.", "due, due day, due date, deadline", "截止日期, 到期日"),
        _field("submitted", "instant", "When it came.", "submitted, submitted at, date submitted, received", "提交时间, 申报时间, 提交日期"),
        _field("audited", "yes", "Whether it was audited.", "audited, certified", "已审计, 审计"),
        _CURRENCY,
    ),
    one_of=(("lease", "tenant"),),
)  # fmt: skip

KINDS: dict[str, Kind] = {k.name: k for k in (MEMBERS, SALES, TENANTS, ACTIVITIES, COUNTS, CALENDAR, DECLARATIONS)}
