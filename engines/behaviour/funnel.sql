-- How many people came how far, and how soon, in a funnel of up to six steps (those not used have the kind ''), as of the instant
-- $at. A person enters with the first event of step 1 on the business days $from_day to $to_day, and has $whole milliseconds from there.
-- Step 1 counts those whose time is over, step 0 those who still have some and are not looked at further; `after` is the
-- milliseconds from entry to the step. With $listed = 1 there is a row for each person, and steps 0 and 1 tell the entry.
-- Events count in the order of their instants, those of one instant in the order of the steps they match (bits of `steps`, the first
-- step 1), those that match the same steps in any; one without a time of day
-- counts at the end of its day. With $any = 0 a step is reached when an event of it comes after one that reached the step before, at
-- most $within_k after it; every chain counts, not the earliest alone. With $any = 1 steps 2 and on may come in any order, each at
-- most $within_k after the entry, and step k tells when the person had done k of them. $until bounds what can matter.
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
entered AS (
    SELECT o.person_id AS person_id, min(e.at) AS entry_at
    FROM first_event AS e
    INNER JOIN identifier_owner AS o ON o.identifier_id = e.identifier_id
    WHERE e.at <= $at AND ($kind_1 = e.kind OR ($kind_1 = '*' AND e.kind <> 'campaign_holdout'))
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
        b.person_id AS person_id, e.at - b.entry_at AS after,
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
    INNER JOIN began AS b ON b.identifier_id = e.identifier_id
    WHERE e.at >= b.entry_at AND e.at <= b.entry_at + $whole
),
placed AS (
    SELECT
        t.person_id AS person_id, t.after AS after, t.steps AS steps,
        row_number() OVER (
            PARTITION BY t.person_id
            ORDER BY
                t.after * 4096 + t.steps + CASE
                    WHEN (t.steps & 1) > 0 THEN 0 WHEN (t.steps & 2) > 0 THEN 64 WHEN (t.steps & 4) > 0 THEN 128
                    WHEN (t.steps & 8) > 0 THEN 192 WHEN (t.steps & 16) > 0 THEN 256 ELSE 320
                END
        ) AS pos
    FROM tested AS t
    WHERE t.steps > 1 OR (t.steps = 1 AND t.after = 0)
),
free AS (
    SELECT p.person_id AS person_id, min(p.after) AS after
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1 AND (p.steps & 2) > 0 AND p.after <= $within_2
    GROUP BY p.person_id
    UNION ALL
    SELECT p.person_id, min(p.after)
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1 AND (p.steps & 4) > 0 AND p.after <= $within_3
    GROUP BY p.person_id
    UNION ALL
    SELECT p.person_id, min(p.after)
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1 AND (p.steps & 8) > 0 AND p.after <= $within_4
    GROUP BY p.person_id
    UNION ALL
    SELECT p.person_id, min(p.after)
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1 AND (p.steps & 16) > 0 AND p.after <= $within_5
    GROUP BY p.person_id
    UNION ALL
    SELECT p.person_id, min(p.after)
    FROM placed AS p
    WHERE $any = 1 AND p.pos > 1 AND (p.steps & 32) > 0 AND p.after <= $within_6
    GROUP BY p.person_id
),
counted AS (
    SELECT
        1 + row_number() OVER (PARTITION BY f.person_id ORDER BY f.after) AS step, f.after AS after, f.person_id AS person_id
    FROM free AS f
),
step_2 AS (
    SELECT
        p.person_id AS person_id, p.after AS after, p.steps AS steps, p.pos AS pos,
        CASE WHEN (p.steps & 2) > 0 AND p.after <= $within_2 THEN p.after END AS t
    FROM placed AS p
    WHERE $any = 0 AND p.pos > 1
),
reached_2 AS (
    SELECT s.person_id AS person_id, min(s.t) AS after FROM step_2 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_3 AS (
    SELECT
        s.person_id AS person_id, s.after AS after, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM step_2 AS s
    INNER JOIN reached_2 AS r ON r.person_id = s.person_id
    WHERE s.after >= r.after AND (s.t IS NOT NULL OR s.steps >= 4)
),
step_3 AS (
    SELECT
        b.person_id AS person_id, b.after AS after, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 4) > 0 AND b.after - b.before <= $within_3 THEN b.after END AS t
    FROM before_3 AS b
),
reached_3 AS (
    SELECT s.person_id AS person_id, min(s.t) AS after FROM step_3 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_4 AS (
    SELECT
        s.person_id AS person_id, s.after AS after, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM step_3 AS s
    INNER JOIN reached_3 AS r ON r.person_id = s.person_id
    WHERE s.after >= r.after AND (s.t IS NOT NULL OR s.steps >= 8)
),
step_4 AS (
    SELECT
        b.person_id AS person_id, b.after AS after, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 8) > 0 AND b.after - b.before <= $within_4 THEN b.after END AS t
    FROM before_4 AS b
),
reached_4 AS (
    SELECT s.person_id AS person_id, min(s.t) AS after FROM step_4 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_5 AS (
    SELECT
        s.person_id AS person_id, s.after AS after, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM step_4 AS s
    INNER JOIN reached_4 AS r ON r.person_id = s.person_id
    WHERE s.after >= r.after AND (s.t IS NOT NULL OR s.steps >= 16)
),
step_5 AS (
    SELECT
        b.person_id AS person_id, b.after AS after, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 16) > 0 AND b.after - b.before <= $within_5 THEN b.after END AS t
    FROM before_5 AS b
),
reached_5 AS (
    SELECT s.person_id AS person_id, min(s.t) AS after FROM step_5 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
),
before_6 AS (
    SELECT
        s.person_id AS person_id, s.after AS after, s.steps AS steps, s.pos AS pos,
        max(s.t) OVER (PARTITION BY s.person_id ORDER BY s.pos ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM step_5 AS s
    INNER JOIN reached_5 AS r ON r.person_id = s.person_id
    WHERE s.after >= r.after AND (s.t IS NOT NULL OR s.steps >= 32)
),
step_6 AS (
    SELECT
        b.person_id AS person_id, b.after AS after, b.steps AS steps, b.pos AS pos,
        CASE WHEN (b.steps & 32) > 0 AND b.after - b.before <= $within_6 THEN b.after END AS t
    FROM before_6 AS b
),
reached_6 AS (
    SELECT s.person_id AS person_id, min(s.t) AS after FROM step_6 AS s WHERE s.t IS NOT NULL GROUP BY s.person_id
)
SELECT
    f.step AS step, f.after AS after, CAST(count(*) AS BIGINT) AS people,
    CASE WHEN $listed = 1 THEN f.person_id END AS person_id, CASE WHEN $listed = 1 THEN f.entry_at END AS entry_at
FROM (
    SELECT CASE WHEN n.entry_at + $whole <= $at THEN 1 ELSE 0 END AS step, 0 AS after, n.person_id AS person_id, n.entry_at AS entry_at
    FROM entered AS n
    UNION ALL
    SELECT c.step, c.after, c.person_id, NULL FROM counted AS c
    UNION ALL
    SELECT 2, r.after, r.person_id, NULL FROM reached_2 AS r
    UNION ALL
    SELECT 3, r.after, r.person_id, NULL FROM reached_3 AS r
    UNION ALL
    SELECT 4, r.after, r.person_id, NULL FROM reached_4 AS r
    UNION ALL
    SELECT 5, r.after, r.person_id, NULL FROM reached_5 AS r
    UNION ALL
    SELECT 6, r.after, r.person_id, NULL FROM reached_6 AS r
) AS f
GROUP BY
    f.step, f.after, CASE WHEN $listed = 1 THEN f.person_id END, CASE WHEN $listed = 1 THEN f.entry_at END
ORDER BY step, after, person_id
