-- Zones in which known visitors were seen in the 90 days up to $day: person-days, those with a purchase on the same day, and what
-- these paid that day.
WITH seen AS (
    SELECT o.person_id AS person_id, a.day AS day, a.zone_code AS zone_code
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'visit' AND a.zone_code IS NOT NULL AND (a.day < $day OR (a.day = $day AND a.at <= $at))
        AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 90
    GROUP BY o.person_id, a.day, a.zone_code
),
paid AS (
    SELECT o.person_id AS person_id, s.day AS day, sum(s.net_minor) AS net_minor
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < 90
    GROUP BY o.person_id, s.day
)
SELECT
    v.zone_code AS zone_code, count(*) AS visits, count(p.person_id) AS bought,
    CAST(coalesce(sum(p.net_minor), 0) AS BIGINT) AS net_minor
FROM seen AS v
LEFT JOIN paid AS p ON p.person_id = v.person_id AND p.day = v.day
GROUP BY v.zone_code
ORDER BY v.zone_code
