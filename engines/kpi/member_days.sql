-- The membership by day before $day: people who joined, who completed 90 days without activity (lapses), and
-- who came back after that (returns). A person with several cards counts once, from the first; joining is
-- activity; purchases and activities of their own count, messages sent to them do not.
WITH cards AS (
    SELECT
        person_id, joined_day, tier, channel,
        row_number() OVER (PARTITION BY person_id ORDER BY joined_day DESC, id DESC) AS newest,
        min(joined_day) OVER (PARTITION BY person_id) AS first_day
    FROM member
    WHERE state = 'active' AND joined_day < $day
),
enrolled AS (
    SELECT
        person_id, first_day AS joined_day, coalesce(tier, '') AS tier, coalesce(channel, '') AS channel
    FROM cards
    WHERE newest = 1
),
acts AS (
    SELECT person_id, joined_day AS day FROM enrolled
    UNION
    SELECT e.person_id, s.day
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    INNER JOIN enrolled AS e ON e.person_id = o.person_id
    WHERE s.net_minor >= 0 AND s.day >= e.joined_day AND s.day < $day
    UNION
    SELECT e.person_id, a.day
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    INNER JOIN enrolled AS e ON e.person_id = o.person_id
    WHERE substr(a.kind, 1, 9) <> 'campaign_' AND a.day >= e.joined_day AND a.day < $day
),
steps AS (
    SELECT
        day, lead(day) OVER (PARTITION BY person_id ORDER BY day) AS next_day,
        CAST(CAST(CAST(day AS DATE) + INTERVAL '90' DAY AS DATE) AS VARCHAR) AS lapse_day
    FROM acts
),
moves AS (
    SELECT joined_day AS day, '' AS dim, '' AS code, 1 AS joined, 0 AS lapses, 0 AS returns FROM enrolled
    UNION ALL
    SELECT joined_day, 'tier', tier, 1, 0, 0 FROM enrolled WHERE tier <> ''
    UNION ALL
    SELECT joined_day, 'channel', channel, 1, 0, 0 FROM enrolled WHERE channel <> ''
    UNION ALL
    SELECT lapse_day, '', '', 0, 1, 0
    FROM steps
    WHERE lapse_day < $day AND (next_day IS NULL OR next_day > lapse_day)
    UNION ALL
    SELECT next_day, '', '', 0, 0, 1 FROM steps WHERE next_day > lapse_day
)
SELECT
    day, dim, code, CAST(sum(joined) AS BIGINT) AS joined, CAST(sum(lapses) AS BIGINT) AS lapses,
    CAST(sum(returns) AS BIGINT) AS returns
FROM moves
GROUP BY day, dim, code
ORDER BY day, dim, code
