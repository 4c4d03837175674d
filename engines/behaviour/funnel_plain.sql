-- How many people came how far, and how soon, in a funnel of up to six steps of different kinds that come in their order without
-- windows of their own (those not used have the kind ''), as of the instant $at; funnel.sql is the same for all others, and says what
-- holds for both. No event matches two steps here, so that the earliest of each step after the earliest of the one before is enough.
WITH first_event AS (
    SELECT
        s.identifier_id AS identifier_id, s.at + CASE WHEN s.minute < 0 THEN 82799999 ELSE 0 END AS at,
        CASE WHEN s.net_minor >= 0 THEN 'sale' ELSE 'return' END AS kind, '' AS zone, t.code AS tenant, c.code AS category,
        '' AS campaign, s.net_minor AS amount
    FROM sale AS s
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE s.identifier_id IS NOT NULL AND s.day BETWEEN $from_day AND $to_day AND $kind_1 IN ('sale', 'return')
    UNION ALL
    SELECT
        a.identifier_id, a.at + CASE WHEN a.minute < 0 THEN 82799999 ELSE 0 END, a.kind, a.zone_code, t.code, c.code, p.code,
        a.amount_minor
    FROM activity AS a
    LEFT JOIN tenant AS t ON t.id = a.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    LEFT JOIN campaign AS p ON p.id = a.campaign_id
    WHERE a.identifier_id IS NOT NULL AND a.day BETWEEN $from_day AND $to_day AND a.kind = $kind_1
),
entered AS (
    SELECT o.person_id AS person_id, min(e.at) AS entry_at
    FROM first_event AS e
    INNER JOIN identifier_owner AS o ON o.identifier_id = e.identifier_id
    WHERE e.at <= $at AND $kind_1 = e.kind
        AND ($zone_1 = '' OR e.zone = $zone_1) AND ($tenant_1 = '' OR e.tenant = $tenant_1)
        AND ($category_1 = '' OR e.category = $category_1) AND ($campaign_1 = '' OR e.campaign = $campaign_1)
        AND ($least_1 = 0 OR e.amount >= $least_1)
    GROUP BY o.person_id
),
began AS (
    SELECT o.identifier_id AS identifier_id, n.person_id AS person_id, n.entry_at AS entry_at
    FROM entered AS n
    INNER JOIN identifier_owner AS o ON o.person_id = n.person_id
    WHERE n.entry_at + $whole <= $at
),
event AS (
    SELECT
        s.identifier_id AS identifier_id, s.at + CASE WHEN s.minute < 0 THEN 82799999 ELSE 0 END AS at,
        CASE WHEN s.net_minor >= 0 THEN 'sale' ELSE 'return' END AS kind, '' AS zone, t.code AS tenant, c.code AS category,
        '' AS campaign, s.net_minor AS amount
    FROM sale AS s
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE s.identifier_id IS NOT NULL AND s.day >= $from_day AND s.at <= $until
        AND ('sale' IN ($kind_2, $kind_3, $kind_4, $kind_5, $kind_6) OR 'return' IN ($kind_2, $kind_3, $kind_4, $kind_5, $kind_6))
    UNION ALL
    SELECT
        a.identifier_id, a.at + CASE WHEN a.minute < 0 THEN 82799999 ELSE 0 END, a.kind, a.zone_code, t.code, c.code, p.code,
        a.amount_minor
    FROM activity AS a
    LEFT JOIN tenant AS t ON t.id = a.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    LEFT JOIN campaign AS p ON p.id = a.campaign_id
    WHERE a.identifier_id IS NOT NULL AND a.day >= $from_day AND a.at <= $until
        AND a.kind IN ($kind_2, $kind_3, $kind_4, $kind_5, $kind_6)
),
reached AS (
    SELECT
        b.person_id AS person_id, e.at - b.entry_at AS after,
        CASE
            WHEN $kind_2 = e.kind
                AND ($zone_2 = '' OR e.zone = $zone_2) AND ($tenant_2 = '' OR e.tenant = $tenant_2)
                AND ($category_2 = '' OR e.category = $category_2) AND ($campaign_2 = '' OR e.campaign = $campaign_2)
                AND ($least_2 = 0 OR e.amount >= $least_2) THEN 2
            WHEN $kind_3 = e.kind
                AND ($zone_3 = '' OR e.zone = $zone_3) AND ($tenant_3 = '' OR e.tenant = $tenant_3)
                AND ($category_3 = '' OR e.category = $category_3) AND ($campaign_3 = '' OR e.campaign = $campaign_3)
                AND ($least_3 = 0 OR e.amount >= $least_3) THEN 3
            WHEN $kind_4 = e.kind
                AND ($zone_4 = '' OR e.zone = $zone_4) AND ($tenant_4 = '' OR e.tenant = $tenant_4)
                AND ($category_4 = '' OR e.category = $category_4) AND ($campaign_4 = '' OR e.campaign = $campaign_4)
                AND ($least_4 = 0 OR e.amount >= $least_4) THEN 4
            WHEN $kind_5 = e.kind
                AND ($zone_5 = '' OR e.zone = $zone_5) AND ($tenant_5 = '' OR e.tenant = $tenant_5)
                AND ($category_5 = '' OR e.category = $category_5) AND ($campaign_5 = '' OR e.campaign = $campaign_5)
                AND ($least_5 = 0 OR e.amount >= $least_5) THEN 5
            WHEN $kind_6 = e.kind
                AND ($zone_6 = '' OR e.zone = $zone_6) AND ($tenant_6 = '' OR e.tenant = $tenant_6)
                AND ($category_6 = '' OR e.category = $category_6) AND ($campaign_6 = '' OR e.campaign = $campaign_6)
                AND ($least_6 = 0 OR e.amount >= $least_6) THEN 6
        END AS step
    FROM event AS e
    INNER JOIN began AS b ON b.identifier_id = e.identifier_id
    WHERE e.at >= b.entry_at AND e.at <= b.entry_at + $whole
),
step_2 AS (
    SELECT r.person_id AS person_id, min(r.after) AS after FROM reached AS r WHERE r.step = 2 GROUP BY r.person_id
),
step_3 AS (
    SELECT s.person_id AS person_id, min(r.after) AS after
    FROM step_2 AS s
    INNER JOIN reached AS r ON r.person_id = s.person_id AND r.after >= s.after
    WHERE r.step = 3
    GROUP BY s.person_id
),
step_4 AS (
    SELECT s.person_id AS person_id, min(r.after) AS after
    FROM step_3 AS s
    INNER JOIN reached AS r ON r.person_id = s.person_id AND r.after >= s.after
    WHERE r.step = 4
    GROUP BY s.person_id
),
step_5 AS (
    SELECT s.person_id AS person_id, min(r.after) AS after
    FROM step_4 AS s
    INNER JOIN reached AS r ON r.person_id = s.person_id AND r.after >= s.after
    WHERE r.step = 5
    GROUP BY s.person_id
),
step_6 AS (
    SELECT s.person_id AS person_id, min(r.after) AS after
    FROM step_5 AS s
    INNER JOIN reached AS r ON r.person_id = s.person_id AND r.after >= s.after
    WHERE r.step = 6
    GROUP BY s.person_id
)
SELECT
    f.step AS step, f.after AS after, CAST(count(*) AS BIGINT) AS people,
    CASE WHEN $listed = 1 THEN f.person_id END AS person_id, CASE WHEN $listed = 1 THEN f.entry_at END AS entry_at
FROM (
    SELECT CASE WHEN n.entry_at + $whole <= $at THEN 1 ELSE 0 END AS step, 0 AS after, n.person_id AS person_id, n.entry_at AS entry_at
    FROM entered AS n
    UNION ALL
    SELECT 2, s.after, s.person_id, NULL FROM step_2 AS s
    UNION ALL
    SELECT 3, s.after, s.person_id, NULL FROM step_3 AS s
    UNION ALL
    SELECT 4, s.after, s.person_id, NULL FROM step_4 AS s
    UNION ALL
    SELECT 5, s.after, s.person_id, NULL FROM step_5 AS s
    UNION ALL
    SELECT 6, s.after, s.person_id, NULL FROM step_6 AS s
) AS f
GROUP BY
    f.step, f.after, CASE WHEN $listed = 1 THEN f.person_id END, CASE WHEN $listed = 1 THEN f.entry_at END
ORDER BY step, after, person_id
