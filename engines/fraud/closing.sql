-- Cards with at least $least receipts of round amounts at one tenant in the last $minutes minutes of the mall's trading, in the
-- $horizon days that end with $day: how many, out of how many of the card there. `tenant_receipts` and `tenant_odd` are the same of
-- all the tenant's receipts. A round amount has one figure that is not zero, or a five after it: 100, 150, 2000. `pairs` counts all
-- pairs of a tenant and a card with that many receipts, round or not: how many could have been found.
WITH slips AS (
    SELECT
        s.tenant_id AS tenant_id, coalesce(o.person_id, s.identifier_id) AS holder_id, s.day AS day, s.minute AS minute,
        s.net_minor AS net_minor
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor > 0 AND s.minute >= 0 AND s.txns = 1 AND s.tenant_id IS NOT NULL
        AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
ends AS (
    SELECT day, max(minute) AS last_minute
    FROM slips
    GROUP BY day
),
marked AS (
    SELECT
        s.tenant_id AS tenant_id, s.holder_id AS holder_id, s.day AS day, s.net_minor AS net_minor,
        CASE
            WHEN s.minute > e.last_minute - $minutes AND s.net_minor >= 100
                AND (2 * s.net_minor) % CASE
                    WHEN s.net_minor >= 100000000000 THEN 100000000000
                    WHEN s.net_minor >= 10000000000 THEN 10000000000
                    WHEN s.net_minor >= 1000000000 THEN 1000000000
                    WHEN s.net_minor >= 100000000 THEN 100000000
                    WHEN s.net_minor >= 10000000 THEN 10000000
                    WHEN s.net_minor >= 1000000 THEN 1000000
                    WHEN s.net_minor >= 100000 THEN 100000
                    WHEN s.net_minor >= 10000 THEN 10000
                    WHEN s.net_minor >= 1000 THEN 1000
                    ELSE 100
                END = 0
            THEN 1 ELSE 0
        END AS odd
    FROM slips AS s
    INNER JOIN ends AS e ON e.day = s.day
),
cards AS (
    SELECT
        tenant_id, holder_id, count(*) AS receipts, sum(odd) AS odd,
        sum(CASE WHEN odd = 1 THEN net_minor ELSE 0 END) AS net_minor, min(CASE WHEN odd = 1 THEN day END) AS first_day,
        max(CASE WHEN odd = 1 THEN day END) AS last_day
    FROM marked
    WHERE holder_id IS NOT NULL
    GROUP BY tenant_id, holder_id
    HAVING count(*) >= $least
),
tenants AS (
    SELECT tenant_id, count(*) AS receipts, sum(odd) AS odd
    FROM marked
    GROUP BY tenant_id
),
whole AS (
    SELECT count(*) AS pairs
    FROM cards
)
SELECT
    c.tenant_id AS tenant_id, c.holder_id AS holder_id, CAST(c.receipts AS BIGINT) AS receipts, CAST(c.odd AS BIGINT) AS odd,
    CAST(c.net_minor AS BIGINT) AS net_minor, c.first_day AS first_day, c.last_day AS last_day,
    CAST(t.receipts AS BIGINT) AS tenant_receipts, CAST(t.odd AS BIGINT) AS tenant_odd, CAST(w.pairs AS BIGINT) AS pairs
FROM cards AS c
INNER JOIN tenants AS t ON t.tenant_id = c.tenant_id
CROSS JOIN whole AS w
WHERE c.odd >= $least
ORDER BY c.tenant_id, c.holder_id
