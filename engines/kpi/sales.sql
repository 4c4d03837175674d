-- Sales before the business day $day, by day and one dimension: the mall (''), tenant, category, floor, hour.
-- A return (negative net) lowers sales, is no transaction, and is summed apart. A tenant stands on the floor
-- of the largest unit it lets on the day. Where the tenant's category is not known, the receipt's lines name
-- it, by their own amounts. Receipts without a time of day have no hour.
WITH members AS (
    SELECT DISTINCT person_id FROM member
),
receipt AS (
    SELECT
        s.id AS id, s.day AS day, s.minute AS minute, s.tenant_id AS tenant_id, s.net_minor AS net,
        s.gross_minor AS gross,
        CASE WHEN s.net_minor < 0 THEN 0 ELSE s.txns END AS transactions,
        CASE WHEN s.net_minor < 0 THEN -s.net_minor ELSE 0 END AS refunds,
        CASE WHEN m.person_id IS NULL THEN 0 ELSE s.net_minor END AS member_net
    FROM sale AS s
    LEFT JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    LEFT JOIN members AS m ON m.person_id = o.person_id
    WHERE s.day < $day
),
by_tenant AS (
    SELECT
        day, tenant_id, sum(net) AS net, sum(gross) AS gross, sum(transactions) AS transactions,
        sum(refunds) AS refunds, sum(member_net) AS member_net, count(*) AS receipts
    FROM receipt
    GROUP BY day, tenant_id
),
placed AS (
    SELECT
        b.day AS day, b.tenant_id AS tenant_id, u.floor_id AS floor_id,
        row_number() OVER (
            PARTITION BY b.day, b.tenant_id ORDER BY coalesce(u.gla_m2, 0) DESC, l.code
        ) AS place
    FROM by_tenant AS b
    INNER JOIN lease AS l ON l.tenant_id = b.tenant_id AND l.from_day <= b.day AND l.to_day >= b.day
    INNER JOIN unit AS u ON u.id = l.unit_id
),
split AS (
    SELECT day, '' AS dim, '' AS code, net, gross, transactions, refunds, member_net, receipts FROM by_tenant
    UNION ALL
    SELECT b.day, 'tenant', t.code, b.net, b.gross, b.transactions, b.refunds, b.member_net, b.receipts
    FROM by_tenant AS b
    INNER JOIN tenant AS t ON t.id = b.tenant_id
    UNION ALL
    SELECT b.day, 'category', c.code, b.net, b.gross, b.transactions, b.refunds, b.member_net, b.receipts
    FROM by_tenant AS b
    INNER JOIN tenant AS t ON t.id = b.tenant_id
    INNER JOIN category AS c ON c.id = t.category_id
    UNION ALL
    SELECT
        r.day, 'category', line.category, sum(line.amount_minor), sum(line.amount_minor),
        count(DISTINCT CASE WHEN r.net < 0 THEN NULL ELSE r.id END),
        sum(CASE WHEN line.amount_minor < 0 THEN -line.amount_minor ELSE 0 END),
        sum(CASE WHEN r.member_net = 0 THEN 0 ELSE line.amount_minor END), count(DISTINCT r.id)
    FROM receipt AS r
    INNER JOIN sale_line AS line ON line.sale_id = r.id
    LEFT JOIN tenant AS t ON t.id = r.tenant_id
    LEFT JOIN category AS c ON c.id = t.category_id
    WHERE c.id IS NULL AND line.category IS NOT NULL
    GROUP BY r.day, line.category
    UNION ALL
    SELECT b.day, 'floor', f.code, b.net, b.gross, b.transactions, b.refunds, b.member_net, b.receipts
    FROM by_tenant AS b
    INNER JOIN placed AS p ON p.day = b.day AND p.tenant_id = b.tenant_id AND p.place = 1
    INNER JOIN floor AS f ON f.id = p.floor_id
    UNION ALL
    SELECT
        day, 'hour', CAST(CAST(floor(minute / 60.0) AS BIGINT) AS VARCHAR), sum(net), sum(gross), sum(transactions),
        sum(refunds), sum(member_net), count(*)
    FROM receipt
    WHERE minute >= 0
    GROUP BY day, floor(minute / 60.0)
)
SELECT
    day, dim, code, CAST(sum(net) AS BIGINT) AS net, CAST(sum(gross) AS BIGINT) AS gross,
    CAST(sum(transactions) AS BIGINT) AS transactions, CAST(sum(refunds) AS BIGINT) AS refunds,
    CAST(sum(member_net) AS BIGINT) AS member_net, CAST(sum(receipts) AS BIGINT) AS receipts
FROM split
GROUP BY day, dim, code
ORDER BY day, dim, code
