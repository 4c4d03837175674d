-- Of those who joined or first bought in a month, how many bought on a later day within 1 to 90 days of the start, among those whose
-- days have all passed before $day. `size` is the whole cohort, `people` those whose time is over.
WITH bought AS (
    SELECT o.person_id AS person_id, s.day AS day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY o.person_id, s.day
),
started AS (
    SELECT 'join' AS kind, m.person_id AS person_id, min(m.joined_day) AS day
    FROM member AS m
    WHERE m.joined_day <= $day
    GROUP BY m.person_id
    UNION ALL
    SELECT 'first_purchase', b.person_id, min(b.day) FROM bought AS b GROUP BY b.person_id
),
later AS (
    SELECT s.kind AS kind, s.person_id AS person_id, s.day AS day, min(b.day) AS back_day
    FROM started AS s
    LEFT JOIN bought AS b ON b.person_id = s.person_id AND b.day > s.day
    GROUP BY s.kind, s.person_id, s.day
),
aged AS (
    SELECT
        l.kind AS kind, CAST(substr(l.day, 1, 4) AS BIGINT) * 12 + CAST(substr(l.day, 6, 2) AS BIGINT) AS cohort,
        date_diff('day', CAST(l.day AS DATE), CAST($day AS DATE)) AS known,
        date_diff('day', CAST(l.day AS DATE), CAST(l.back_day AS DATE)) AS gap
    FROM later AS l
),
span AS (
    SELECT 1 AS age UNION ALL SELECT 3 UNION ALL SELECT 7 UNION ALL SELECT 14 UNION ALL SELECT 30 UNION ALL SELECT 60
    UNION ALL SELECT 90
)
SELECT
    a.kind AS kind, a.cohort AS cohort, CAST(n.age AS BIGINT) AS age, count(*) AS size,
    CAST(sum(CASE WHEN a.known > n.age THEN 1 ELSE 0 END) AS BIGINT) AS people,
    CAST(sum(CASE WHEN a.known > n.age AND a.gap <= n.age THEN 1 ELSE 0 END) AS BIGINT) AS returned
FROM aged AS a
CROSS JOIN span AS n
GROUP BY a.kind, a.cohort, n.age
ORDER BY a.kind, a.cohort, n.age
