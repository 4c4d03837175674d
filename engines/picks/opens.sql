-- Messages sent to each person through each channel in the year up to $day, and how many of them they opened.
WITH touch AS (
    SELECT
        o.person_id AS person_id, a.campaign_id AS campaign_id,
        CASE WHEN c.channel = 'app' THEN 'push' ELSE c.channel END AS channel,
        max(CASE WHEN a.kind = 'campaign_sent' THEN 1 ELSE 0 END) AS sent,
        max(CASE WHEN a.kind = 'campaign_opened' THEN 1 ELSE 0 END) AS opened
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.kind IN ('campaign_sent', 'campaign_opened') AND (a.day < $day OR (a.day = $day AND a.at <= $at))
        AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 365
    GROUP BY o.person_id, a.campaign_id, c.channel
)
SELECT person_id, channel, CAST(sum(sent) AS BIGINT) AS sent, CAST(sum(sent * opened) AS BIGINT) AS opened
FROM touch
WHERE sent = 1 AND channel IN ('email', 'sms', 'push', 'wechat')
GROUP BY person_id, channel
ORDER BY person_id, channel
