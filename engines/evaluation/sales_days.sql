-- Net sales and receipts by business day before $day and tenant ('' where a receipt names none).
SELECT
    s.day AS day, coalesce(t.code, '') AS tenant, CAST(sum(s.net_minor) AS BIGINT) AS net_minor
FROM sale AS s
LEFT JOIN tenant AS t ON t.id = s.tenant_id
WHERE s.day < $day
GROUP BY s.day, coalesce(t.code, '')
ORDER BY day, tenant
