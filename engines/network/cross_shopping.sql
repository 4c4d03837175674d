-- Person-months in which two tenants were both bought at, over the $horizon days that end with $day. A pair stands once, the
-- smaller id first; a pair of a tenant with itself counts its own person-months. `chance` is what independence would give: in each
-- person-month of k tenants out of n a pair's chance is weighted by how many tenants that person bought at, so that a lively
-- shopper does not make every pair look close.
WITH bought AS (
    SELECT DISTINCT o.person_id AS person_id, substr(s.day, 1, 7) AS month, s.tenant_id AS tenant_id
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.tenant_id IS NOT NULL AND s.net_minor > 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
sized AS (
    SELECT person_id, month, count(*) AS tenants
    FROM bought
    GROUP BY person_id, month
),
spread AS (
    SELECT CAST(sum(tenants) AS DOUBLE) AS visits, CAST(sum(tenants * (tenants - 1)) AS DOUBLE) AS pairs
    FROM sized
),
own AS (
    SELECT tenant_id, count(*) AS visits
    FROM bought
    GROUP BY tenant_id
),
together AS (
    SELECT a.tenant_id AS tenant_id, b.tenant_id AS other_id, count(*) AS people
    FROM bought AS a
    INNER JOIN bought AS b ON b.person_id = a.person_id AND b.month = a.month
    WHERE a.tenant_id <= b.tenant_id
    GROUP BY a.tenant_id, b.tenant_id
)
SELECT
    t.tenant_id AS tenant_id, t.other_id AS other_id, CAST(t.people AS BIGINT) AS people,
    CAST(CASE WHEN s.visits > 0 THEN CAST(a.visits AS DOUBLE) * b.visits * s.pairs / (s.visits * s.visits) ELSE 0 END AS DOUBLE)
        AS chance
FROM together AS t
INNER JOIN own AS a ON a.tenant_id = t.tenant_id
INNER JOIN own AS b ON b.tenant_id = t.other_id
CROSS JOIN spread AS s
ORDER BY t.tenant_id, t.other_id
