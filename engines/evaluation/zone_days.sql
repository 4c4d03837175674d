-- People who entered each zone by business day before $day: the newest revision of each source, of several the highest count.
WITH newest AS (
    SELECT zone_id, bucket_start, source_id, max(revision) AS revision
    FROM zone_bucket
    WHERE day < $day
    GROUP BY zone_id, bucket_start, source_id
),
quarter AS (
    SELECT b.zone_id AS zone_id, b.bucket_start AS bucket_start, b.day AS day, max(b.entries) AS entries
    FROM zone_bucket AS b
    INNER JOIN newest AS n
        ON
            n.zone_id = b.zone_id AND n.bucket_start = b.bucket_start AND n.source_id = b.source_id
            AND n.revision = b.revision
    GROUP BY b.zone_id, b.bucket_start, b.day
)
SELECT z.code AS zone, q.day AS day, CAST(sum(q.entries) AS BIGINT) AS entries
FROM quarter AS q
INNER JOIN zone AS z ON z.id = q.zone_id
GROUP BY z.code, q.day
ORDER BY zone, day
