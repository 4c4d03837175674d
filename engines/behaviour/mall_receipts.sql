-- Receipts by business day up to the instant $at on the business day $day: all of them, those of known people, and those of people who
-- had bought on an earlier day; of the whole mall, and of the tenants behind counted fronts (shop_...). A tenant's total
-- for a day counts with its number of receipts.
WITH counted AS (
    SELECT l.tenant_id AS tenant_id, min(l.from_day) AS from_day, max(l.to_day) AS to_day
    FROM front AS f
    INNER JOIN lease AS l ON l.unit_id = f.unit_id
    WHERE f.gate_id IS NOT NULL
    GROUP BY l.tenant_id
),
paid AS (
    SELECT
        s.day AS day, o.person_id AS person_id, sum(s.txns) AS n,
        sum(CASE WHEN s.day BETWEEN c.from_day AND c.to_day THEN s.txns ELSE 0 END) AS shops_n
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    LEFT JOIN counted AS c ON c.tenant_id = s.tenant_id
    WHERE s.net_minor >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
    GROUP BY s.day, o.person_id
),
dated AS (
    SELECT
        p.day AS day, p.person_id AS person_id, p.n AS n, p.shops_n AS shops_n,
        CASE WHEN p.person_id IS NOT NULL THEN row_number() OVER (PARTITION BY p.person_id ORDER BY p.day) END AS k
    FROM paid AS p
)
SELECT
    d.day AS day, CAST(sum(d.n) AS BIGINT) AS receipts,
    CAST(sum(CASE WHEN d.person_id IS NOT NULL THEN d.n ELSE 0 END) AS BIGINT) AS members,
    CAST(sum(CASE WHEN d.k > 1 THEN d.n ELSE 0 END) AS BIGINT) AS again,
    CAST(sum(d.shops_n) AS BIGINT) AS shop_receipts,
    CAST(sum(CASE WHEN d.person_id IS NOT NULL THEN d.shops_n ELSE 0 END) AS BIGINT) AS shop_members,
    CAST(sum(CASE WHEN d.k > 1 THEN d.shops_n ELSE 0 END) AS BIGINT) AS shop_again
FROM dated AS d
GROUP BY d.day
ORDER BY d.day
