-- Cohorts by the month in which people joined or first bought, and what they did in each later month, up to the instant $at on the
-- business day $day. Months are numbered year x 12 + month; age -1 holds the size of the cohort. Nothing before the start counts.
WITH fact AS (
    SELECT o.person_id AS person_id, s.day AS day, CASE WHEN s.net_minor >= 0 THEN 1 ELSE 0 END AS bought, 1 AS own, s.net_minor AS net_minor
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
    UNION ALL
    SELECT o.person_id, a.day, 0, 1, 0
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind NOT IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout')
        AND (a.day < $day OR (a.day = $day AND a.at <= $at))
),
daily AS (
    SELECT f.person_id AS person_id, f.day AS day, max(f.bought) AS bought, max(f.own) AS own, sum(f.net_minor) AS net_minor
    FROM fact AS f
    GROUP BY f.person_id, f.day
),
started AS (
    SELECT 'join' AS kind, m.person_id AS person_id, min(m.joined_day) AS day
    FROM member AS m
    WHERE m.joined_day <= $day
    GROUP BY m.person_id
    UNION ALL
    SELECT 'first_purchase', d.person_id, min(d.day) FROM daily AS d WHERE d.bought = 1 GROUP BY d.person_id
),
member_of AS (
    SELECT
        s.kind AS kind, s.person_id AS person_id, s.day AS day,
        CAST(substr(s.day, 1, 4) AS BIGINT) * 12 + CAST(substr(s.day, 6, 2) AS BIGINT) AS cohort
    FROM started AS s
),
monthly AS (
    SELECT
        m.kind AS kind, m.cohort AS cohort, m.person_id AS person_id,
        CAST(substr(d.day, 1, 4) AS BIGINT) * 12 + CAST(substr(d.day, 6, 2) AS BIGINT) - m.cohort AS age,
        max(d.bought) AS bought, max(d.own) AS own, sum(d.net_minor) AS net_minor
    FROM member_of AS m
    INNER JOIN daily AS d ON d.person_id = m.person_id AND d.day >= m.day
    GROUP BY m.kind, m.cohort, m.person_id,
        CAST(substr(d.day, 1, 4) AS BIGINT) * 12 + CAST(substr(d.day, 6, 2) AS BIGINT) - m.cohort
)
SELECT
    c.kind AS kind, c.cohort AS cohort, CAST(c.age AS BIGINT) AS age, CAST(sum(c.bought) AS BIGINT) AS returned,
    CAST(sum(c.own) AS BIGINT) AS engaged, CAST(sum(c.net_minor) AS BIGINT) AS revenue_minor
FROM monthly AS c
GROUP BY c.kind, c.cohort, c.age
UNION ALL
SELECT m.kind, m.cohort, -1, count(*), 0, 0 FROM member_of AS m GROUP BY m.kind, m.cohort
ORDER BY kind, cohort, age
