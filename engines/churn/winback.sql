-- Of each campaign, by the day of assignment: the people who were at risk when they were assigned to it (last purchase more
-- than $quiet days before), by arm, and how many bought within $horizon days. Who got the message and was also held out is left
-- out: nothing can be learned from them.
WITH assigned AS (
    SELECT
        a.campaign_id AS campaign_id, o.person_id AS person_id, min(a.day) AS day,
        max(CASE WHEN a.kind = 'campaign_sent' THEN 1 ELSE 0 END) AS sent,
        max(CASE WHEN a.kind = 'campaign_holdout' THEN 1 ELSE 0 END) AS held
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind IN ('campaign_sent', 'campaign_holdout') AND a.campaign_id IS NOT NULL AND a.day <= $day
    GROUP BY a.campaign_id, o.person_id
),
bought AS (
    SELECT DISTINCT o.person_id AS person_id, s.day AS day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND s.day <= $day
),
answer AS (
    SELECT
        a.campaign_id AS campaign_id, a.person_id AS person_id, a.day AS day, a.sent AS sent,
        min(CASE WHEN b.day < a.day THEN date_diff('day', CAST(b.day AS DATE), CAST(a.day AS DATE)) END) AS quiet,
        max(CASE WHEN b.day > a.day AND date_diff('day', CAST(a.day AS DATE), CAST(b.day AS DATE)) <= $horizon
            THEN 1 ELSE 0 END) AS back
    FROM assigned AS a
    INNER JOIN bought AS b ON b.person_id = a.person_id
    WHERE a.sent + a.held = 1
    GROUP BY a.campaign_id, a.person_id, a.day, a.sent
)
SELECT
    campaign_id,
    day,
    CAST(sum(sent) AS BIGINT) AS sent,
    CAST(sum(sent * back) AS BIGINT) AS sent_back,
    CAST(sum(1 - sent) AS BIGINT) AS held,
    CAST(sum((1 - sent) * back) AS BIGINT) AS held_back
FROM answer
WHERE quiet > $quiet
GROUP BY campaign_id, day
ORDER BY campaign_id, day
