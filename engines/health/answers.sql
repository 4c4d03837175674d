-- Each person's satisfaction, 0 to 100, over the answers of the year up to $day: would recommend (0 to 10) and satisfied (1 to 5).
SELECT
    o.person_id AS person_id,
    avg(CASE WHEN a.kind = 'nps' THEN 10.0 * a.score ELSE 25.0 * (a.score - 1.0) END) AS satisfaction,
    count(*) AS answers
FROM activity AS a
INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
WHERE a.kind IN ('nps', 'csat') AND a.score IS NOT NULL AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    AND date_diff('day', CAST(a.day AS DATE), CAST($day AS DATE)) < 365
GROUP BY o.person_id
ORDER BY o.person_id
