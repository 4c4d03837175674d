-- Known people who bought or checked in on each business day before $day, and how many of them for the first time known.
WITH seen AS (
    SELECT o.person_id AS person_id, s.day AS day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day AND s.net_minor > 0
    UNION
    SELECT o.person_id AS person_id, a.day AS day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.day < $day AND a.kind = 'visit'
),
begun AS (
    SELECT person_id, min(day) AS first_day
    FROM seen
    GROUP BY person_id
)
SELECT
    s.day AS day, CAST(count(*) AS BIGINT) AS people,
    CAST(sum(CASE WHEN b.first_day = s.day THEN 1 ELSE 0 END) AS BIGINT) AS first_timers
FROM seen AS s
INNER JOIN begun AS b ON b.person_id = s.person_id
GROUP BY s.day
ORDER BY s.day
