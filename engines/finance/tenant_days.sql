-- Sales of each tenant on each business day before $day, as tills and receipts have them (declared totals are left out): gross
-- and net in minor units, and transactions. A tenant that is not known is ''.
SELECT
    s.day AS day, coalesce(t.code, '') AS tenant_code,
    CAST(sum(s.gross_minor) AS BIGINT) AS gross_minor,
    CAST(sum(s.net_minor) AS BIGINT) AS net_minor,
    CAST(sum(s.txns) AS BIGINT) AS txns
FROM sale AS s
LEFT JOIN tenant AS t ON t.id = s.tenant_id
WHERE s.day < $day AND s.basis <> 'declared'
GROUP BY s.day, coalesce(t.code, '')
ORDER BY s.day, coalesce(t.code, '')
