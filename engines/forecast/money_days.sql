-- Net sales by business day before $day, in minor units, for the mall and for its parts.
-- category: by the tenant's category ('' where it has none). segment: by the recency-frequency segment that the buyer held when
-- the month of the purchase began (nobody's later habits are used), 'first' before any purchase, 'no_card' without a known buyer; it
-- begins 91 days after the first sale, since before that everyone seems new. campaign: what the people bought whom a
-- campaign was sent to, before and after it; the same people may be in several.
WITH sold AS (
    SELECT s.day AS day, substr(s.day, 1, 7) AS month, s.tenant_id AS tenant_id, o.person_id AS person_id, s.net_minor AS net_minor
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day
),
begins AS (
    SELECT min(day) AS day FROM sold
),
person_month AS (
    SELECT person_id, month, count(DISTINCT day) AS days, max(day) AS last_day
    FROM sold
    WHERE person_id IS NOT NULL AND net_minor >= 0
    GROUP BY person_id, month
),
months AS (
    SELECT DISTINCT month FROM person_month
),
held AS (
    SELECT m.month AS month, p.person_id AS person_id, sum(p.days) AS days, max(p.last_day) AS last_day
    FROM months AS m
    INNER JOIN person_month AS p ON p.month < m.month
    GROUP BY m.month, p.person_id
),
ranked AS (
    SELECT
        month, person_id,
        5 - CAST(floor(5.0 * (rank() OVER (PARTITION BY month ORDER BY last_day DESC) - 1)
            / count(*) OVER (PARTITION BY month)) AS BIGINT) AS r,
        1 + CAST(floor(5.0 * (rank() OVER (PARTITION BY month ORDER BY days) - 1)
            / count(*) OVER (PARTITION BY month)) AS BIGINT) AS f
    FROM held
),
segments AS (
    SELECT
        month, person_id,
        CASE
            WHEN r = 1 AND f = 1 THEN 'lost'
            WHEN r = 1 AND f = 2 THEN 'hibernating'
            WHEN r <= 2 AND f = 5 THEN 'cannot_lose'
            WHEN r <= 2 AND f >= 3 THEN 'at_risk'
            WHEN r = 2 THEN 'hibernating'
            WHEN r = 3 AND f <= 2 THEN 'about_to_sleep'
            WHEN r = 3 AND f = 3 THEN 'need_attention'
            WHEN r = 5 AND f >= 4 THEN 'champions'
            WHEN f >= 4 THEN 'loyal'
            WHEN f >= 2 THEN 'potential_loyal'
            WHEN r = 4 THEN 'promising'
            ELSE 'new'
        END AS segment
    FROM ranked
),
reached AS (
    SELECT DISTINCT c.code AS code, o.person_id AS person_id
    FROM activity AS a
    INNER JOIN campaign AS c ON c.id = a.campaign_id
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'campaign_sent' AND a.day < $day
),
parts AS (
    SELECT 'mall' AS dimension, '' AS code, day, sum(net_minor) AS net_minor
    FROM sold
    GROUP BY day
    UNION ALL
    SELECT 'category' AS dimension, coalesce(c.code, '') AS code, s.day AS day, sum(s.net_minor) AS net_minor
    FROM sold AS s
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    GROUP BY coalesce(c.code, ''), s.day
    UNION ALL
    SELECT
        'segment' AS dimension,
        CASE WHEN s.person_id IS NULL THEN 'no_card' ELSE coalesce(g.segment, 'first') END AS code,
        s.day AS day, sum(s.net_minor) AS net_minor
    FROM sold AS s
    INNER JOIN begins AS b ON date_diff('day', CAST(b.day AS DATE), CAST(s.day AS DATE)) >= 91
    LEFT JOIN segments AS g ON g.month = s.month AND g.person_id = s.person_id
    GROUP BY CASE WHEN s.person_id IS NULL THEN 'no_card' ELSE coalesce(g.segment, 'first') END, s.day
    UNION ALL
    SELECT 'campaign' AS dimension, r.code AS code, s.day AS day, sum(s.net_minor) AS net_minor
    FROM sold AS s
    INNER JOIN reached AS r ON r.person_id = s.person_id
    GROUP BY r.code, s.day
)
SELECT dimension, code, day, CAST(net_minor AS BIGINT) AS net_minor
FROM parts
ORDER BY dimension, code, day
