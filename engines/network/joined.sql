-- How many referrals each month's new members made in their first $horizon days: a histogram, so that one row stands for many
-- people. `ripe` is 1 for those whose first $horizon days are over on the business day $day.
WITH joined AS (
    SELECT person_id, min(joined_day) AS joined_day
    FROM member
    WHERE joined_day <= $day
    GROUP BY person_id
),
told AS (
    SELECT r.person_id AS referrer_id, o.person_id AS person_id, min(a.day) AS day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN identifier_owner AS r ON r.identifier_id = a.related_id
    WHERE a.kind = 'referral' AND r.person_id <> o.person_id AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    GROUP BY r.person_id, o.person_id
),
counted AS (
    SELECT
        j.person_id AS person_id, j.joined_day AS joined_day,
        sum(CASE
            WHEN t.day IS NOT NULL AND date_diff('day', CAST(j.joined_day AS DATE), CAST(t.day AS DATE)) BETWEEN 0 AND $horizon - 1
            THEN 1 ELSE 0 END) AS referred
    FROM joined AS j
    LEFT JOIN told AS t ON t.referrer_id = j.person_id
    GROUP BY j.person_id, j.joined_day
)
SELECT
    substr(joined_day, 1, 7) AS month,
    CAST(CASE WHEN date_diff('day', CAST(joined_day AS DATE), CAST($day AS DATE)) >= $horizon THEN 1 ELSE 0 END AS BIGINT) AS ripe,
    CAST(referred AS BIGINT) AS referred,
    CAST(count(*) AS BIGINT) AS people
FROM counted
GROUP BY
    substr(joined_day, 1, 7),
    CASE WHEN date_diff('day', CAST(joined_day AS DATE), CAST($day AS DATE)) >= $horizon THEN 1 ELSE 0 END,
    referred
ORDER BY month, ripe, referred
