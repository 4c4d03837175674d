-- What each person bought lately, up to the instant $at on the business day $day: days with a purchase in the last 30 and 90 days
-- (each ends with $day and holds it) and what they paid net in the last 90.
SELECT
    b.person_id AS person_id,
    CAST(sum(CASE WHEN b.age < 30 THEN b.bought ELSE 0 END) AS BIGINT) AS days_30,
    CAST(sum(b.bought) AS BIGINT) AS days_90,
    CAST(sum(b.net_minor) AS BIGINT) AS spend_90_minor
FROM (
    SELECT
        o.person_id AS person_id, date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age,
        max(CASE WHEN s.net_minor >= 0 THEN 1 ELSE 0 END) AS bought, sum(s.net_minor) AS net_minor
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < 90
    GROUP BY o.person_id, s.day
) AS b
GROUP BY b.person_id
ORDER BY b.person_id
