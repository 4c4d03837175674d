-- Each person's purchases up to the instant $at on the business day $day, as buy-till-you-die models want them: repeat purchases
-- (days with a purchase after the first), the days from the first to the last and from the first to $day, what the repeat days
-- were worth, what all was worth before and after returns, and what the last 90 days brought.
WITH bought AS (
    SELECT
        o.person_id AS person_id, s.day AS day, s.net_minor AS net_minor,
        date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
),
by_day AS (
    SELECT
        person_id, age,
        sum(CASE WHEN net_minor >= 0 THEN net_minor ELSE 0 END) AS gross_minor,
        sum(net_minor) AS net_minor,
        sum(CASE WHEN net_minor >= 0 THEN 1 ELSE 0 END) AS receipts
    FROM bought
    GROUP BY person_id, age
),
first AS (
    SELECT person_id, max(CASE WHEN receipts > 0 THEN age END) AS oldest
    FROM by_day
    GROUP BY person_id
)
SELECT
    d.person_id AS person_id,
    CAST(sum(CASE WHEN d.receipts > 0 AND d.age < f.oldest THEN 1 ELSE 0 END) AS BIGINT) AS repeats,
    CAST(f.oldest - min(CASE WHEN d.receipts > 0 THEN d.age END) AS BIGINT) AS last_after_days,
    CAST(f.oldest AS BIGINT) AS known_days,
    CAST(sum(CASE WHEN d.receipts > 0 AND d.age < f.oldest THEN d.gross_minor ELSE 0 END) AS BIGINT) AS repeat_minor,
    CAST(sum(d.gross_minor) AS BIGINT) AS gross_minor,
    CAST(sum(d.net_minor) AS BIGINT) AS net_minor,
    CAST(sum(CASE WHEN d.receipts > 0 AND d.age < 90 THEN 1 ELSE 0 END) AS BIGINT) AS days_90,
    CAST(sum(CASE WHEN d.age < 90 THEN d.net_minor ELSE 0 END) AS BIGINT) AS spend_90_minor
FROM by_day AS d
INNER JOIN first AS f ON f.person_id = d.person_id
WHERE f.oldest IS NOT NULL
GROUP BY d.person_id, f.oldest
ORDER BY d.person_id
