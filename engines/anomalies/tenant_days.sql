-- Each tenant's business days over the $horizon days before $day: net sales, receipts and returns. Today is left out, as it is not
-- over.
SELECT
    s.tenant_id AS tenant_id, s.day AS day, CAST(sum(s.net_minor) AS BIGINT) AS net_minor,
    CAST(sum(CASE WHEN s.net_minor >= 0 THEN s.txns ELSE 0 END) AS BIGINT) AS receipts,
    CAST(sum(CASE WHEN s.net_minor < 0 THEN s.txns ELSE 0 END) AS BIGINT) AS returns
FROM sale AS s
WHERE s.tenant_id IS NOT NULL AND s.day < $day AND date_diff('day', CAST(s.day AS DATE), CAST($day AS DATE)) <= $horizon
GROUP BY s.tenant_id, s.day
ORDER BY s.tenant_id, s.day
