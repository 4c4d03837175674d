-- What people did up to $day before they ever bought, by kind and day: all that a score of people who have not bought may rest on.
-- A day on which somebody first buys is left out, because within it nobody knows which came first.
WITH bought AS (
    SELECT o.person_id AS person_id, min(s.day) AS first_day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY o.person_id
)
SELECT
    o.person_id AS person_id,
    a.kind AS kind,
    date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) AS age,
    count(*) AS n
FROM activity AS a
INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
LEFT JOIN bought AS b ON b.person_id = o.person_id
WHERE (a.day < $day OR (a.day = $day AND a.at <= $at)) AND (b.first_day IS NULL OR a.day < b.first_day)
GROUP BY o.person_id, a.kind, a.day
ORDER BY o.person_id, a.kind, a.day
