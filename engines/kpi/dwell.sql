-- Stays that ended before the business day $day, by day and zone: the newest revision of each row counts, and
-- of several sensors of one zone and quarter hour the one with the smallest id.
WITH newest AS (
    SELECT d.day AS day, d.zone_id AS zone_id, d.bucket_start AS bucket_start, d.source_id AS source_id, d.n AS n,
        d.seconds_total AS seconds_total
    FROM dwell_bucket AS d
    WHERE d.day < $day AND NOT EXISTS (
        SELECT 1
        FROM dwell_bucket AS later
        WHERE
            later.zone_id = d.zone_id AND later.bucket_start = d.bucket_start AND later.band = d.band
            AND later.source_id = d.source_id AND later.revision > d.revision
    )
),
ranked AS (
    SELECT
        day, zone_id, n, seconds_total,
        rank() OVER (PARTITION BY zone_id, bucket_start ORDER BY source_id) AS place
    FROM newest
)
SELECT
    n.day AS day, z.code AS zone_code, CAST(sum(n.n) AS BIGINT) AS visits,
    CAST(sum(n.seconds_total) AS BIGINT) AS seconds
FROM ranked AS n
INNER JOIN zone AS z ON z.id = n.zone_id
WHERE n.place = 1
GROUP BY n.day, z.code
ORDER BY n.day, z.code
