WITH b AS (
    SELECT o.person_id, s.day, s.tenant_id, t.category_id, s.minute, s.net_minor,
        date_diff('day', s.day::DATE, $day::DATE) AS age, isodow(s.day::DATE) >= 6 AS weekend
    FROM sale s JOIN identifier_owner o USING (identifier_id) LEFT JOIN tenant t ON t.id = s.tenant_id
    WHERE s.day <= $day
),
d AS (
    SELECT person_id, age, any_value(weekend) AS weekend, count(*) FILTER (net_minor >= 0) AS receipts,
        count(*) FILTER (net_minor < 0) AS returns, sum(net_minor)::BIGINT AS net, max(net_minor) AS largest,
        count(*) FILTER (net_minor >= 0 AND minute >= 1020) AS evening, count(*) FILTER (net_minor >= 0 AND minute >= 0) AS timed
    FROM b GROUP BY ALL
),
p AS (
    SELECT person_id, min(age) FILTER (receipts > 0) AS recency, max(age) FILTER (receipts > 0) AS tenure,
        count(*) FILTER (receipts > 0) AS frequency, sum(net)::BIGINT AS money, sum(receipts)::BIGINT AS receipts,
        sum(returns)::BIGINT AS returns, max(largest) AS largest, count(*) FILTER (receipts > 0 AND age < 30) AS d30,
        count(*) FILTER (receipts > 0 AND age < 90) AS d90, count(*) FILTER (receipts > 0 AND age < 180) AS d180,
        count(*) FILTER (receipts > 0 AND age < 365) AS d365, (sum(net) FILTER (age < 30))::BIGINT AS s30,
        (sum(net) FILTER (age < 90))::BIGINT AS s90, (sum(net) FILTER (age < 365))::BIGINT AS s365,
        count(*) FILTER (receipts > 0 AND weekend) AS weekend, sum(evening)::BIGINT AS evening, sum(timed)::BIGINT AS timed
    FROM d GROUP BY person_id
),
t AS (
    SELECT person_id, count(*) AS tenants, count(DISTINCT category_id) AS categories, max(n) / sum(n) AS top
    FROM (SELECT person_id, tenant_id, category_id, count(*) AS n FROM b WHERE net_minor >= 0 GROUP BY ALL)
    GROUP BY person_id
)
SELECT p.*, t.tenants, t.categories, t.top, ntile(5) OVER (ORDER BY recency DESC) AS r, ntile(5) OVER (ORDER BY frequency) AS f,
    ntile(5) OVER (ORDER BY money) AS m
FROM p LEFT JOIN t USING (person_id)
