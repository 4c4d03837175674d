-- Cohorts by the month in which people joined or first bought, and what they did in each later month, up to the instant $at on the
-- business day $day. Months are numbered year x 12 + month; age -1 holds the size of the cohort. Nothing before the start counts.
-- Each event is looked at once for both kinds of start; people go by number, which sorts and groups faster than ids.
WITH fact AS (
    SELECT s.identifier_id AS identifier_id, s.day AS day, CASE WHEN s.net_minor >= 0 THEN 1 ELSE 0 END AS bought, s.net_minor AS net_minor
    FROM sale AS s
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
    UNION ALL
    SELECT a.identifier_id, a.day, 0, 0
    FROM activity AS a
    WHERE a.kind NOT IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout')
        AND (a.day < $day OR (a.day = $day AND a.at <= $at))
),
owner AS (
    SELECT identifier_id, CAST(dense_rank() OVER (ORDER BY person_id) AS BIGINT) AS person, person_id FROM identifier_owner
),
joined AS (
    SELECT o.person AS person, min(m.joined_day) AS day
    FROM member AS m
    INNER JOIN (SELECT DISTINCT person, person_id FROM owner) AS o ON o.person_id = m.person_id
    WHERE m.joined_day <= $day
    GROUP BY o.person
),
opened AS (
    SELECT o.person AS person, min(s.day) AS day
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY o.person
),
known AS (
    SELECT o.identifier_id AS identifier_id, o.person AS person, j.day AS joined, f.day AS opened
    FROM owner AS o
    LEFT JOIN joined AS j ON j.person = o.person
    LEFT JOIN opened AS f ON f.person = o.person
    WHERE j.day IS NOT NULL OR f.day IS NOT NULL
),
monthly AS (
    SELECT
        k.person AS person, k.joined AS joined, k.opened AS opened, substr(f.day, 1, 7) AS month,
        max(CASE WHEN f.day >= k.joined THEN f.bought END) AS bought_1, sum(CASE WHEN f.day >= k.joined THEN f.net_minor END) AS net_1,
        max(CASE WHEN f.day >= k.opened THEN f.bought END) AS bought_2, sum(CASE WHEN f.day >= k.opened THEN f.net_minor END) AS net_2
    FROM fact AS f
    INNER JOIN known AS k ON k.identifier_id = f.identifier_id
    GROUP BY k.person, k.joined, k.opened, substr(f.day, 1, 7)
),
cell AS (
    SELECT
        'join' AS kind, substr(joined, 1, 7) AS cohort, month, sum(bought_1) AS returned, count(bought_1) AS engaged, sum(net_1) AS net_minor
    FROM monthly
    WHERE bought_1 IS NOT NULL
    GROUP BY substr(joined, 1, 7), month
    UNION ALL
    SELECT 'first_purchase', substr(opened, 1, 7), month, sum(bought_2), count(bought_2), sum(net_2)
    FROM monthly
    WHERE bought_2 IS NOT NULL
    GROUP BY substr(opened, 1, 7), month
),
size AS (
    SELECT 'join' AS kind, substr(m.day, 1, 7) AS cohort, count(*) AS people
    FROM (SELECT person_id, min(joined_day) AS day FROM member WHERE joined_day <= $day GROUP BY person_id) AS m
    GROUP BY substr(m.day, 1, 7)
    UNION ALL
    SELECT 'first_purchase', substr(day, 1, 7), count(*) FROM opened GROUP BY substr(day, 1, 7)
)
SELECT
    kind, CAST(substr(cohort, 1, 4) AS BIGINT) * 12 + CAST(substr(cohort, 6, 2) AS BIGINT) AS cohort,
    (CAST(substr(month, 1, 4) AS BIGINT) - CAST(substr(cohort, 1, 4) AS BIGINT)) * 12
    + CAST(substr(month, 6, 2) AS BIGINT) - CAST(substr(cohort, 6, 2) AS BIGINT) AS age,
    CAST(returned AS BIGINT) AS returned, CAST(engaged AS BIGINT) AS engaged, CAST(net_minor AS BIGINT) AS revenue_minor
FROM cell
UNION ALL
SELECT kind, CAST(substr(cohort, 1, 4) AS BIGINT) * 12 + CAST(substr(cohort, 6, 2) AS BIGINT), -1, people, 0, 0 FROM size
ORDER BY kind, cohort, age
