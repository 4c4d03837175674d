-- Each person's newest answer to whether they would recommend the mall (0 to 10), up to the instant $at on the business day $day.
WITH asked AS (
    SELECT
        o.person_id AS person_id, a.score AS score, row_number() OVER (PARTITION BY o.person_id ORDER BY a.at DESC, a.id DESC) AS place
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind = 'nps' AND a.score IS NOT NULL AND (a.day < $day OR (a.day = $day AND a.at <= $at))
)
SELECT person_id AS person_id, CAST(score AS DOUBLE) AS nps
FROM asked
WHERE place = 1
ORDER BY person_id
