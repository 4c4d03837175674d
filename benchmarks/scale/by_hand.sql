-- The figures of engines/features/features.sql and of rfm in one query, as an expert would write it for DuckDB alone.
WITH b AS (
    SELECT o.person_id, s.tenant_id, t.category_id, s.minute, s.net_minor, date_diff('day', s.day::DATE, $day::DATE) AS age,
        isodow(s.day::DATE) >= 6 AS weekend
    FROM sale s JOIN identifier_owner o USING (identifier_id) LEFT JOIN tenant t ON t.id = s.tenant_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
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
        count(*) FILTER (receipts > 0 AND age < 365) AS d365, coalesce((sum(net) FILTER (age < 30))::BIGINT, 0) AS s30,
        coalesce((sum(net) FILTER (age < 90))::BIGINT, 0) AS s90, coalesce((sum(net) FILTER (age < 365))::BIGINT, 0) AS s365,
        (count(*) FILTER (receipts > 0 AND weekend)) / frequency AS weekend, sum(evening) / nullif(sum(timed), 0) AS evening
    FROM d GROUP BY person_id
),
g AS (
    SELECT person_id, stddev_pop(gap) AS sd, count(gap) AS gaps, avg(gap) AS mean
    FROM (SELECT person_id, lag(age) OVER (PARTITION BY person_id ORDER BY age DESC) - age AS gap FROM d WHERE receipts > 0)
    GROUP BY person_id
),
t AS (
    SELECT person_id, count(*) AS tenants, count(DISTINCT category_id) AS categories, max(n) / sum(n) AS top
    FROM (SELECT person_id, tenant_id, category_id, count(*) AS n FROM b WHERE net_minor >= 0 AND tenant_id NOT NULL GROUP BY ALL)
    GROUP BY person_id
),
a AS (
    SELECT o.person_id, a.kind, date_diff('day', a.day::DATE, $day::DATE) AS age
    FROM activity a JOIN identifier_owner o USING (identifier_id)
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
),
v AS (
    SELECT person_id, min(age) AS activity, max(age) AS known, count(*) FILTER (kind = 'visit' AND age < 30) AS visits_30,
        count(*) FILTER (kind = 'visit' AND age < 90) AS visits_90, count(*) FILTER (kind = 'campaign_sent' AND age < 90) AS sent_90,
        count(*) FILTER (kind = 'campaign_sent' AND age < 365) AS sent_365,
        count(*) FILTER (kind = 'campaign_opened' AND age < 90) AS opened_90,
        count(*) FILTER (kind = 'campaign_opened' AND age < 365) AS opened_365,
        count(*) FILTER (kind = 'campaign_clicked' AND age < 90) AS clicked_90,
        count(*) FILTER (kind = 'campaign_clicked' AND age < 365) AS clicked_365, count(*) FILTER (kind = 'referral') AS referred
    FROM a GROUP BY person_id
)
SELECT person_id, p.* EXCLUDE (person_id), g.mean, CASE WHEN g.gaps > 1 THEN g.sd END AS sd, t.tenants, t.categories, t.top,
    v.* EXCLUDE (person_id), ntile(5) OVER (ORDER BY recency DESC) AS r, ntile(5) OVER (ORDER BY frequency) AS f,
    ntile(5) OVER (ORDER BY money) AS m
FROM p LEFT JOIN t USING (person_id) LEFT JOIN g USING (person_id) FULL JOIN v USING (person_id)
