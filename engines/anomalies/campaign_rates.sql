-- What each campaign's messages led to within seven days: how many people got one, opened one, clicked one. Messages of the last
-- seven days before the business day $day are left out, as their seven days are not over.
WITH did AS (
    SELECT a.campaign_id AS campaign_id, a.identifier_id AS identifier_id, a.kind AS kind, min(a.day) AS day
    FROM activity AS a
    WHERE a.campaign_id IS NOT NULL AND a.identifier_id IS NOT NULL
        AND a.kind IN ('campaign_sent', 'campaign_opened', 'campaign_clicked') AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    GROUP BY a.campaign_id, a.identifier_id, a.kind
),
sent AS (
    SELECT campaign_id, identifier_id, day
    FROM did
    WHERE kind = 'campaign_sent' AND date_diff('day', CAST(day AS DATE), CAST($day AS DATE)) >= 7
)
SELECT
    s.campaign_id AS campaign_id, min(s.day) AS first_day, CAST(count(DISTINCT s.identifier_id) AS BIGINT) AS sent,
    CAST(count(DISTINCT CASE WHEN d.kind = 'campaign_opened' THEN d.identifier_id END) AS BIGINT) AS opened,
    CAST(count(DISTINCT CASE WHEN d.kind = 'campaign_clicked' THEN d.identifier_id END) AS BIGINT) AS clicked
FROM sent AS s
LEFT JOIN did AS d
    ON d.campaign_id = s.campaign_id AND d.identifier_id = s.identifier_id AND d.kind <> 'campaign_sent'
    AND date_diff('day', CAST(s.day AS DATE), CAST(d.day AS DATE)) BETWEEN 0 AND 6
GROUP BY s.campaign_id
ORDER BY s.campaign_id
