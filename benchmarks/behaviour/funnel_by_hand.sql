WITH e AS (
    SELECT o.person_id AS p, a.kind AS k, a.at AS t
    FROM activity a JOIN identifier_owner o USING (identifier_id)
    WHERE a.day >= '2024-11-20'
),
s1 AS (SELECT p, min(t) AS t1 FROM e WHERE k = 'campaign_sent' GROUP BY p),
s2 AS (SELECT s1.p, t1, min(e.t) AS t2 FROM s1 JOIN e ON e.p = s1.p AND e.k = 'campaign_opened' AND e.t BETWEEN t1 AND t1 + 86400000 GROUP BY ALL),
s3 AS (SELECT s2.p, t1, min(e.t) AS t3 FROM s2 JOIN e ON e.p = s2.p AND e.k = 'campaign_clicked' AND e.t BETWEEN t2 AND t1 + 86400000 GROUP BY ALL),
s4 AS (SELECT s3.p, t1, min(e.t) AS t4 FROM s3 JOIN e ON e.p = s3.p AND e.k = 'visit' AND e.t BETWEEN t3 AND t1 + 86400000 GROUP BY ALL),
s5 AS (SELECT s4.p FROM s4 JOIN e ON e.p = s4.p AND e.k = 'nps' AND e.t BETWEEN t4 AND t1 + 86400000 GROUP BY ALL)
SELECT (SELECT count(*) FROM s1), (SELECT count(*) FROM s2), (SELECT count(*) FROM s3), (SELECT count(*) FROM s4), (SELECT count(*) FROM s5)
