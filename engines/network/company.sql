-- Pairs of people, both of whom allow profiling, who paid at one tenant within $minutes minutes on at least $days different days of
-- the $horizon days that end with $day. `expected` is how many such days chance would give them from how often each of them buys
-- there: their own receipts at the tenant, spread evenly over its minutes with receipts.
WITH ordered AS (
    SELECT
        c.identifier_id AS identifier_id, c.decision AS decision, c.expires_at AS expires_at,
        row_number() OVER (PARTITION BY c.identifier_id, c.channel ORDER BY c.at DESC, c.id DESC) AS place
    FROM consent_decision AS c
    WHERE c.purpose = 'profiling' AND c.at <= $at
),
allowed AS (
    SELECT o.person_id AS person_id
    FROM ordered AS d
    INNER JOIN identifier_owner AS o ON o.identifier_id = d.identifier_id
    WHERE d.place = 1
    GROUP BY o.person_id
    HAVING min(CASE WHEN d.decision = 'grant' AND (d.expires_at IS NULL OR d.expires_at > $at) THEN 1 ELSE 0 END) = 1
),
paid AS (
    SELECT o.person_id AS person_id, s.tenant_id AS tenant_id, s.day AS day, s.minute AS minute
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    INNER JOIN allowed AS w ON w.person_id = o.person_id
    WHERE s.tenant_id IS NOT NULL AND s.net_minor > 0 AND s.minute >= 0 AND (s.day < $day OR (s.day = $day AND s.at <= $at))
        AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) < $horizon
),
often AS (
    SELECT person_id, tenant_id, count(*) AS receipts
    FROM paid
    GROUP BY person_id, tenant_id
),
together AS (
    SELECT
        a.person_id AS person_id, b.person_id AS other_id, count(DISTINCT a.day) AS days, count(DISTINCT a.tenant_id) AS tenants
    FROM paid AS a
    INNER JOIN paid AS b
        ON b.tenant_id = a.tenant_id AND b.day = a.day AND b.person_id > a.person_id
        AND b.minute BETWEEN a.minute - $minutes AND a.minute + $minutes
    GROUP BY a.person_id, b.person_id
    HAVING count(DISTINCT a.day) >= $days
),
chance AS (
    SELECT
        t.person_id AS person_id, t.other_id AS other_id,
        sum(CAST(x.receipts AS DOUBLE) * y.receipts * (2 * $minutes + 1) / (CAST($horizon AS DOUBLE) * 720)) AS expected
    FROM together AS t
    INNER JOIN often AS x ON x.person_id = t.person_id
    INNER JOIN often AS y ON y.person_id = t.other_id AND y.tenant_id = x.tenant_id
    GROUP BY t.person_id, t.other_id
)
SELECT
    t.person_id AS person_id, t.other_id AS other_id, CAST(t.days AS BIGINT) AS days, CAST(t.tenants AS BIGINT) AS tenants,
    CAST(c.expected AS DOUBLE) AS expected
FROM together AS t
INNER JOIN chance AS c ON c.person_id = t.person_id AND c.other_id = t.other_id
ORDER BY t.person_id, t.other_id
