-- How far each person came in a funnel of up to six steps (those not used have the kind ''), as of the instant $at. A person enters
-- with the first event of step 1 on the business days $from_day to $to_day, and has $whole milliseconds from there.
-- Events count in the order of their instants, those of one instant in the order of the steps they match; one without a time of day
-- counts at the end of its day. With $any = 0 a step is reached when an event of it comes after one that reached the step before, at
-- most $within_k after it; every chain counts, not the earliest alone. With $any = 1 steps 2 and on may come in any order, each at
-- most $within_k after the entry. $until bounds what can matter.
WITH event AS (
    SELECT
        s.identifier_id AS identifier_id, s.id AS id, s.day AS day, s.at + CASE WHEN s.minute < 0 THEN 82799999 ELSE 0 END AS at,
        CASE WHEN s.net_minor >= 0 THEN 'sale' ELSE 'return' END AS kind, '' AS zone, t.code AS tenant, c.code AS category,
        '' AS campaign, s.net_minor AS amount
    FROM sale AS s
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE s.identifier_id IS NOT NULL AND s.day >= $from_day AND s.at <= $until
        AND ($kind_1 = '*' OR $kind_2 = '*' OR $kind_3 = '*' OR $kind_4 = '*' OR $kind_5 = '*' OR $kind_6 = '*' OR 'sale' IN ($kind_1, $kind_2, $kind_3, $kind_4, $kind_5, $kind_6) OR 'return' IN ($kind_1, $kind_2, $kind_3, $kind_4, $kind_5, $kind_6))
    UNION ALL
    SELECT
        a.identifier_id, a.id, a.day, a.at + CASE WHEN a.minute < 0 THEN 82799999 ELSE 0 END, a.kind, a.zone_code, t.code, c.code, p.code,
        a.amount_minor
    FROM activity AS a
    LEFT JOIN tenant AS t ON t.id = a.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    LEFT JOIN campaign AS p ON p.id = a.campaign_id
    WHERE a.identifier_id IS NOT NULL AND a.day >= $from_day AND a.at <= $until
        AND ($kind_1 = '*' OR $kind_2 = '*' OR $kind_3 = '*' OR $kind_4 = '*' OR $kind_5 = '*' OR $kind_6 = '*' OR a.kind IN ($kind_1, $kind_2, $kind_3, $kind_4, $kind_5, $kind_6))
),
tested AS (
    SELECT
        o.person_id AS person_id, e.id AS id, e.day AS day, e.at AS at,
        CASE
            WHEN ($kind_1 = e.kind OR ($kind_1 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_1 = '' OR e.zone = $zone_1) AND ($tenant_1 = '' OR e.tenant = $tenant_1)
                AND ($category_1 = '' OR e.category = $category_1) AND ($campaign_1 = '' OR e.campaign = $campaign_1)
                AND ($least_1 = 0 OR e.amount >= $least_1) THEN 1 ELSE 0
        END AS m1,
        CASE
            WHEN ($kind_2 = e.kind OR ($kind_2 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_2 = '' OR e.zone = $zone_2) AND ($tenant_2 = '' OR e.tenant = $tenant_2)
                AND ($category_2 = '' OR e.category = $category_2) AND ($campaign_2 = '' OR e.campaign = $campaign_2)
                AND ($least_2 = 0 OR e.amount >= $least_2) THEN 1 ELSE 0
        END AS m2,
        CASE
            WHEN ($kind_3 = e.kind OR ($kind_3 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_3 = '' OR e.zone = $zone_3) AND ($tenant_3 = '' OR e.tenant = $tenant_3)
                AND ($category_3 = '' OR e.category = $category_3) AND ($campaign_3 = '' OR e.campaign = $campaign_3)
                AND ($least_3 = 0 OR e.amount >= $least_3) THEN 1 ELSE 0
        END AS m3,
        CASE
            WHEN ($kind_4 = e.kind OR ($kind_4 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_4 = '' OR e.zone = $zone_4) AND ($tenant_4 = '' OR e.tenant = $tenant_4)
                AND ($category_4 = '' OR e.category = $category_4) AND ($campaign_4 = '' OR e.campaign = $campaign_4)
                AND ($least_4 = 0 OR e.amount >= $least_4) THEN 1 ELSE 0
        END AS m4,
        CASE
            WHEN ($kind_5 = e.kind OR ($kind_5 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_5 = '' OR e.zone = $zone_5) AND ($tenant_5 = '' OR e.tenant = $tenant_5)
                AND ($category_5 = '' OR e.category = $category_5) AND ($campaign_5 = '' OR e.campaign = $campaign_5)
                AND ($least_5 = 0 OR e.amount >= $least_5) THEN 1 ELSE 0
        END AS m5,
        CASE
            WHEN ($kind_6 = e.kind OR ($kind_6 = '*' AND e.kind <> 'campaign_holdout'))
                AND ($zone_6 = '' OR e.zone = $zone_6) AND ($tenant_6 = '' OR e.tenant = $tenant_6)
                AND ($category_6 = '' OR e.category = $category_6) AND ($campaign_6 = '' OR e.campaign = $campaign_6)
                AND ($least_6 = 0 OR e.amount >= $least_6) THEN 1 ELSE 0
        END AS m6
    FROM event AS e
    INNER JOIN identifier_owner AS o ON o.identifier_id = e.identifier_id
    WHERE e.at <= $at
),
numbered AS (
    SELECT
        t.*,
        CASE
            WHEN t.m1 = 1 THEN 1 WHEN t.m2 = 1 THEN 2 WHEN t.m3 = 1 THEN 3 WHEN t.m4 = 1 THEN 4 WHEN t.m5 = 1 THEN 5
            WHEN t.m6 = 1 THEN 6 ELSE 7
        END AS step
    FROM tested AS t
),
began AS (
    SELECT n.person_id AS person_id, min(n.at) AS entry_at
    FROM numbered AS n
    WHERE n.m1 = 1 AND n.day BETWEEN $from_day AND $to_day
    GROUP BY n.person_id
),
near AS (
    SELECT n.*, b.entry_at AS entry_at
    FROM numbered AS n
    INNER JOIN began AS b ON b.person_id = n.person_id
    WHERE n.step < 7 AND n.at >= b.entry_at AND n.at <= b.entry_at + $whole
),
placed AS (
    SELECT n.*, row_number() OVER (PARTITION BY n.person_id ORDER BY n.at, n.step, n.id) AS pos FROM near AS n
),
step_2 AS (
    SELECT p.*, CASE WHEN p.m2 = 1 AND p.pos > 1 AND p.at - p.entry_at <= $within_2 THEN p.at END AS t2 FROM placed AS p
),
before_3 AS (
    SELECT
        s.*,
        CASE
            WHEN $any = 1 THEN s.entry_at
            ELSE max(s.t2) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        END AS l3
    FROM step_2 AS s
),
step_3 AS (
    SELECT b.*, CASE WHEN b.m3 = 1 AND b.pos > 1 AND b.at - b.l3 <= $within_3 THEN b.at END AS t3 FROM before_3 AS b
),
before_4 AS (
    SELECT
        s.*,
        CASE
            WHEN $any = 1 THEN s.entry_at
            ELSE max(s.t3) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        END AS l4
    FROM step_3 AS s
),
step_4 AS (
    SELECT b.*, CASE WHEN b.m4 = 1 AND b.pos > 1 AND b.at - b.l4 <= $within_4 THEN b.at END AS t4 FROM before_4 AS b
),
before_5 AS (
    SELECT
        s.*,
        CASE
            WHEN $any = 1 THEN s.entry_at
            ELSE max(s.t4) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        END AS l5
    FROM step_4 AS s
),
step_5 AS (
    SELECT b.*, CASE WHEN b.m5 = 1 AND b.pos > 1 AND b.at - b.l5 <= $within_5 THEN b.at END AS t5 FROM before_5 AS b
),
before_6 AS (
    SELECT
        s.*,
        CASE
            WHEN $any = 1 THEN s.entry_at
            ELSE max(s.t5) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        END AS l6
    FROM step_5 AS s
),
step_6 AS (
    SELECT b.*, CASE WHEN b.m6 = 1 AND b.pos > 1 AND b.at - b.l6 <= $within_6 THEN b.at END AS t6 FROM before_6 AS b
)
SELECT
    s.person_id AS person_id, min(s.entry_at) AS entry_at,
    CASE WHEN min(s.entry_at) + $whole <= $at THEN 1 ELSE 0 END AS mature,
    min(s.t2) - min(s.entry_at) AS after_2, min(s.t3) - min(s.entry_at) AS after_3, min(s.t4) - min(s.entry_at) AS after_4,
    min(s.t5) - min(s.entry_at) AS after_5, min(s.t6) - min(s.entry_at) AS after_6
FROM step_6 AS s
GROUP BY s.person_id
ORDER BY s.person_id
