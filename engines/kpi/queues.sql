-- Queues before the business day $day, by day, zone and bin of the waits of those served (bin -1: a row of sums alone).
-- The newest revision of each row counts, and of several cameras of one zone and quarter hour the one that
-- watched longest (at equal length the one with the smallest id).
WITH newest AS (
    SELECT b.*
    FROM zone_bucket AS b
    WHERE b.day < $day AND b.purpose = 'queue' AND NOT EXISTS (
        SELECT 1
        FROM zone_bucket AS later
        WHERE
            later.zone_id = b.zone_id AND later.bucket_start = b.bucket_start AND later.source_id = b.source_id
            AND later.revision > b.revision
    )
),
chosen AS (
    SELECT
        z.code AS zone_code, n.day AS day, n.visits AS visits, n.seconds_total AS seconds, n.unserved AS unserved,
        n.queue_max AS longest, n.waits AS waits
    FROM newest AS n
    INNER JOIN zone AS z ON z.id = n.zone_id
    QUALIFY row_number() OVER (
        PARTITION BY n.zone_id, n.bucket_start ORDER BY n.seconds_observed DESC, n.source_id
    ) = 1
),
waited AS (
    SELECT
        day, zone_code,
        unnest(string_split(replace(replace(replace(replace(waits, '{', ''), '}', ''), '"', ''), ' ', ''), ',')) AS entry
    FROM chosen
    WHERE waits <> '{}'
),
binned AS (
    SELECT
        day, zone_code, CAST(split_part(entry, ':', 1) AS BIGINT) AS bin, CAST(split_part(entry, ':', 2) AS BIGINT) AS n
    FROM waited
)
SELECT
    day, zone_code, CAST(-1 AS BIGINT) AS bin, CAST(0 AS BIGINT) AS n, CAST(sum(visits) AS BIGINT) AS visits,
    CAST(sum(seconds) AS DOUBLE) AS seconds, CAST(sum(unserved) AS BIGINT) AS unserved,
    CAST(max(longest) AS BIGINT) AS longest
FROM chosen
GROUP BY day, zone_code
UNION ALL
SELECT
    day, zone_code, bin, CAST(sum(n) AS BIGINT) AS n, CAST(0 AS BIGINT), CAST(0 AS DOUBLE), CAST(0 AS BIGINT),
    CAST(0 AS BIGINT)
FROM binned
GROUP BY day, zone_code, bin
ORDER BY day, zone_code, bin
