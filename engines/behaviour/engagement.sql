-- What engagement rests on, up to the instant $at on the business day $day: days since a person's last own act, and over the last 90
-- days the days with an act, the tenants bought from and the kinds of contact.
WITH act AS (
    SELECT
        o.person_id AS person_id, s.day AS day, s.tenant_id AS tenant_id, 'purchase' AS channel
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
    UNION ALL
    SELECT
        o.person_id, a.day, NULL,
        CASE WHEN a.kind LIKE 'campaign%' THEN 'message' WHEN a.kind IN ('nps', 'csat', 'ces') THEN 'answer' ELSE a.kind END
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind NOT IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout')
        AND (a.day < $day OR (a.day = $day AND a.at <= $at))
),
aged AS (
    SELECT a.*, date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) AS age FROM act AS a
)
SELECT
    g.person_id AS person_id, CAST(min(g.age) AS BIGINT) AS days_since,
    count(DISTINCT CASE WHEN g.age < 90 THEN g.day END) AS active_days,
    count(DISTINCT CASE WHEN g.age < 90 THEN g.tenant_id END) AS tenants,
    count(DISTINCT CASE WHEN g.age < 90 THEN g.channel END) AS channels
FROM aged AS g
GROUP BY g.person_id
ORDER BY g.person_id
