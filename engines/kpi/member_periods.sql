-- Members counted once a period (day, ISO week, month, year) before $day: those with a purchase or an activity
-- of their own, those with a receipt, and those with two or more.
WITH enrolled AS (
    SELECT person_id, min(joined_day) AS joined_day
    FROM member
    WHERE state = 'active'
    GROUP BY person_id
),
acts AS (
    SELECT e.person_id AS person_id, s.day AS day, 1 AS receipts
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    INNER JOIN enrolled AS e ON e.person_id = o.person_id
    WHERE s.net_minor >= 0 AND s.day >= e.joined_day AND s.day < $day
    UNION ALL
    SELECT e.person_id, a.day, 0
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN enrolled AS e ON e.person_id = o.person_id
    WHERE substr(a.kind, 1, 9) <> 'campaign_' AND a.kind <> 'join' AND a.day >= e.joined_day AND a.day < $day
),
by_day AS (
    SELECT person_id, day, sum(receipts) AS receipts FROM acts GROUP BY person_id, day
),
periods AS (
    SELECT 'day' AS grain, day AS period, person_id, receipts FROM by_day
    UNION ALL
    SELECT 'week', CAST(CAST(date_trunc('week', CAST(day AS DATE)) AS DATE) AS VARCHAR), person_id, receipts FROM by_day
    UNION ALL
    SELECT 'month', substr(day, 1, 7) || '-01', person_id, receipts FROM by_day
    UNION ALL
    SELECT 'year', substr(day, 1, 4) || '-01-01', person_id, receipts FROM by_day
),
people AS (
    SELECT grain, period, person_id, sum(receipts) AS receipts FROM periods GROUP BY grain, period, person_id
)
SELECT
    grain, period, count(*) AS active, CAST(sum(CASE WHEN receipts >= 1 THEN 1 ELSE 0 END) AS BIGINT) AS buyers,
    CAST(sum(CASE WHEN receipts >= 2 THEN 1 ELSE 0 END) AS BIGINT) AS repeat_buyers
FROM people
GROUP BY grain, period
ORDER BY grain, period
