-- Everyone known up to $day with what a lead score may know of them: days since they were first known, since their first purchase
-- (NULL where they never bought), which parts of the profile are there, their area and channel, and whether anyone may write to them.
-- No gender, age, name or language is read: the score must not rest on them, not even as "is filled in".
WITH did AS (
    SELECT o.person_id AS person_id, min(a.day) AS first_day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
    GROUP BY o.person_id
),
joined AS (
    SELECT
        m.person_id AS person_id, min(m.joined_day) AS joined_day, min(m.home_area) AS home_area, min(m.channel) AS channel
    FROM member AS m
    WHERE m.joined_day <= $day
    GROUP BY m.person_id
),
bought AS (
    SELECT o.person_id AS person_id, min(s.day) AS first_day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY o.person_id
),
signs AS (
    SELECT
        o.person_id AS person_id,
        max(CASE WHEN i.kind = 'phone' THEN 1 ELSE 0 END) AS has_phone,
        max(CASE WHEN i.kind = 'email' THEN 1 ELSE 0 END) AS has_email
    FROM identifier_owner AS o
    INNER JOIN identifier AS i ON i.id = o.identifier_id
    GROUP BY o.person_id
),
newest AS (
    SELECT c.identifier_id AS identifier_id, c.channel AS channel, max(c.at) AS at
    FROM consent_decision AS c
    WHERE c.purpose = 'marketing' AND c.at <= $at
    GROUP BY c.identifier_id, c.channel
),
allowed AS (
    SELECT
        o.person_id AS person_id,
        max(CASE WHEN c.decision = 'grant' AND (c.expires_at IS NULL OR c.expires_at > $at) THEN 1 ELSE 0 END) AS granted,
        max(CASE WHEN c.decision <> 'grant' AND c.channel = 'any' THEN 1 ELSE 0 END) AS refused
    FROM newest AS n
    INNER JOIN consent_decision AS c
        ON c.identifier_id = n.identifier_id AND c.channel = n.channel AND c.at = n.at AND c.purpose = 'marketing'
    INNER JOIN identifier_owner AS o ON o.identifier_id = n.identifier_id
    GROUP BY o.person_id
)
SELECT
    p.id AS person_id,
    date_diff('day', CAST(least(coalesce(d.first_day, j.joined_day, b.first_day), coalesce(j.joined_day, d.first_day, b.first_day),
        coalesce(b.first_day, d.first_day, j.joined_day)) AS DATE), CAST($day AS DATE)) AS known_age,
    CASE WHEN b.first_day IS NOT NULL THEN date_diff('day', CAST(b.first_day AS DATE), CAST($day AS DATE)) END AS bought_age,
    CASE WHEN j.joined_day IS NOT NULL THEN date_diff('day', CAST(j.joined_day AS DATE), CAST($day AS DATE)) END AS joined_age,
    CAST(coalesce(s.has_phone, 0) AS BIGINT) AS has_phone,
    CAST(coalesce(s.has_email, 0) AS BIGINT) AS has_email,
    j.home_area AS home_area,
    j.channel AS channel,
    CAST(CASE WHEN coalesce(w.granted, 0) = 1 AND coalesce(w.refused, 0) = 0 THEN 1 ELSE 0 END AS BIGINT) AS may_write,
    CAST(CASE WHEN coalesce(w.refused, 0) = 1 THEN 1 ELSE 0 END AS BIGINT) AS refused
FROM person AS p
LEFT JOIN did AS d ON d.person_id = p.id
LEFT JOIN joined AS j ON j.person_id = p.id
LEFT JOIN bought AS b ON b.person_id = p.id
LEFT JOIN signs AS s ON s.person_id = p.id
LEFT JOIN allowed AS w ON w.person_id = p.id
WHERE p.state = 'active' AND (d.first_day IS NOT NULL OR j.joined_day IS NOT NULL OR b.first_day IS NOT NULL)
ORDER BY p.id
