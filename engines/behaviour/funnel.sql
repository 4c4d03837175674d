-- How far each person came in a funnel of up to six steps (those not used have the kind ''), as of the instant $at. A person enters
-- with the first event of step 1 on the business days $from_day to $to_day, and has $whole milliseconds from there.
-- Events count in the order of their instants, those of one instant in the order of the steps they match (bits of `steps`, the first
-- step 1), those that match the same steps in any; one without a time of day
-- counts at the end of its day. With $any = 0 a step is reached when an event of it comes after one that reached the step before, at
-- most $within_k after it; every chain counts, not the earliest alone. With $any = 1 steps 2 and on may come in any order, each at
-- most $within_k after the entry. $until bounds what can matter.
WITH first_event AS (
    SELECT
        s.identifier_id AS identifier_id, s.at + CASE WHEN s.minute < 0 THEN 82799999 ELSE 0 END AS at,
        CASE WHEN s.net_minor >= 0 THEN 'sale' ELSE 'return' END AS kind, '' AS zone, t.code AS tenant, c.code AS category,
        '' AS campaign, s.net_minor AS amount
    FROM sale AS s
    LEFT JOIN tenant AS t ON t.id = s.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE s.identifier_id IS NOT NULL AND s.day BETWEEN $from_day AND $to_day AND $kind_1 IN ('*', 'sale', 'return')
    UNION ALL
    SELECT
        a.identifier_id, a.at + CASE WHEN a.minute < 0 THEN 82799999 ELSE 0 END, a.kind, a.zone_code, t.code, c.code, p.code,
        a.amount_minor
    FROM activity AS a
    LEFT JOIN tenant AS t ON t.id = a.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    LEFT JOIN campaign AS p ON p.id = a.campaign_id
    WHERE a.identifier_id IS NOT NULL AND a.day BETWEEN $from_day AND $to_day AND $kind_1 IN ('*', a.kind)
),
began AS (
    SELECT o.person_id AS person_id, min(e.at) AS entry_at
    FROM first_event AS e
    INNER JOIN identifier_owner AS o ON o.identifier_id = e.identifier_id
    WHERE e.at <= $at AND ($kind_1 = e.kind OR ($kind_1 = '*' AND e.kind <> 'campaign_holdout'))
        AND ($zone_1 = '' OR e.zone = $zone_1) AND ($tenant_1 = '' OR e.tenant = $tenant_1)
        AND ($category_1 = '' OR e.category = $category_1) AND ($campaign_1 = '' OR e.campaign = $campaign_1)
        AND ($least_1 = 0 OR e.amount >= $least_1)
    GROUP BY o.person_id
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
        AND ($kind_1 = '*' OR $kind_2 = '*' OR $kind_3 = '*' OR $kind_4 = '*' OR $kind_5 = '*' OR $kind_6 = '*' OR 'sale' IN ($kind_1, $kind_2, $kind_3, $kind_4, $kind_5, $kind_6) OR 'return' IN ($kind_1, $kind_2, $kind_3, $kind_4, $kind_5, $kind_6))
    UNION ALL
    SELECT
        a.identifier_id, a.at + CASE WHEN a.minute < 0 THEN 82799999 ELSE 0 END, a.kind, a.zone_code, t.code, c.code, p.code,
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
        b.person_id AS person_id, e.at AS at, b.entry_at AS entry_at,
        CASE WHEN ($kind_1 = e.kind OR ($kind_1 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_1 = '' OR e.zone = $zone_1) AND ($tenant_1 = '' OR e.tenant = $tenant_1)
            AND ($category_1 = '' OR e.category = $category_1) AND ($campaign_1 = '' OR e.campaign = $campaign_1)
            AND ($least_1 = 0 OR e.amount >= $least_1) THEN 1 ELSE 0 END
        + CASE WHEN ($kind_2 = e.kind OR ($kind_2 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_2 = '' OR e.zone = $zone_2) AND ($tenant_2 = '' OR e.tenant = $tenant_2)
            AND ($category_2 = '' OR e.category = $category_2) AND ($campaign_2 = '' OR e.campaign = $campaign_2)
            AND ($least_2 = 0 OR e.amount >= $least_2) THEN 2 ELSE 0 END
        + CASE WHEN ($kind_3 = e.kind OR ($kind_3 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_3 = '' OR e.zone = $zone_3) AND ($tenant_3 = '' OR e.tenant = $tenant_3)
            AND ($category_3 = '' OR e.category = $category_3) AND ($campaign_3 = '' OR e.campaign = $campaign_3)
            AND ($least_3 = 0 OR e.amount >= $least_3) THEN 4 ELSE 0 END
        + CASE WHEN ($kind_4 = e.kind OR ($kind_4 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_4 = '' OR e.zone = $zone_4) AND ($tenant_4 = '' OR e.tenant = $tenant_4)
            AND ($category_4 = '' OR e.category = $category_4) AND ($campaign_4 = '' OR e.campaign = $campaign_4)
            AND ($least_4 = 0 OR e.amount >= $least_4) THEN 8 ELSE 0 END
        + CASE WHEN ($kind_5 = e.kind OR ($kind_5 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_5 = '' OR e.zone = $zone_5) AND ($tenant_5 = '' OR e.tenant = $tenant_5)
            AND ($category_5 = '' OR e.category = $category_5) AND ($campaign_5 = '' OR e.campaign = $campaign_5)
            AND ($least_5 = 0 OR e.amount >= $least_5) THEN 16 ELSE 0 END
        + CASE WHEN ($kind_6 = e.kind OR ($kind_6 = '*' AND e.kind <> 'campaign_holdout'))
            AND ($zone_6 = '' OR e.zone = $zone_6) AND ($tenant_6 = '' OR e.tenant = $tenant_6)
            AND ($category_6 = '' OR e.category = $category_6) AND ($campaign_6 = '' OR e.campaign = $campaign_6)
            AND ($least_6 = 0 OR e.amount >= $least_6) THEN 32 ELSE 0 END AS steps
    FROM event AS e
    INNER JOIN identifier_owner AS o ON o.identifier_id = e.identifier_id
    INNER JOIN began AS b ON b.person_id = o.person_id
    WHERE e.at <= $at AND e.at >= b.entry_at AND e.at <= b.entry_at + $whole
),
placed AS (
    SELECT
        t.person_id AS person_id, t.at AS at, t.entry_at AS entry_at, t.steps AS steps,
        row_number() OVER (
            PARTITION BY t.person_id
            ORDER BY
                t.at * 4096 + t.steps + CASE
                    WHEN (t.steps & 1) > 0 THEN 0 WHEN (t.steps & 2) > 0 THEN 64 WHEN (t.steps & 4) > 0 THEN 128
                    WHEN (t.steps & 8) > 0 THEN 192 WHEN (t.steps & 16) > 0 THEN 256 ELSE 320
                END
        ) AS pos
    FROM tested AS t
    WHERE t.steps > 1 OR (t.steps = 1 AND t.at = t.entry_at)
),
free AS (
    SELECT
        p.person_id AS person_id,
        min(CASE WHEN (p.steps & 2) > 0 AND p.at - p.entry_at <= $within_2 THEN p.at END) AS t2,
        min(CASE WHEN (p.steps & 4) > 0 AND p.at - p.entry_at <= $within_3 THEN p.at END) AS t3,
        min(CASE WHEN (p.steps & 8) > 0 AND p.at - p.entry_at <= $within_4 THEN p.at END) AS t4,
        min(CASE WHEN (p.steps & 16) > 0 AND p.at - p.entry_at <= $within_5 THEN p.at END) AS t5,
        min(CASE WHEN (p.steps & 32) > 0 AND p.at - p.entry_at <= $within_6 THEN p.at END) AS t6
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1
    GROUP BY p.person_id
),
step_2 AS (
    SELECT
        p.person_id AS person_id, p.at AS at, p.steps AS steps, p.pos AS pos,
        CASE WHEN (p.steps & 2) > 0 AND p.at - p.entry_at <= $within_2 THEN p.at END AS t
    FROM placed AS p
    WHERE $any = 0 AND p.pos > 1
),
reached_2 AS (
    SELECT s.person_id AS person_id, min(s.t) AS t2 FROM step_2 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_3 AS (
    SELECT
        s.person_id AS person_id, s.at AS at, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
    FROM step_2 AS s
    INNER JOIN reached_2 AS r ON r.person_id = s.person_id
    WHERE s.at >= r.t2 AND (s.t IS NOT NULL OR s.steps >= 4)
),
step_3 AS (
    SELECT
        b.person_id AS person_id, b.at AS at, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 4) > 0 AND b.at - b.before_at <= $within_3 THEN b.at END AS t
    FROM before_3 AS b
),
reached_3 AS (
    SELECT s.person_id AS person_id, min(s.t) AS t3 FROM step_3 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_4 AS (
    SELECT
        s.person_id AS person_id, s.at AS at, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
    FROM step_3 AS s
    INNER JOIN reached_3 AS r ON r.person_id = s.person_id
    WHERE s.at >= r.t3 AND (s.t IS NOT NULL OR s.steps >= 8)
),
step_4 AS (
    SELECT
        b.person_id AS person_id, b.at AS at, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 8) > 0 AND b.at - b.before_at <= $within_4 THEN b.at END AS t
    FROM before_4 AS b
),
reached_4 AS (
    SELECT s.person_id AS person_id, min(s.t) AS t4 FROM step_4 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_5 AS (
    SELECT
        s.person_id AS person_id, s.at AS at, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
    FROM step_4 AS s
    INNER JOIN reached_4 AS r ON r.person_id = s.person_id
    WHERE s.at >= r.t4 AND (s.t IS NOT NULL OR s.steps >= 16)
),
step_5 AS (
    SELECT
        b.person_id AS person_id, b.at AS at, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 16) > 0 AND b.at - b.before_at <= $within_5 THEN b.at END AS t
    FROM before_5 AS b
),
reached_5 AS (
    SELECT s.person_id AS person_id, min(s.t) AS t5 FROM step_5 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_6 AS (
    SELECT
        s.person_id AS person_id, s.at AS at, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_at
    FROM step_5 AS s
    INNER JOIN reached_5 AS r ON r.person_id = s.person_id
    WHERE s.at >= r.t5 AND (s.t IS NOT NULL OR s.steps >= 32)
),
step_6 AS (
    SELECT
        b.person_id AS person_id, b.at AS at, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 32) > 0 AND b.at - b.before_at <= $within_6 THEN b.at END AS t
    FROM before_6 AS b
),
reached_6 AS (
    SELECT s.person_id AS person_id, min(s.t) AS t6 FROM step_6 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
)
SELECT
    b.person_id AS person_id, b.entry_at AS entry_at, CASE WHEN b.entry_at + $whole <= $at THEN 1 ELSE 0 END AS mature,
    coalesce(r2.t2, f.t2) - b.entry_at AS after_2,
    coalesce(r3.t3, f.t3) - b.entry_at AS after_3,
    coalesce(r4.t4, f.t4) - b.entry_at AS after_4,
    coalesce(r5.t5, f.t5) - b.entry_at AS after_5,
    coalesce(r6.t6, f.t6) - b.entry_at AS after_6
FROM began AS b
LEFT JOIN free AS f ON f.person_id = b.person_id
LEFT JOIN reached_2 AS r2 ON r2.person_id = b.person_id
LEFT JOIN reached_3 AS r3 ON r3.person_id = b.person_id
LEFT JOIN reached_4 AS r4 ON r4.person_id = b.person_id
LEFT JOIN reached_5 AS r5 ON r5.person_id = b.person_id
LEFT JOIN reached_6 AS r6 ON r6.person_id = b.person_id
ORDER BY b.person_id
