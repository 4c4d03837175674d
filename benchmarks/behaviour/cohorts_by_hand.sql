WITH fact AS (
    SELECT o.person_id AS p, s.day::DATE AS d, s.net_minor >= 0 AS bought, s.net_minor AS net
    FROM sale s JOIN identifier_owner o USING (identifier_id)
    UNION ALL
    SELECT o.person_id, a.day::DATE, false, 0
    FROM activity a JOIN identifier_owner o USING (identifier_id)
    WHERE a.kind NOT IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout')
),
start AS (
    SELECT 'first_purchase' AS kind, p, min(d) AS d0 FROM fact WHERE bought GROUP BY p
    UNION ALL
    SELECT 'join', person_id, min(joined_day)::DATE FROM member GROUP BY person_id
),
per AS (
    SELECT kind, date_trunc('month', d0) AS c, s.p, date_diff('month', date_trunc('month', d0), date_trunc('month', d)) AS age,
        bool_or(bought) AS b, sum(net) AS net
    FROM start s JOIN fact f ON f.p = s.p AND f.d >= s.d0
    GROUP BY ALL
),
cell AS (SELECT kind, c, age, count(*) FILTER (b) AS returned, count(*) AS engaged, sum(net) AS net FROM per GROUP BY ALL),
size AS (SELECT kind, date_trunc('month', d0) AS c, count(*) AS n FROM start GROUP BY ALL),
grid AS (
    SELECT kind, c, n, unnest(range(date_diff('month', c, DATE '2026-11-19') + 1)) AS age FROM size
)
SELECT g.kind, strftime(g.c, '%Y-%m'), g.age, g.n, coalesce(returned, 0), coalesce(engaged, 0), coalesce(net, 0)::BIGINT
FROM grid g LEFT JOIN cell USING (kind, c, age)
ORDER BY g.kind, g.c, g.age
