-- The zone in which each tenant trades: that of its newest lease up to $day.
WITH held AS (
    SELECT
        t.code AS tenant, z.code AS zone,
        row_number() OVER (PARTITION BY t.code ORDER BY l.from_day DESC, l.code) AS place
    FROM lease AS l
    INNER JOIN tenant AS t ON t.id = l.tenant_id
    INNER JOIN unit AS u ON u.id = l.unit_id
    INNER JOIN zone AS z ON z.id = u.zone_id
    WHERE l.from_day <= $day
)
SELECT tenant, zone
FROM held
WHERE place = 1
ORDER BY tenant
