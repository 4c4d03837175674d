-- Days with a purchase of each person in thirteen periods of 28 days, the newest first and ending the day before $day (p0 the last
-- 28 days), of people whose first purchase is at least $least days back and who bought on at least $days days in them. `tenure_days`
-- counts from the first purchase of all; its own day is left out of the periods, as everyone has one.
WITH bought AS (
    SELECT DISTINCT
        o.person_id AS person_id, date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor >= 0 AND s.day < $day
),
first AS (
    SELECT person_id, max(age) AS tenure_days
    FROM bought
    GROUP BY person_id
    HAVING max(age) >= $least
)
SELECT
    b.person_id AS person_id, CAST(f.tenure_days AS BIGINT) AS tenure_days,
    CAST(sum(CASE WHEN b.age BETWEEN 1 AND 28 THEN 1 ELSE 0 END) AS BIGINT) AS p0,
    CAST(sum(CASE WHEN b.age BETWEEN 29 AND 56 THEN 1 ELSE 0 END) AS BIGINT) AS p1,
    CAST(sum(CASE WHEN b.age BETWEEN 57 AND 84 THEN 1 ELSE 0 END) AS BIGINT) AS p2,
    CAST(sum(CASE WHEN b.age BETWEEN 85 AND 112 THEN 1 ELSE 0 END) AS BIGINT) AS p3,
    CAST(sum(CASE WHEN b.age BETWEEN 113 AND 140 THEN 1 ELSE 0 END) AS BIGINT) AS p4,
    CAST(sum(CASE WHEN b.age BETWEEN 141 AND 168 THEN 1 ELSE 0 END) AS BIGINT) AS p5,
    CAST(sum(CASE WHEN b.age BETWEEN 169 AND 196 THEN 1 ELSE 0 END) AS BIGINT) AS p6,
    CAST(sum(CASE WHEN b.age BETWEEN 197 AND 224 THEN 1 ELSE 0 END) AS BIGINT) AS p7,
    CAST(sum(CASE WHEN b.age BETWEEN 225 AND 252 THEN 1 ELSE 0 END) AS BIGINT) AS p8,
    CAST(sum(CASE WHEN b.age BETWEEN 253 AND 280 THEN 1 ELSE 0 END) AS BIGINT) AS p9,
    CAST(sum(CASE WHEN b.age BETWEEN 281 AND 308 THEN 1 ELSE 0 END) AS BIGINT) AS p10,
    CAST(sum(CASE WHEN b.age BETWEEN 309 AND 336 THEN 1 ELSE 0 END) AS BIGINT) AS p11,
    CAST(sum(CASE WHEN b.age BETWEEN 337 AND 364 THEN 1 ELSE 0 END) AS BIGINT) AS p12
FROM bought AS b
INNER JOIN first AS f ON f.person_id = b.person_id
WHERE b.age < f.tenure_days AND b.age <= 364
GROUP BY b.person_id, f.tenure_days
HAVING count(*) >= $days
ORDER BY b.person_id
