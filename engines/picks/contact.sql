-- Everyone who is in the store with what decides whether and how they may be written to at the instant $at on the business day
-- $day: the strictest decision on marketing and on research by channel and on profiling (0 granted, 1 expired, 2 withdrawn,
-- 3 refused, 9 none), the kinds of sign held, by channel whether the window of a contact policy is full (1),
-- the day of joining, the channel named by the member, and days since they last answered a question.
WITH said AS (
    SELECT
        o.person_id AS person_id, d.identifier_id AS identifier_id, d.purpose AS purpose, d.channel AS channel,
        d.at AS said_at,
        CASE d.decision WHEN 'grant' THEN CASE WHEN d.expires_at <= $at THEN 1 ELSE 0 END WHEN 'withdraw' THEN 2 ELSE 3 END
            AS strict
    FROM consent_decision AS d
    INNER JOIN identifier_owner AS o ON o.identifier_id = d.identifier_id
    WHERE d.purpose IN ('marketing', 'research', 'profiling') AND d.at <= $at
),
way AS (
    SELECT 'email' AS channel UNION ALL SELECT 'sms' UNION ALL SELECT 'push' UNION ALL SELECT 'wechat'
),
ranked AS (
    SELECT
        s.person_id AS person_id, s.purpose AS purpose, w.channel AS channel, s.strict AS strict,
        row_number() OVER (
            PARTITION BY s.person_id, s.purpose, w.channel, s.identifier_id ORDER BY s.said_at DESC, s.strict DESC
        ) AS place
    FROM said AS s
    INNER JOIN way AS w ON s.channel = 'any' OR s.channel = w.channel
),
decided AS (
    SELECT
        person_id,
        max(CASE WHEN purpose = 'marketing' AND channel = 'email' THEN strict END) AS email,
        max(CASE WHEN purpose = 'marketing' AND channel = 'sms' THEN strict END) AS sms,
        max(CASE WHEN purpose = 'marketing' AND channel = 'push' THEN strict END) AS push,
        max(CASE WHEN purpose = 'marketing' AND channel = 'wechat' THEN strict END) AS wechat,
        max(CASE WHEN purpose = 'research' AND channel = 'email' THEN strict END) AS ask_email,
        max(CASE WHEN purpose = 'research' AND channel = 'sms' THEN strict END) AS ask_sms,
        max(CASE WHEN purpose = 'research' AND channel = 'push' THEN strict END) AS ask_push,
        max(CASE WHEN purpose = 'research' AND channel = 'wechat' THEN strict END) AS ask_wechat,
        max(CASE WHEN purpose = 'profiling' THEN strict END) AS profiling
    FROM ranked
    WHERE place = 1
    GROUP BY person_id
),
signs AS (
    SELECT
        o.person_id AS person_id,
        max(CASE WHEN i.kind = 'email' THEN 1 ELSE 0 END) AS has_email,
        max(CASE WHEN i.kind = 'phone' THEN 1 ELSE 0 END) AS has_phone,
        max(CASE WHEN i.kind = 'device' THEN 1 ELSE 0 END) AS has_device,
        max(CASE WHEN i.kind = 'wechat' THEN 1 ELSE 0 END) AS has_wechat,
        max(CASE WHEN i.kind = 'card' THEN 1 ELSE 0 END) AS has_card
    FROM identifier AS i
    INNER JOIN identifier_owner AS o ON o.identifier_id = i.id
    GROUP BY o.person_id
),
policy AS (
    SELECT channel, most, days FROM contact_policy WHERE message_class = 'marketing' AND most > 0 AND days > 0
    UNION ALL
    SELECT 'any' AS channel, $most AS most, $days AS days WHERE NOT EXISTS (SELECT 1 FROM contact_policy)
),
sent AS (
    SELECT
        o.person_id AS person_id, a.at AS sent_at,
        CASE WHEN c.channel = 'app' THEN 'push' ELSE coalesce(c.channel, '') END AS channel
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    LEFT JOIN campaign AS c ON c.id = a.campaign_id
    WHERE a.kind = 'campaign_sent' AND a.at <= $at
),
used AS (
    SELECT s.person_id AS person_id, p.channel AS channel, p.days AS days, max(p.most) - count(*) AS still
    FROM sent AS s
    INNER JOIN policy AS p
        ON (p.channel = 'any' OR p.channel = s.channel) AND s.sent_at > $at - CAST(p.days AS BIGINT) * 86400000
    GROUP BY s.person_id, p.channel, p.days, p.most
),
capped AS (
    SELECT
        person_id,
        max(CASE WHEN channel IN ('any', 'email') AND still <= 0 THEN 1 ELSE 0 END) AS full_email,
        max(CASE WHEN channel IN ('any', 'sms') AND still <= 0 THEN 1 ELSE 0 END) AS full_sms,
        max(CASE WHEN channel IN ('any', 'push') AND still <= 0 THEN 1 ELSE 0 END) AS full_push,
        max(CASE WHEN channel IN ('any', 'wechat') AND still <= 0 THEN 1 ELSE 0 END) AS full_wechat
    FROM used
    GROUP BY person_id
),
membership AS (
    SELECT
        person_id, channel, joined_day, row_number() OVER (PARTITION BY person_id ORDER BY joined_day, id) AS place
    FROM member
),
answered AS (
    SELECT o.person_id AS person_id, min(date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE))) AS days
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind IN ('csat', 'nps', 'review') AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    GROUP BY o.person_id
)
SELECT
    p.id AS person_id,
    CAST(coalesce(d.email, 9) AS BIGINT) AS email,
    CAST(coalesce(d.sms, 9) AS BIGINT) AS sms,
    CAST(coalesce(d.push, 9) AS BIGINT) AS push,
    CAST(coalesce(d.wechat, 9) AS BIGINT) AS wechat,
    CAST(coalesce(d.ask_email, 9) AS BIGINT) AS ask_email,
    CAST(coalesce(d.ask_sms, 9) AS BIGINT) AS ask_sms,
    CAST(coalesce(d.ask_push, 9) AS BIGINT) AS ask_push,
    CAST(coalesce(d.ask_wechat, 9) AS BIGINT) AS ask_wechat,
    CAST(coalesce(d.profiling, 9) AS BIGINT) AS profiling,
    CAST(coalesce(s.has_email, 0) AS BIGINT) AS has_email,
    CAST(coalesce(s.has_phone, 0) AS BIGINT) AS has_phone,
    CAST(coalesce(s.has_device, 0) AS BIGINT) AS has_device,
    CAST(coalesce(s.has_wechat, 0) AS BIGINT) AS has_wechat,
    CAST(coalesce(s.has_card, 0) AS BIGINT) AS has_card,
    CAST(coalesce(c.full_email, 0) AS BIGINT) AS full_email,
    CAST(coalesce(c.full_sms, 0) AS BIGINT) AS full_sms,
    CAST(coalesce(c.full_push, 0) AS BIGINT) AS full_push,
    CAST(coalesce(c.full_wechat, 0) AS BIGINT) AS full_wechat,
    m.joined_day AS joined_day,
    coalesce(m.channel, '') AS stated,
    CAST(a.days AS BIGINT) AS answered_days
FROM person AS p
LEFT JOIN decided AS d ON d.person_id = p.id
LEFT JOIN signs AS s ON s.person_id = p.id
LEFT JOIN capped AS c ON c.person_id = p.id
LEFT JOIN membership AS m ON m.person_id = p.id AND m.place = 1
LEFT JOIN answered AS a ON a.person_id = p.id
WHERE p.state = 'active'
ORDER BY p.id
