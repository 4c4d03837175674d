"""What was sold, to how many, on how much space."""

from __future__ import annotations

from engines.kpi.definition import Kpi

SALE = ("sale",)
SPLITS = ("tenant", "category", "floor", "hour")
SALES = (
    Kpi(
        "sales", "Sales", "销售额", "money", "sales", "net sales, returns taken off", "净销售额，已扣退货",
        numerator="sales", dims=SPLITS, sources=SALE,
    ),
    Kpi(
        "gross_sales", "Gross sales", "含税销售额", "money", "sales", "gross sales, returns taken off",
        "毛销售额，已扣退货", numerator="gross", dims=SPLITS, sources=SALE,
    ),
    Kpi(
        "transactions", "Transactions", "交易笔数", "count", "sales", "receipts; a return is none",
        "小票数；退货不计",
        numerator="transactions", dims=SPLITS, sources=SALE,
    ),
    Kpi(
        "avg_basket", "Average basket", "客单价", "money", "sales", "net sales / transactions", "净销售额 / 交易笔数",
        aggregate="ratio", numerator="sales", denominator="transactions", dims=SPLITS, sources=SALE,
    ),
    Kpi(
        "conversion", "Mall conversion", "转化率", "ratio", "sales", "transactions / footfall", "交易笔数 / 客流量",
        aggregate="ratio", numerator="transactions", denominator="footfall", dims=("hour",),
        sources=("sale", "count_bucket"),
    ),
    Kpi(
        "shop_conversion", "Shop conversion", "店铺转化率", "ratio", "sales",
        "transactions of a shop / its entries, for shops with a counted front",
        "店铺交易笔数 / 进店人次（有计数的店铺）",
        aggregate="ratio", numerator="front_transactions", denominator="tenant_entries", dims=("tenant",),
        sources=("sale", "count_bucket", "front"),
    ),
    Kpi(
        "sales_per_visitor", "Sales per visitor", "人均消费", "money", "sales", "net sales / footfall",
        "净销售额 / 客流量", aggregate="ratio", numerator="sales", denominator="footfall", dims=("hour",),
        sources=("sale", "count_bucket"),
    ),
    Kpi(
        "sales_per_sqm", "Sales density", "坪效", "money", "sales",
        "net sales of the period / mean let area in m2", "期间净销售额 / 平均出租面积（平方米）",
        aggregate="per_stock", numerator="let_sales", denominator="gla_let", dims=("tenant", "category", "floor"),
        sources=("sale", "lease", "unit"),
    ),
    Kpi(
        "comparable_growth", "Comparable sales growth", "可比销售增长", "ratio", "sales",
        "sales / sales 364 days earlier - 1, of tenants that sold on both days", "可比租户销售 / 364 天前销售 - 1",
        aggregate="growth", numerator="comparable_now", denominator="comparable_then", sources=SALE,
    ),
    Kpi(
        "category_sales_share", "Sales mix", "业态销售占比", "ratio", "sales", "sales of a category / sales",
        "业态销售额 / 总销售额", aggregate="ratio", numerator="sales", denominator="sales", dims=("category",),
        whole=True, sources=("sale", "tenant", "category"), good="neither",
    ),
    Kpi(
        "refunds", "Refunds", "退款额", "money", "sales", "net amount of returns", "退货净额",
        numerator="refunds", dims=("tenant", "category", "floor"), sources=SALE, good="down",
    ),
    Kpi(
        "refund_rate", "Refund rate", "退款率", "ratio", "sales", "refunds / (sales + refunds)",
        "退款 /（销售额 + 退款）",
        aggregate="ratio", numerator="refunds", denominator="sold", dims=("tenant", "category", "floor"),
        sources=SALE, good="down",
    ),
    Kpi(
        "rent_to_sales", "Rent to sales", "租售比", "ratio", "sales",
        "(base rent + turnover rent + service charge + levy) / gross sales, of tenants with sales on the day",
        "（基本租金 + 提成租金 + 物业费 + 推广费）/ 毛销售额（当日有销售的租户）",
        aggregate="ratio", numerator="rent_of_selling", denominator="gross_let", dims=("tenant", "category", "floor"),
        sources=("lease", "sale"), good="neither",
    ),
    Kpi(
        "cross_shopping", "Cross-shopping", "交叉购物率", "ratio", "sales", "members at both A and B / members at A",
        "同时到访 A 与 B 的会员 / 到访 A 的会员", aggregate="ratio",
        needs="Needs pairs of tenants: comes with the journeys analysis.", needs_zh="需要成对租户：随旅程分析提供。",
    ),
)  # fmt: skip
