-- By the hour of the local day, how often each person opened the app, a page or an offer in the 180 days up to $day, of people
-- with at least $least such openings. What follows a message is left out: it tells when the mall wrote, not when they look.
WITH looked AS (
    SELECT o.person_id AS person_id, CAST(floor(a.minute / 60.0) AS BIGINT) AS hour
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind IN ('app_open', 'page_view', 'offer_view') AND a.minute >= 0 AND a.minute < 1440
        AND (a.day < $day OR (a.day = $day AND a.at <= $at))
        AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 180
),
many AS (
    SELECT person_id FROM looked GROUP BY person_id HAVING count(*) >= $least
)
SELECT l.person_id AS person_id, l.hour AS hour, CAST(count(*) AS BIGINT) AS n
FROM looked AS l
INNER JOIN many AS m ON m.person_id = l.person_id
GROUP BY l.person_id, l.hour
ORDER BY l.person_id, l.hour
