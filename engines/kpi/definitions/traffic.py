"""Who came, when, for how long, and what was seen of it."""

from __future__ import annotations

from engines.kpi.definition import Kpi

COUNTS = ("count_bucket",)
TRAFFIC = (
    Kpi(
        "footfall", "Footfall", "客流量", "count", "traffic",
        "people in at the perimeter gates, staff left out", "外围各门进场人次，不含员工",
        numerator="footfall", dims=("gate", "floor", "hour"), sources=COUNTS,
    ),
    Kpi(
        "unique_visitors", "Unique visitors", "独立访客数", "count", "traffic",
        "different people in a day", "当日不重复到访人数", aggregate="distinct",
        needs="Needs a sensor that can tell visits of one person apart; counting lines cannot.",
        needs_zh="需要能区分同一访客的传感器；计数线无法区分。",
    ),
    Kpi(
        "repeat_visitor_share", "Returning visitors", "回头客占比", "ratio", "traffic",
        "visitors seen before in the window / visitors", "窗口期内曾到访者 / 访客", aggregate="ratio",
        needs="Needs a sensor that recognises a returning visit; Atrium does not identify visitors.",
        needs_zh="需要能识别再次到访的传感器；Atrium 不识别访客身份。",
    ),
    Kpi(
        "visit_frequency", "Visit frequency", "到访频次", "ratio", "traffic",
        "visits / different visitors in the month", "当月到访人次 / 独立访客", aggregate="ratio",
        needs="Needs unique visitors.", needs_zh="需要独立访客数。",
    ),
    Kpi(
        "presence", "Peak presence", "在场人数峰值", "count", "traffic",
        "greatest sum of entries less exits since the nightly reset, never below 0",
        "夜间归零后进场减出场累计的最大值，不低于 0",
        aggregate="max", numerator="presence_peak", sources=COUNTS, good="neither",
    ),
    Kpi(
        "passers_by", "Passers-by", "过店客流", "count", "traffic",
        "people crossing outside a front without entering", "经过店面但未进店的人次",
        numerator="passers", dims=("front", "tenant"), sources=(*COUNTS, "front"),
    ),
    Kpi(
        "front_entries", "Shop entries", "进店人次", "count", "traffic",
        "people in at the shop fronts that are counted", "已装计数的店面进店人次",
        numerator="front_entries", dims=("front", "tenant"), sources=(*COUNTS, "front"),
    ),
    Kpi(
        "capture_rate", "Capture rate", "进店率", "ratio", "traffic",
        "shop entries / (shop entries + passers-by)", "进店人次 /（进店人次 + 过店未进人次）",
        aggregate="ratio", numerator="front_entries", denominator="front_traffic", dims=("front", "tenant"),
        sources=(*COUNTS, "front"),
    ),
    Kpi(
        "exposure_rate", "Exposure rate", "曝光率", "ratio", "traffic",
        "entries of a zone / footfall", "区域进入人次 / 客流量",
        aggregate="ratio", numerator="zone_entries", denominator="footfall", dims=("zone",), whole=True,
        sources=(*COUNTS, "zone"),
    ),
    Kpi(
        "zone_share", "Zone share", "区域占比", "ratio", "traffic",
        "entries of a zone / entries of all counted zones", "区域进入人次 / 全部已计数区域进入人次",
        aggregate="ratio", numerator="zone_entries", denominator="zone_entries", dims=("zone",), whole=True,
        sources=(*COUNTS, "zone"), good="neither",
    ),
    Kpi(
        "floor_penetration", "Floor penetration", "楼层渗透率", "ratio", "traffic",
        "entries of a floor / footfall", "楼层进入人次 / 客流量", aggregate="ratio",
        needs="Needs a counting line on every way into a floor (stairs, lifts and escalators).",
        needs_zh="需要在进入楼层的每条通道（楼梯、电梯、扶梯）设置计数线。",
    ),
    Kpi(
        "dwell_minutes", "Mean stay in counted zones", "平均停留时间", "minutes", "traffic",
        "minutes of stays that ended / stays, over the zones with a sensor",
        "已结束停留的分钟数 / 停留次数（有传感器的区域）",
        aggregate="ratio", numerator="dwell_minutes", denominator="dwell_visits", dims=("zone",),
        sources=("dwell_bucket",),
    ),
    Kpi(
        "queue_minutes", "Waiting time", "平均排队时间", "minutes", "traffic",
        "minutes of all who left a queue / those who left it", "离开队列者的排队分钟数 / 离开队列人次",
        aggregate="ratio", numerator="queue_minutes", denominator="queue_visits", dims=("zone",),
        sources=("zone_bucket",), version=2, good="down",
    ),
    Kpi(
        "queue_wait_p50", "Median wait", "排队时间中位数", "minutes", "traffic",
        "half of those served waited no longer", "半数获服务者的等待不超过该时间",
        aggregate="distinct", numerator="queue_waits", dims=("zone",), sources=("zone_bucket",), good="down",
    ),
    Kpi(
        "queue_wait_p90", "Wait of nine in ten", "九成顾客排队时间", "minutes", "traffic",
        "nine in ten of those served waited no longer", "九成获服务者的等待不超过该时间",
        aggregate="distinct", numerator="queue_waits", dims=("zone",), sources=("zone_bucket",), good="down",
    ),
    Kpi(
        "queue_abandonment", "Left without being served", "排队放弃率", "ratio", "traffic",
        "those who left a queue another way than past its service line / those who left it",
        "未经服务线离开队列者 / 离开队列人次",
        aggregate="ratio", numerator="queue_unserved", denominator="queue_visits", dims=("zone",),
        sources=("zone_bucket",), good="down",
    ),
    Kpi(
        "queue_length", "People waiting", "排队人数峰值", "count", "traffic",
        "greatest number of people in a queue", "队列中人数的最大值",
        aggregate="max", numerator="queue_longest", dims=("zone",), sources=("zone_bucket",), version=2, good="down",
    ),
    Kpi(
        "peak_hour_share", "Peak hour share", "高峰小时占比", "ratio", "traffic",
        "entries of the day's greatest hour / entries of the day", "当日最高小时进场 / 当日进场",
        aggregate="ratio", numerator="peak_hour", denominator="hour_total", sources=COUNTS, good="neither",
    ),
    Kpi(
        "same_weekday_index", "Index to the same weekday last year", "同星期同比指数", "index", "traffic",
        "visits / visits 364 days earlier, over the days that have both", "客流 / 364 天前客流（两者俱全的日子）",
        aggregate="ratio", numerator="footfall", denominator="footfall_last_year", sources=COUNTS,
    ),
    Kpi(
        "peer_index", "Peer index", "同业指数", "index", "traffic",
        "own index / index of the peer set, to the same base", "自身指数 / 同业组指数（同一基期）", aggregate="ratio",
        needs="Needs the counts of other malls.", needs_zh="需要其他商场的客流数据。",
    ),
    Kpi(
        "shopper_staff_ratio", "Shoppers per staff member", "客流员工比", "ratio", "traffic",
        "footfall / staff on duty", "客流量 / 在岗员工", aggregate="ratio", good="neither",
        needs="Needs staff rosters.", needs_zh="需要员工排班数据。",
    ),
    Kpi(
        "parking_occupancy", "Car park use", "车位占用率", "ratio", "traffic", "spaces in use / spaces",
        "已用车位 / 车位",
        aggregate="ratio", needs="Needs the car park's counts.", needs_zh="需要停车场数据。", good="neither",
    ),
    Kpi(
        "data_completeness", "Data completeness", "数据完整率", "ratio", "traffic",
        "seconds watched / seconds that should have been, within the opening hours",
        "营业时间内已观测秒数 / 应观测秒数",
        aggregate="ratio", numerator="seconds_observed", denominator="seconds_expected", dims=("gate",),
        sources=(*COUNTS, "calendar_day"),
    ),
    Kpi(
        "count_accuracy", "Count accuracy", "计数准确率", "ratio", "traffic",
        "1 - |counted - counted by hand| / counted by hand, each hand count and way for itself",
        "1 - |系统 - 人工| / 人工（每次抽查、每个方向分别计算）",
        aggregate="ratio", numerator="hand_right", denominator="hand_counted", sources=("accuracy_check",), version=2,
    ),
    Kpi(
        "forecast_error", "Forecast error", "预测误差", "ratio", "traffic",
        "WAPE of the footfall forecast on its rolling back-test", "客流预测滚动回测的 WAPE",
        aggregate="last", sources=("forecast_run",), live=True, good="down",
    ),
    Kpi(
        "occasion_uplift", "Occasion uplift", "活动提升", "count", "traffic",
        "visits observed - baseline, in the window and its echo weeks", "活动期及余波期客流 - 基线",
        needs="Needs occasions with a chosen baseline.", needs_zh="需要登记活动并选定基线。",
    ),
    Kpi(
        "cost_per_incremental_visit", "Cost per incremental visit", "单次增量到访成本", "money", "traffic",
        "cost / incremental visits", "成本 / 增量到访", aggregate="ratio", good="down",
        needs="Needs occasions with costs and a baseline.", needs_zh="需要活动成本与基线。",
    ),
)  # fmt: skip
