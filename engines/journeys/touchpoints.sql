-- How often each person and the mall met by channel, up to the instant $at on the business day $day; n_90 counts the last 90 days.
WITH touch AS (
    SELECT s.identifier_id AS identifier_id, s.day AS day, 'purchase' AS channel
    FROM sale AS s
    WHERE s.identifier_id IS NOT NULL AND s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    UNION ALL
    SELECT
        a.identifier_id, a.day,
        CASE
            WHEN a.kind IN ('visit', 'parking', 'checkin', 'redemption') THEN 'store'
            WHEN a.kind IN ('nps', 'csat', 'ces', 'review', 'answer') THEN 'review'
            WHEN a.kind IN ('complaint', 'support', 'call', 'ticket') THEN 'support'
            WHEN a.kind IN ('web', 'web_visit', 'page_view', 'website') THEN 'website'
            WHEN a.kind IN ('app', 'app_open', 'app_visit') THEN 'app'
            WHEN a.kind LIKE 'campaign%' AND c.channel IN ('email', 'sms') THEN c.channel
            WHEN a.kind LIKE 'campaign%' AND c.channel IN ('app', 'push', 'wechat') THEN 'app'
            ELSE 'other'
        END
    FROM activity AS a
    LEFT JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.identifier_id IS NOT NULL AND a.kind <> 'campaign_holdout'
        AND (a.day < $day OR (a.day = $day AND a.at <= $at))
)
SELECT
    o.person_id AS person_id, t.channel AS channel, count(*) AS n,
    CAST(sum(CASE WHEN date_diff('day', CAST(t.day AS DATE), CAST($day AS DATE)) < 90 THEN 1 ELSE 0 END) AS BIGINT) AS n_90,
    min(t.day) AS first_day, max(t.day) AS last_day
FROM touch AS t
INNER JOIN identifier_owner AS o ON o.identifier_id = t.identifier_id
GROUP BY o.person_id, t.channel
ORDER BY o.person_id, t.channel
