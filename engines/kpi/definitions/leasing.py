"""Space let, rent, and what tenants declare. Rents come from the leases, not from a rent ledger."""

from __future__ import annotations

from engines.kpi.definition import Kpi

LEASE = ("lease", "unit")
LEASING = (
    Kpi(
        "letting_rate", "Letting rate", "出租率", "ratio", "leasing", "let GLA / lettable GLA, at the period's end",
        "期末出租面积 / 可租面积", aggregate="last", numerator="gla_let", denominator="gla", dims=("floor",),
        sources=LEASE,
    ),
    Kpi(
        "letting_rate_units", "Letting rate by units", "出租率（按铺位）", "ratio", "leasing",
        "let units / units, at the period's end", "期末已租铺位 / 铺位",
        aggregate="last", numerator="units_let", denominator="units", dims=("floor",), sources=LEASE,
    ),
    Kpi(
        "vacancy_rate", "Vacancy", "空置率", "ratio", "leasing", "vacant GLA / lettable GLA, at the period's end",
        "期末空置面积 / 可租面积", aggregate="last", numerator="gla_vacant", denominator="gla", dims=("floor",),
        sources=LEASE, good="down",
    ),
    Kpi(
        "economic_letting_rate", "Economic letting rate", "经济出租率", "ratio", "leasing",
        "GLA of leases with a base rent / lettable GLA, at the period's end", "期末付租面积 / 可租面积",
        aggregate="last", numerator="gla_paying", denominator="gla", dims=("floor",), sources=LEASE,
    ),
    Kpi(
        "rent_due", "Rent due", "应收租金", "money", "leasing",
        "base rent + service charge + levy by the leases, by the day", "按租约逐日计算的基本租金、物业费与推广费",
        numerator="rent", dims=("tenant", "category", "floor"), sources=LEASE,
    ),
    Kpi(
        "turnover_rent", "Turnover rent", "提成租金", "money", "leasing",
        "share of gross sales of the lease year above the breakpoint; natural breakpoint = a year's base rent / share; "
        "pro rata where sales are known for part of the lease year",
        "租约年度毛销售额超过保底点部分的提成；自然保底点 = 年基本租金 / 提成比例；销售数据不足全年的按比例",
        numerator="turnover_rent", dims=("tenant", "category", "floor"), sources=("lease", "sale"),
    ),
    Kpi(
        "wale", "WALE", "加权平均剩余租期", "years", "leasing",
        "sum of base rent x remaining years / sum of base rent, at the period's end",
        "期末 ∑(基本租金 × 剩余年数) / ∑基本租金",
        aggregate="last", numerator="rent_years", denominator="rent_weight", sources=LEASE,
    ),
    Kpi(
        "tenant_retention", "Tenant retention", "续租率", "ratio", "leasing",
        "GLA renewed within 31 days by the same tenant / GLA whose lease ended", "31 天内同一租户续租面积 / 到期面积",
        aggregate="ratio", numerator="gla_renewed", denominator="gla_ended", sources=LEASE,
    ),
    Kpi(
        "declaration_rate", "Declarations on time", "销售申报及时率", "ratio", "leasing",
        "months declared by their due day / months due", "按期申报月数 / 应申报月数",
        aggregate="ratio", numerator="declared_on_time", denominator="declarations_due", sources=("declaration",
        "lease"),
    ),
    Kpi(
        "declaration_variance", "Declaration variance", "申报偏差", "ratio", "leasing",
        "(audited - first declared) / audited", "（审计额 - 首次申报额）/ 审计额",
        aggregate="ratio", numerator="declaration_gap", denominator="audited", sources=("declaration",), good="down",
    ),
    Kpi(
        "rent_collection_rate", "Rent collection", "租金收缴率", "ratio", "leasing", "rent received / rent due",
        "已收租金 / 应收租金", aggregate="ratio",
        needs="Needs the rent ledger's receipts.", needs_zh="需要租金台账的收款记录。",
    ),
    Kpi(
        "leads_new", "New leasing leads", "新增招商线索", "count", "leasing", "leasing enquiries in the period",
        "期间招商咨询数", needs="Needs the leasing pipeline.", needs_zh="需要招商管道。",
    ),
)  # fmt: skip
