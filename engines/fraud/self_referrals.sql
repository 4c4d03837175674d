-- People who are their own referrer (both signs belong to one person), up to the instant $at on the business day $day.
SELECT
    o.person_id AS person_id, CAST(count(*) AS BIGINT) AS referrals, min(a.day) AS first_day, max(a.day) AS last_day
FROM activity AS a
INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
INNER JOIN identifier_owner AS r ON r.identifier_id = a.related_id
WHERE a.kind = 'referral' AND r.person_id = o.person_id AND (a.day < $day OR (a.day = $day AND a.at <= $at))
GROUP BY o.person_id
ORDER BY o.person_id
