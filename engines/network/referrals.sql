-- The first referral of each person up to the instant $at on the business day $day: who was brought (the activity's owner), by whom
-- (its related party), in which campaign, and on how many days the one brought has bought since. Someone who brought themselves is
-- left out here; fraud looks at them.
WITH told AS (
    SELECT
        o.person_id AS person_id, r.person_id AS referrer_id, a.at AS at, a.day AS day, a.campaign_id AS campaign_id,
        row_number() OVER (PARTITION BY o.person_id ORDER BY a.at, a.id) AS place
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN identifier_owner AS r ON r.identifier_id = a.related_id
    WHERE a.kind = 'referral' AND r.person_id <> o.person_id AND (a.day < $day OR (a.day = $day AND a.at <= $at))
),
bought AS (
    SELECT t.person_id AS person_id, count(DISTINCT s.day) AS bought_days
    FROM told AS t
    INNER JOIN identifier_owner AS o ON o.person_id = t.person_id
    INNER JOIN sale AS s ON s.identifier_id = o.identifier_id
    WHERE t.place = 1 AND s.net_minor > 0 AND s.day >= t.day AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY t.person_id
)
SELECT
    t.person_id AS person_id, t.referrer_id AS referrer_id, t.at AS at, t.day AS day, t.campaign_id AS campaign_id,
    CAST(coalesce(b.bought_days, 0) AS BIGINT) AS bought_days
FROM told AS t
LEFT JOIN bought AS b ON b.person_id = t.person_id
WHERE t.place = 1
ORDER BY t.person_id
