-- Sales of each tenant in each whole month before the month of $day, by the tier of the member who bought ('' for nobody known).
-- Of a person with several memberships the newest one counts.
WITH tiers AS (
    SELECT
        m.person_id AS person_id, coalesce(m.tier, '') AS tier,
        row_number() OVER (PARTITION BY m.person_id ORDER BY m.id DESC) AS place
    FROM member AS m
),
tier_of AS (
    SELECT person_id, tier FROM tiers WHERE place = 1
)
SELECT
    substr(s.day, 1, 7) AS month, coalesce(t.code, '') AS tenant_code, coalesce(p.tier, '') AS tier,
    CAST(sum(s.gross_minor) AS BIGINT) AS gross_minor,
    CAST(sum(s.net_minor) AS BIGINT) AS net_minor,
    CAST(sum(s.txns) AS BIGINT) AS txns
FROM sale AS s
LEFT JOIN tenant AS t ON t.id = s.tenant_id
LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
LEFT JOIN tier_of AS p ON p.person_id = o.person_id
WHERE substr(s.day, 1, 7) < substr($day, 1, 7) AND s.basis <> 'declared'
GROUP BY substr(s.day, 1, 7), coalesce(t.code, ''), coalesce(p.tier, '')
ORDER BY month, tenant_code, tier
