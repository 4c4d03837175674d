-- Days on which each person was there or answered, in each of the eight weeks up to $day (week 0 holds $day): purchases that are no
-- return, visits, and messages opened or clicked. What the mall sends is not the person's doing.
WITH did AS (
    SELECT o.person_id AS person_id, s.day AS day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    UNION
    SELECT o.person_id AS person_id, a.day AS day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    WHERE a.kind NOT IN ('campaign_sent', 'campaign_holdout') AND (a.day < $day OR (a.day = $day AND a.at <= $at))
)
SELECT
    d.person_id AS person_id,
    CAST(floor(date_diff('day', CAST(d.day AS DATE), CAST($day AS DATE)) / 7.0) AS BIGINT) AS week,
    count(*) AS days
FROM did AS d
WHERE date_diff('day', CAST(d.day AS DATE), CAST($day AS DATE)) < 56
GROUP BY d.person_id, CAST(floor(date_diff('day', CAST(d.day AS DATE), CAST($day AS DATE)) / 7.0) AS BIGINT)
ORDER BY d.person_id, week
