-- Activities before the business day $day, by day, kind and campaign ('' for none), with the answers' scores.
SELECT
    a.day AS day, a.kind AS kind, coalesce(c.code, '') AS campaign, count(*) AS n, count(a.score) AS answers,
    coalesce(sum(a.score), 0.0) AS points,
    CAST(sum(CASE WHEN a.score >= 9 THEN 1 ELSE 0 END) AS BIGINT) AS promoters,
    CAST(sum(CASE WHEN a.score <= 6 THEN 1 ELSE 0 END) AS BIGINT) AS detractors
FROM activity AS a
LEFT JOIN campaign AS c ON c.id = a.campaign_id
WHERE a.day < $day
GROUP BY a.day, a.kind, coalesce(c.code, '')
ORDER BY a.day, a.kind, coalesce(c.code, '')
