-- Each tenant with its trade category and what a receipt comes to on average: of the receipts up to $day, and of those from before
-- the last two windows of $window days (0 without one), so that the test sees no price from its own window.
WITH receipt AS (
    SELECT
        s.tenant_id AS tenant_id, s.net_minor AS net_minor, s.txns AS txns,
        date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) AS age
    FROM sale AS s
    WHERE s.net_minor > 0 AND s.txns > 0 AND s.tenant_id IS NOT NULL AND (s.day < $day OR (s.day = $day AND s.at <= $at))
),
price AS (
    SELECT
        tenant_id,
        CAST(sum(net_minor) AS DOUBLE) / sum(txns) AS price,
        CASE WHEN sum(CASE WHEN age >= 2 * $window THEN txns ELSE 0 END) > 0
            THEN CAST(sum(CASE WHEN age >= 2 * $window THEN net_minor ELSE 0 END) AS DOUBLE)
                / sum(CASE WHEN age >= 2 * $window THEN txns ELSE 0 END) END AS price_before
    FROM receipt
    GROUP BY tenant_id
)
SELECT
    t.id AS tenant_id,
    t.code AS code,
    coalesce(c.code, '') AS category,
    CASE WHEN t.state = 'trading' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS trading,
    CAST(floor(coalesce(p.price, 0.0) + 0.5) AS BIGINT) AS price_minor,
    CAST(floor(coalesce(p.price_before, 0.0) + 0.5) AS BIGINT) AS price_before_minor
FROM tenant AS t
LEFT JOIN category AS c ON c.id = t.category_id
LEFT JOIN price AS p ON p.tenant_id = t.id
ORDER BY t.id
