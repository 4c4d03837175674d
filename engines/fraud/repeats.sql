-- Receipts that look like one slip used twice: the same tenant, day and amount within $minutes minutes, on two different cards, or
-- from two different sources, in the $horizon days that end with $day. `alike` counts all receipts of the tenant with that amount
-- that carry a card (for two sources: all of them): what makes a coincidence likely or not.
WITH slips AS (
    SELECT
        s.id AS id, s.tenant_id AS tenant_id, s.source_id AS source_id, s.identifier_id AS identifier_id, s.day AS day,
        s.minute AS minute, s.net_minor AS net_minor, coalesce(o.person_id, s.identifier_id) AS holder_id
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.net_minor > 0 AND s.minute >= 0 AND s.txns = 1 AND s.tenant_id IS NOT NULL
        AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
alike AS (
    SELECT
        tenant_id, net_minor, sum(CASE WHEN identifier_id IS NOT NULL THEN 1 ELSE 0 END) AS carded, count(*) AS receipts
    FROM slips
    GROUP BY tenant_id, net_minor
    HAVING count(*) > 1
)
SELECT
    a.id AS sale_id, b.id AS other_sale_id, a.tenant_id AS tenant_id, a.day AS day, CAST(a.minute AS BIGINT) AS minute,
    CAST(b.minute AS BIGINT) AS other_minute, CAST(a.net_minor AS BIGINT) AS net_minor, a.holder_id AS holder_id,
    b.holder_id AS other_holder_id,
    CAST(CASE WHEN a.source_id <> b.source_id THEN 1 ELSE 0 END AS BIGINT) AS sources,
    CAST(CASE WHEN a.source_id <> b.source_id THEN k.receipts ELSE k.carded END AS BIGINT) AS alike
FROM slips AS a
INNER JOIN slips AS b
    ON b.tenant_id = a.tenant_id AND b.day = a.day AND b.net_minor = a.net_minor AND b.id > a.id
    AND b.minute BETWEEN a.minute - $minutes AND a.minute + $minutes
INNER JOIN alike AS k ON k.tenant_id = a.tenant_id AND k.net_minor = a.net_minor
WHERE a.source_id <> b.source_id OR (a.identifier_id <> b.identifier_id AND a.holder_id <> b.holder_id)
ORDER BY a.id, b.id
