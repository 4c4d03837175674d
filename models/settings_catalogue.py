"""Every setting of a site, once: the declaration that pages, command line and docs are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["bool", "int", "number", "text", "choice", "time"]


@dataclass(frozen=True)
class Setting:
    """A setting: `low` and `high` bound a number (or the length of a text); a `time` is local, as 'HH:MM'.

    `right` is what a user needs to change it; a `fixed` setting is shown but can take no other value.
    """

    name: str
    kind: Kind
    default: bool | int | float | str
    title: str
    title_zh: str
    help: str
    help_zh: str
    low: float = 0
    high: float = 200
    choices: tuple[str, ...] = ()
    unit: str = ""
    right: str = "configure"
    fixed: bool = False

    @property
    def group(self) -> str:
        """The part of the name before the dot: what the settings page puts together."""
        return self.name.partition(".")[0]

    def allowed(self) -> str:
        """What a person may enter, in words."""
        if self.kind == "bool":
            return "on, off"
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "time":
            return "a time of day, as in 03:30"
        if self.kind == "text":
            return f"up to {self.high:g} characters"
        whole = "whole number" if self.kind == "int" else "number"
        return f"a {whole} from {self.low:g} to {self.high:g} {self.unit}".rstrip()


PROFILE = "mall.profile"

SETTINGS: tuple[Setting, ...] = (
    Setting(
        PROFILE, "choice", "urban_mall", "Kind of mall", "商场类型",
        "Sets the defaults that differ between kinds of mall; what you set yourself stays.",
        "决定各类商场不同的默认值；您自己设置的值不变。",
        choices=("urban_mall", "outlet", "community_centre", "transit_mall"),
    ),
    Setting(
        "mall.opens", "time", "10:00", "Opens", "开门时间",
        "Usual opening time, for days that the calendar says nothing of.", "日历未注明时的通常开门时间。",
    ),
    Setting(
        "mall.closes", "time", "22:00", "Closes", "关门时间",
        "Usual closing time, for days that the calendar says nothing of.", "日历未注明时的通常关门时间。",
    ),
    Setting(
        "mall.week_starts", "choice", "monday", "Week starts on", "每周起始日",
        "First day of the week in weekly figures.", "周报表的第一天。", choices=("monday", "saturday", "sunday"),
    ),
    Setting(
        "mall.fiscal_year_starts", "int", 1, "Fiscal year starts in month", "财年起始月份",
        "Month in which the fiscal year begins; figures for the year to date count from there.",
        "财年开始的月份，年初至今的数字从该月起算。", low=1, high=12,
    ),
    Setting(
        "mall.place", "text", "", "Where the mall is", "商场位置",
        "Latitude and longitude in degrees, as in 31.2304, 121.4737: for distances on the catchment map.",
        "以度为单位的纬度和经度，例如 31.2304, 121.4737，用于客源地图上的距离。", high=40,
    ),
    Setting(
        "look.language", "choice", "system", "Language", "语言", "Language of the desktop.", "桌面语言。",
        choices=("system", "en", "zh"), right="look",
    ),
    Setting(
        "look.theme", "choice", "system", "Colours", "外观", "Light, dark, or as the system has it.",
        "浅色、深色或跟随系统。", choices=("system", "light", "dark"), right="look",
    ),
    Setting(
        "look.money", "choice", "full", "Money is shown", "金额显示",
        "In full, or in thousands and millions. The currency itself is in site.toml.",
        "完整显示或以千、百万为单位。币种在 site.toml 中设置。", choices=("full", "compact"), right="look",
    ),
    Setting(
        "goal.conversion", "number", 0.25, "Target conversion", "目标转化率",
        "Receipts per visit that the mall aims at, as a share.", "商场力求达到的每次到访成交比例。", low=0, high=1,
    ),
    Setting(
        "goal.capture", "number", 0.12, "Target capture rate", "目标进店率",
        "Share of passers-by who enter a shop that the mall aims at.", "商场力求达到的过店顾客进店比例。",
        low=0, high=1,
    ),
    Setting(
        "goal.visits_growth", "number", 0.03, "Target growth of visits", "目标客流增长",
        "Growth against the same period last year, as a share.", "与去年同期相比的增长比例。", low=-1, high=5,
    ),
    Setting(
        "privacy.smallest_group", "int", 10, "Smallest group shown", "最小展示人数",
        "Breakdowns of people into smaller groups than this are hidden.", "少于该人数的人群细分不予显示。",
        low=5, high=1000, unit="people",
    ),
    Setting(
        "privacy.usage_log", "bool", False, "Usage log for support", "供支持使用的操作日志",
        "Keep in logs/usage.log which pages are opened and which acts are done, without names, searches or figures.",
        "在 logs/usage.log 中记录打开了哪些页面、执行了哪些操作，不含姓名、搜索内容或数字。",
    ),
    Setting(
        "keep.logs", "int", 30, "Keep logs", "日志保留", "Log files and crash reports older than this are removed.",
        "早于该天数的日志和崩溃报告会被删除。", low=1, high=365, unit="days",
    ),
    Setting(
        "keep.runs", "int", 90, "Keep the ledger of runs", "运行记录保留",
        "Runs of jobs older than this are removed; the newest of each job stays.",
        "早于该天数的任务记录会被删除；每个任务的最新一条保留。", low=7, high=3650, unit="days",
    ),
    Setting(
        "keep.change_log", "int", 7, "Keep the change log", "变更日志保留",
        "Changes older than this that the mart already holds are removed.",
        "早于该天数且数据集市已包含的变更会被删除。",
        low=1, high=365, unit="days",
    ),
    Setting(
        "retention.camera_minutes_days", "int", 35, "Keep cameras' minutes", "摄像头分钟数据保留",
        "Counts and presence by the minute older than this are removed; quarter hours stay.",
        "早于该天数的分钟级计数和在场数据会被删除；一刻钟数据保留。", low=2, high=400, unit="days",
    ),
    Setting(
        "retention.heat_days", "int", 400, "Keep heat maps", "热力图保留",
        "Heat of floor plans older than this is removed.", "早于该天数的楼层热力数据会被删除。",
        low=2, high=3650, unit="days",
    ),
    Setting(
        "retention.counts_days", "int", 0, "Keep cameras' counts", "摄像头计数保留",
        "Quarter-hour counts, stays and flows of cameras, and hourly ages and genders, older than this are removed; "
        "0 keeps them for ever.",
        "早于该天数的摄像头一刻钟计数、停留、流向以及每小时年龄性别数据会被删除；0 表示永久保留。",
        low=0, high=36500, unit="days",
    ),
    Setting(
        "vision.minimum_group", "int", 10, "Smallest group kept", "最小保留人数",
        "Groups by age and gender of fewer people than this in an hour never leave the counting.",
        "每小时内少于该人数的年龄性别分组不会离开计数程序。", low=10, high=1000, unit="people",
    ),
    Setting(
        "backup.at", "time", "02:30", "Backup at", "备份时间", "Local time of the nightly backup.",
        "每晚备份的当地时间。",
    ),
    Setting(
        "backup.daily", "int", 7, "Daily backups kept", "保留的每日备份", "How many days keep a backup of their own.",
        "保留最近多少天的备份。", low=1, high=60,
    ),
    Setting(
        "backup.weekly", "int", 4, "Weekly backups kept", "保留的每周备份",
        "How many weeks keep a backup of their own.",
        "保留最近多少周的备份。", low=0, high=60,
    ),
    Setting(
        "backup.monthly", "int", 6, "Monthly backups kept", "保留的每月备份",
        "How many months keep a backup of their own.", "保留最近多少个月的备份。", low=0, high=60,
    ),
    Setting(
        "backup.second", "text", "", "Second backup folder", "第二备份文件夹",
        "A folder on another disk or machine that gets a copy of every backup; empty: none. It must be there already.",
        "位于其他磁盘或机器上的文件夹，每次备份都会复制到该处；留空表示不复制。该文件夹必须已存在。", high=400,
    ),
    Setting(
        "backup.spare", "text", "", "Spare's folder", "备用机文件夹",
        "A shared folder of the machine that would take over; it gets the newest backup each time. Empty: none.",
        "接管机器上的共享文件夹，每次备份都会更新；留空表示没有备用机。", high=400,
    ),
    Setting(
        "backup.drill_at", "time", "03:15", "Restore drill at", "恢复演练时间",
        "Local time at which, once a week, the newest backup is restored into a scratch folder and compared.",
        "每周一次在此当地时间将最近的备份恢复到临时文件夹并比对。",
    ),
    Setting(
        "jobs.audit_at", "time", "04:00", "Audit check at", "审计校验时间",
        "Local time at which the audit chain is verified.", "每日校验审计链的当地时间。",
    ),
    Setting(
        "jobs.tidy_at", "time", "04:30", "Tidying at", "清理时间",
        "Local time at which old log rows, runs and log files are removed.", "每日清理旧记录和日志的当地时间。",
    ),
    Setting(
        "feature.analyses", "bool", True, "Scheduled analyses", "定时分析",
        "The service runs each analysis by its schedule; off, they run only when asked.",
        "服务按计划运行各项分析；关闭后仅在要求时运行。",
    ),
    Setting(
        "feature.cameras", "bool", True, "Camera counting", "摄像头计数",
        "The service counts each active camera.", "服务对每个启用的摄像头计数。",
    ),
    Setting(
        "feature.backups", "bool", True, "Nightly backup", "每晚备份",
        "The service makes a verified backup each night.", "服务每晚生成经过校验的备份。",
    ),
    Setting(
        "vision.weights", "text", "", "Detector weights", "检测模型",
        "Name of the installed weights that count people; empty: the permissively licensed ones first.",
        "用于计数的已安装模型名称；留空则优先使用许可宽松的模型。", high=120,
    ),
    Setting(
        "vision.input", "text", "", "Detector input", "检测输入尺寸",
        "Width and height of the detector's input, as in 640x480; empty: its own. `weights bench` finds what the "
        "machine can afford.",
        "检测模型输入的宽和高，如 640x480；留空则使用模型自身尺寸。可用 weights bench 测出本机可承受的尺寸。", high=20,
    ),
    Setting(
        "vision.runtime", "choice", "openvino", "Detector runtime", "检测运行库",
        "What runs the detector; ONNX Runtime can be quicker for some ONNX files.",
        "运行检测模型的程序库；对某些 ONNX 文件，ONNX Runtime 更快。", choices=("openvino", "onnxruntime"),
    ),
    Setting(
        "leads.qualified", "number", 70, "Qualified from", "合格线索起点",
        "A prospect with this composite score or more, and a touch within 30 days, is qualified.",
        "综合得分不低于该值且 30 天内有互动的线索视为合格。",
        low=1, high=100, unit="points",
    ),
    Setting(
        "leads.sales_ready", "number", 85, "Sales-ready from", "可跟进线索起点",
        "A prospect with this composite score or more, and a touch within 14 days, is sales-ready.",
        "综合得分不低于该值且 14 天内有互动的线索视为可跟进。", low=1, high=100, unit="points",
    ),
    Setting(
        "leads.qualified_share", "number", 5, "Qualified at least the top", "合格线索至少取前",
        "This share of people who have not bought yet, the highest scores first, is qualified even below the points; "
        "0: by points alone.",
        "尚未消费者中得分最高的该比例即使未达分数线也视为合格；0 表示只按分数。", low=0, high=50, unit="percent",
    ),
    Setting(
        "leads.sales_ready_share", "number", 1, "Sales-ready at least the top", "可跟进线索至少取前",
        "This share of people who have not bought yet, the highest scores first, is sales-ready even below the points, "
        "if touched within 14 days; 0: by points alone.",
        "尚未消费者中得分最高的该比例，若 14 天内有互动，即使未达分数线也视为可跟进；0 表示只按分数。",
        low=0, high=50, unit="percent",
    ),
    Setting(
        "leads.half_life_days", "number", 14, "A touch counts half after", "互动减半天数",
        "In the behavioural score of people, a touch counts half as much after so many days.",
        "在客户行为得分中，互动经过该天数后权重减半。", low=1, high=365, unit="days",
    ),
    Setting(
        "leads.deal_half_life_days", "number", 30, "A touch in a deal counts half after", "洽谈互动减半天数",
        "In the behavioural score of deals, a touch counts half as much after so many days.",
        "在洽谈行为得分中，互动经过该天数后权重减半。", low=1, high=365, unit="days",
    ),
    Setting(
        "health.fall", "number", 15, "A fall of health worth a look", "值得关注的健康度下降",
        "Points lost within 28 days from which a customer is shown as falling.",
        "28 天内下降达到该分值的客户显示为下滑。", low=1, high=100, unit="points",
    ),
    Setting(
        "health.alerts", "int", 5, "Alerts about single customers a night", "每晚单个客户提醒数",
        "So many customers get an alert of their own; one more alert counts the rest.",
        "最多为该数量的客户单独提醒；其余合并为一条。", low=0, high=50, unit="people",
    ),
    Setting(
        "journeys.regular_purchases", "int", 3, "Purchases of a regular", "常客购买天数",
        "Days with a purchase within the regular's span that make someone a regular.",
        "在常客期间内有多少天发生购买即为常客。", low=2, high=6, unit="days",
    ),
    Setting(
        "journeys.regular_days", "int", 90, "Span of a regular", "常客期间",
        "Days within which a regular's purchases lie.", "统计常客购买的天数范围。", low=14, high=365, unit="days",
    ),
    Setting(
        "journeys.advocate_days", "int", 365, "Advocates keep for", "推荐者有效期",
        "A referral or a high recommendation makes a regular an advocate for so many days.",
        "推荐好友或给出高推荐分的常客在该天数内为推荐者。", low=30, high=1095, unit="days",
    ),
    Setting(
        "journeys.promoter_score", "int", 9, "Recommendation of an advocate", "推荐者评分",
        "Answers of at least this (0 to 10) to whether one would recommend the mall make an advocate.",
        "推荐意愿评分（0 至 10）不低于该值即为推荐者。", low=7, high=10,
    ),
    Setting(
        "journeys.lapse_days", "int", 90, "Lapsed after at least", "至少多久算流失",
        "Nobody lapses before so many days without an act of their own.",
        "无任何行为未满该天数的客户不算流失。", low=14, high=730, unit="days",
    ),
    Setting(
        "journeys.lapse_gaps", "number", 3.0, "Lapsed after own gaps", "流失的间隔倍数",
        "Someone lapses after so many times their own mean gap between days with an act, if that is longer.",
        "无行为时间达到本人平均间隔的该倍数（且更长）时算流失。", low=1, high=10,
    ),
    Setting(
        "behaviour.visit_gap", "int", 180, "A visit ends after", "到访结束间隔",
        "Minutes without an act after which the next act begins a new visit.",
        "超过该分钟数没有行为，则下一次行为算新的到访。", low=15, high=720, unit="minutes",
    ),
    Setting(
        "behaviour.engagement_recency", "number", 40.0, "Engagement: weight of recency", "参与度：近度权重",
        "Weight of how lately someone did anything.", "近度在参与度中的权重。", low=0, high=100,
    ),
    Setting(
        "behaviour.engagement_frequency", "number", 35.0, "Engagement: weight of frequency", "参与度：频度权重",
        "Weight of how often someone did anything.", "频度在参与度中的权重。", low=0, high=100,
    ),
    Setting(
        "behaviour.engagement_breadth", "number", 25.0, "Engagement: weight of breadth", "参与度：广度权重",
        "Weight of how many tenants and kinds of contact.", "商户与接触方式广度在参与度中的权重。", low=0, high=100,
    ),
    Setting(
        "behaviour.engagement_half_life", "number", 30.0, "Engagement: half-life", "参与度：半衰期",
        "Days after which the recency part has halved.", "近度得分减半所需的天数。", low=1, high=365, unit="days",
    ),
    Setting(
        "churn.horizon_days", "choice", "90", "Churn: days without a purchase", "流失：未消费天数",
        "Someone who has bought before churns when nothing is bought for so many days; the models learn anew from it.",
        "曾消费的客户在该天数内没有消费即视为流失；更改后模型会重新学习。", choices=("90", "180"),
    ),
    Setting(
        "churn.medium", "number", 0.4, "Churn: medium risk from", "流失：中风险起点",
        "Chance of no purchase above which the risk is called medium.", "不再消费的概率高于该值为中风险。",
        low=0, high=1,
    ),
    Setting(
        "churn.high", "number", 0.7, "Churn: high risk from", "流失：高风险起点",
        "Chance of no purchase above which the risk is called high.", "不再消费的概率高于该值为高风险。",
        low=0, high=1,
    ),
    Setting(
        "clusters.number", "int", 0, "Number of clusters", "聚类数量",
        "0 lets the data choose; another number is taken only where it is stable.",
        "0 表示由数据决定；其他数值仅在稳定时采用。", low=0, high=8,
    ),
    Setting(
        "feature.audit", "bool", True, "Audit trail", "审计记录",
        "Every act of a person is recorded; this is part of every version.",
        "每个人的每项操作都会记录；这是每个版本都有的。",
        fixed=True,
    ),
    Setting(
        "attribution.lookback_days", "choice", "30", "Look-back", "归因回溯天数",
        "A touch earns credit for what follows within so many days.", "触点在该天数内的后续消费中获得贡献。",
        choices=("7", "30", "90"), unit="days",
    ),
    Setting(
        "attribution.half_life_days", "choice", "7", "Time decay halves after", "时间衰减半衰期",
        "In the time-decay model a touch so many days older counts half.", "在时间衰减模型中，早该天数的触点权重减半。",
        choices=("3", "7", "14"), unit="days",
    ),
    Setting(
        "attribution.model", "choice", "markov", "Attribution model", "归因模型",
        "The model that leagues show first; with too few conversions it is last touch.",
        "排行榜默认使用的模型；转化太少时使用末次触点。",
        choices=("first", "last", "linear", "decay", "position", "shapley", "markov"),
    ),
    Setting(
        "attribution.margin_share", "number", 0.0, "Margin on sales", "销售毛利占比",
        "What the mall keeps of a sale, as a share, for the return on campaigns; at 0, not known, none is shown.",
        "计算活动回报时商场从销售中获得的比例；0 表示未知，此时不显示回报。", low=0, high=1,
    ),
    Setting(
        "picks.unproven_share", "number", 0.1, "Next action: unproven effect", "下一步行动：未证实的效果",
        "Part of a propensity that counts as an action's effect where no held-out group has shown one: an assumption.",
        "在没有保留组证明效果时，把倾向概率的多大比例算作行动的效果：属于假设。", low=0, high=1,
    ),
    *(
        Setting(
            f"picks.cost_{way}_minor", "number", cost, f"Next action: cost of {name}", f"下一步行动：{zh}成本",
            "What one message costs, in the smallest unit of the currency.", "每条消息的成本，以货币最小单位计。",
            low=0, high=100_000,
        )
        for way, cost, name, zh in (
            ("email", 1, "an e-mail", "邮件"), ("sms", 5, "a text message", "短信"),
            ("push", 0, "an app message", "推送"), ("wechat", 0, "a WeChat message", "微信消息"),
        )
    ),
    Setting(
        "picks.offer_cost_minor", "number", 0, "Next action: cost of an offer", "下一步行动：优惠成本",
        "What a win-back or anniversary offer costs, in the smallest unit of the currency.",
        "一次挽回或周年优惠的成本，以货币最小单位计。", low=0, high=100_000_000,
    ),
    Setting(
        "access.lock_minutes", "int", 5, "Locks after", "自动锁定",
        "Minutes without a key or a click after which the desktop of a signed-in person locks.",
        "已登录用户在多少分钟内没有按键或点击后锁定桌面。", low=1, high=240, unit="minutes", right="users",
    ),
    Setting(
        "access.lock_by_role", "text", "counter=2", "Locks after, by role", "按角色自动锁定",
        "Other minutes for some roles, as in counter=2, manager=15.",
        "为部分角色另设分钟数，例如 counter=2, manager=15。",
        right="users",
    ),
    Setting(
        "access.export_rows", "int", 500, "Export without a second person", "无需他人批准的导出行数",
        "An export of people with more rows waits for another person's approval, where people sign in.",
        "在需要登录的站点，行数更多的人员名单导出须由另一人批准。", low=0, high=1_000_000, unit="rows", right="users",
    ),
    Setting(
        "access.two_person", "bool", True, "Corrections of money need two", "涉及金额的更正须两人",
        "Taking back an import of sales, declarations or points waits for another person's approval, where people "
        "sign in.",
        "在需要登录的站点，撤销销售、申报或积分的导入须由另一人批准。", right="users",
    ),
    Setting(
        "access.reveals_a_day", "int", 40, "Reveals a day", "每日显示个人信息次数",
        "More persons revealed by one user in a day raise an alert.", "同一用户一天内显示更多人的信息时发出警报。",
        low=1, high=10_000, right="users",
    ),
    Setting(
        "access.offline_days", "int", 7, "Sign-in without the provider", "离线登录宽限",
        "Days that a user of the sign-in provider may go on with a PIN while the provider cannot be reached.",
        "无法连接登录服务时，其用户可凭 PIN 继续使用的天数。", low=0, high=90, unit="days", right="users",
    ),
    Setting(
        "access.oidc_issuer", "text", "", "Sign-in provider", "登录服务",
        "Address of an OpenID provider, as in https://login.example; empty for local accounts only.",
        "OpenID 登录服务的地址，例如 https://login.example；留空则仅使用本地账户。", right="users",
    ),
    Setting(
        "access.oidc_client", "text", "", "Client at the provider", "登录服务中的客户端",
        "The client's name at the provider (a public client with PKCE; it has no secret).",
        "在登录服务中登记的客户端名称（使用 PKCE 的公开客户端，没有密钥）。", right="users",
    ),
    Setting(
        "gateway.on", "bool", False, "Gateway", "网关",
        "Programs on the mall's network may read figures and send rows over HTTP, each with a key of its own.",
        "商场网络中的程序可通过 HTTP 读取数据和发送记录，每个程序使用自己的密钥。",
    ),
    Setting(
        "gateway.address", "text", "127.0.0.1:8620", "Listens at", "监听地址",
        "Address and port. Beyond this machine (as in 0.0.0.0:8620) it needs a certificate.",
        "地址和端口。对本机以外开放（如 0.0.0.0:8620）时需要证书。", low=3, high=120,
    ),
    Setting(
        "gateway.certificate", "text", "", "Certificate", "证书",
        "File of the TLS certificate with its chain (PEM); empty: no TLS.",
        "TLS 证书及证书链文件（PEM）；留空则不使用 TLS。", high=400,
    ),
    Setting(
        "gateway.certificate_key", "text", "", "Certificate's key", "证书密钥",
        "File of the certificate's private key (PEM), readable by the service alone.",
        "证书私钥文件（PEM），仅服务可读。", high=400,
    ),
    Setting(
        "gateway.plain", "bool", False, "Without TLS beyond this machine", "在本机以外不使用 TLS",
        "Keys and figures then cross the network in the clear: only behind a proxy that adds TLS.",
        "密钥和数据将以明文传输：仅在由代理提供 TLS 时使用。",
    ),
    Setting(
        "gateway.hosts", "text", "", "Names it answers to", "响应的主机名",
        "Host names besides this machine's addresses and its own name, as in atrium.mall.example.",
        "除本机地址和本机名称以外的主机名，例如 atrium.mall.example。", high=400,
    ),
    Setting(
        "gateway.origins", "text", "", "Web pages that may call it", "允许调用的网页来源",
        "Origins of pages in browsers, as in https://wall.example; empty: none.",
        "浏览器网页的来源，例如 https://wall.example；留空则全部拒绝。", high=400,
    ),
    Setting(
        "gateway.per_address", "int", 3000, "Calls a minute of one address", "单个地址每分钟调用次数",
        "More are refused for a moment; each key has a limit of its own besides.",
        "超出后暂时拒绝；每个密钥另有自己的限制。", low=10, high=1_000_000,
    ),
    Setting(
        "gateway.sessions", "int", 200, "Live sessions", "实时会话数",
        "Screens and programs that may follow the live feed at once.", "可同时接收实时数据的屏幕和程序数量。",
        low=1, high=2000,
    ),
    Setting(
        "gateway.memory", "int", 1024, "Memory of the gateway", "网关内存",
        "Beyond this it ends and is started again.", "超出后将结束并重新启动。", low=512, high=16_384, unit="MB",
    ),
    Setting(
        "hooks.private", "text", "", "Alerts out to own machines", "向内部机器推送警报",
        "Machines or networks of the mall that webhooks may call, as in 10.1.2.0/24, pager.mall.example; all others "
        "must be public addresses.",
        "允许推送的内部机器或网段，例如 10.1.2.0/24、pager.mall.example；其余必须为公网地址。", high=400, right="keys",
    ),
    Setting(
        "update.source", "text", "", "Updates come from", "更新来源",
        "A folder or an https address with signed releases; empty: updates are brought by hand or by package.",
        "存放已签名发布文件的文件夹或 https 地址；留空则手动或通过软件包更新。", high=400, right="update",
    ),
)  # fmt: skip

#: What a kind of mall changes. Hours and rates are starting points from ordinary practice, not findings.
PROFILES: Mapping[str, Mapping[str, bool | int | float | str]] = {
    "urban_mall": {},
    "outlet": {"mall.closes": "21:00", "goal.conversion": 0.35, "goal.capture": 0.2},
    "community_centre": {"mall.opens": "09:00", "mall.closes": "21:30", "goal.conversion": 0.4, "goal.capture": 0.15},
    "transit_mall": {"mall.opens": "07:00", "mall.closes": "23:00", "goal.conversion": 0.15, "goal.capture": 0.06},
}
