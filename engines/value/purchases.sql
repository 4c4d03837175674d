-- Each person's purchases up to the instant $at on the business day $day, as buy-till-you-die models want them: repeat purchases
-- (days with a purchase after the first), the days from the first to the last and from the first to $day, what the repeat days
-- were worth, what all was worth before and after returns, and what the last 90 days brought. Of more than $most people, every
-- k-th in the order of their ids is taken, the same ones as of any day. People go by small numbers meanwhile, for the memory.
WITH numbered AS (
    SELECT
        person_id, CAST(row_number() OVER (ORDER BY person_id) AS INTEGER) AS n, count(*) OVER () AS everyone
    FROM identifier_owner
    GROUP BY person_id
),
people AS (
    SELECT person_id, n
    FROM numbered
    WHERE everyone <= $most OR n % CAST(ceil(CAST(everyone AS DOUBLE) / $most) AS INTEGER) = 0
),
owner AS (
    SELECT o.identifier_id AS identifier_id, p.n AS n
    FROM identifier_owner AS o
    INNER JOIN people AS p ON p.person_id = o.person_id
),
bought AS (
    SELECT
        o.n AS n, s.net_minor AS net_minor,
        CAST(date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS INTEGER) AS age
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
),
first AS (
    SELECT n, max(age) AS oldest
    FROM bought
    WHERE net_minor >= 0
    GROUP BY n
),
placed AS (
    SELECT
        n, age, net_minor,
        lag(age) OVER (PARTITION BY n, CASE WHEN net_minor >= 0 THEN 1 ELSE 0 END ORDER BY age DESC) AS before
    FROM bought
),
buyer AS (
    SELECT
        b.n AS n, f.oldest AS oldest,
        count(CASE WHEN b.net_minor >= 0 AND (b.before IS NULL OR b.before <> b.age) THEN 1 END) AS days,
        min(CASE WHEN b.net_minor >= 0 THEN b.age END) AS latest,
        sum(CASE WHEN b.net_minor >= 0 AND b.age < f.oldest THEN b.net_minor ELSE 0 END) AS repeat_minor,
        sum(CASE WHEN b.net_minor >= 0 THEN b.net_minor ELSE 0 END) AS gross_minor,
        sum(b.net_minor) AS net_minor,
        count(CASE WHEN b.net_minor >= 0 AND (b.before IS NULL OR b.before <> b.age) AND b.age < 90 THEN 1 END) AS days_90,
        sum(CASE WHEN b.age < 90 THEN b.net_minor ELSE 0 END) AS spend_90_minor
    FROM placed AS b
    INNER JOIN first AS f ON f.n = b.n
    GROUP BY b.n, f.oldest
)
SELECT
    p.person_id AS person_id,
    CAST(b.days - 1 AS BIGINT) AS repeats,
    CAST(b.oldest - b.latest AS BIGINT) AS last_after_days,
    CAST(b.oldest AS BIGINT) AS known_days,
    CAST(b.repeat_minor AS BIGINT) AS repeat_minor,
    CAST(b.gross_minor AS BIGINT) AS gross_minor,
    CAST(b.net_minor AS BIGINT) AS net_minor,
    CAST(b.days_90 AS BIGINT) AS days_90,
    CAST(b.spend_90_minor AS BIGINT) AS spend_90_minor
FROM people AS p
INNER JOIN buyer AS b ON b.n = p.n
ORDER BY p.n
