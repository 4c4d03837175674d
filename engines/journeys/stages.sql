-- Each person's changes of stage up to the instant $at on the business day $day, from all known facts, by the site's own rules.
-- A change depends on nothing later than its day, so that later rows change no past stage. Days are numbered from 1970-01-01.
-- A return is a visit and no purchase; what the mall sends is no act of the person's own.
WITH rule AS (
    SELECT
        CAST(coalesce(max(CASE WHEN name = 'journeys.regular_purchases' THEN value END), '3') AS BIGINT) AS purchases,
        CAST(coalesce(max(CASE WHEN name = 'journeys.regular_days' THEN value END), '90') AS BIGINT) AS span,
        CAST(coalesce(max(CASE WHEN name = 'journeys.advocate_days' THEN value END), '365') AS BIGINT) AS advocacy,
        CAST(coalesce(max(CASE WHEN name = 'journeys.promoter_score' THEN value END), '9') AS DOUBLE) AS promoter,
        CAST(coalesce(max(CASE WHEN name = 'journeys.lapse_days' THEN value END), '90') AS BIGINT) AS silence,
        CAST(coalesce(max(CASE WHEN name = 'journeys.lapse_gaps' THEN value END), '3') AS DOUBLE) AS gaps,
        date_diff('day', CAST('1970-01-01' AS DATE), CAST($day AS DATE)) AS today
    FROM setting
),
fact AS (
    SELECT
        o.person_id AS person_id, s.day AS day, CASE WHEN s.net_minor >= 0 THEN 1 ELSE 0 END AS bought,
        CASE WHEN s.net_minor < 0 THEN 1 ELSE 0 END AS visited, 0 AS referral, 0 AS promoter, 0 AS joined, 1 AS own
    FROM sale AS s
    INNER JOIN identifier_owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
    UNION ALL
    SELECT
        o.person_id, a.day, 0, CASE WHEN a.kind IN ('visit', 'parking') THEN 1 ELSE 0 END, 0,
        CASE WHEN a.kind = 'nps' AND a.score >= r.promoter THEN 1 ELSE 0 END,
        CASE WHEN a.kind IN ('join', 'referral') THEN 1 ELSE 0 END,
        CASE WHEN a.kind IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout') THEN 0 ELSE 1 END
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.identifier_id
    CROSS JOIN rule AS r
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
    UNION ALL
    SELECT o.person_id, a.day, 0, 0, 1, 0, 0, 1
    FROM activity AS a
    INNER JOIN identifier_owner AS o ON o.identifier_id = a.related_id
    WHERE a.kind = 'referral' AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    UNION ALL
    SELECT m.person_id, m.joined_day, 0, 0, 0, 0, 1, 1 FROM member AS m WHERE m.joined_day <= $day
),
acted AS (
    SELECT
        f.person_id AS person_id, date_diff('day', CAST('1970-01-01' AS DATE), CAST(f.day AS DATE)) AS n,
        max(f.bought) AS bought, max(f.visited) AS visited, max(f.referral) AS referral, max(f.promoter) AS promoter,
        max(f.joined) AS joined, max(f.own) AS own
    FROM fact AS f
    GROUP BY f.person_id, f.day
),
ranked AS (
    SELECT a.*, row_number() OVER (PARTITION BY a.person_id ORDER BY a.n) AS rank FROM acted AS a
),
alive AS (
    SELECT
        a.person_id AS person_id, a.n AS n, a.bought AS bought, a.visited AS visited, a.referral AS referral,
        a.promoter AS promoter, a.joined AS joined, a.own AS own,
        row_number() OVER (PARTITION BY a.person_id ORDER BY a.n) AS k,
        min(a.n) OVER (PARTITION BY a.person_id ORDER BY a.n) AS first_n,
        lead(a.n) OVER (PARTITION BY a.person_id ORDER BY a.n) AS next_n,
        sum(a.bought) OVER (PARTITION BY a.person_id ORDER BY a.n) AS purchases,
        sum(a.visited) OVER (PARTITION BY a.person_id ORDER BY a.n) AS visits
    FROM ranked AS a
    WHERE a.own = 1 OR a.rank = 1
),
timed AS (
    SELECT
        a.*,
        a.n + greatest(
            r.silence,
            CASE WHEN a.k > 1 THEN CAST(ceil(r.gaps * CAST(a.n - a.first_n AS DOUBLE) / (a.k - 1)) AS BIGINT) ELSE 0 END
        ) AS lapse_n
    FROM alive AS a
    CROSS JOIN rule AS r
),
silent AS (
    SELECT t.*, lag(t.lapse_n) OVER (PARTITION BY t.person_id ORDER BY t.n) AS lapsed_n FROM timed AS t
),
purchase AS (
    SELECT
        a.person_id AS person_id, a.n AS n,
        CASE r.purchases
            WHEN 2 THEN lag(a.n, 1) OVER (PARTITION BY a.person_id ORDER BY a.n)
            WHEN 3 THEN lag(a.n, 2) OVER (PARTITION BY a.person_id ORDER BY a.n)
            WHEN 4 THEN lag(a.n, 3) OVER (PARTITION BY a.person_id ORDER BY a.n)
            WHEN 5 THEN lag(a.n, 4) OVER (PARTITION BY a.person_id ORDER BY a.n)
            ELSE lag(a.n, 5) OVER (PARTITION BY a.person_id ORDER BY a.n)
        END + r.span AS end_n,
        lead(a.n) OVER (PARTITION BY a.person_id ORDER BY a.n) AS next_n
    FROM acted AS a
    CROSS JOIN rule AS r
    WHERE a.bought = 1
),
habit AS (
    SELECT p.*, lag(p.end_n) OVER (PARTITION BY p.person_id ORDER BY p.n) AS before_n FROM purchase AS p
),
praise AS (
    SELECT
        a.person_id AS person_id, a.n AS n, a.referral AS referral, a.promoter AS promoter, a.n + r.advocacy AS end_n,
        lag(a.n) OVER (PARTITION BY a.person_id ORDER BY a.n) + r.advocacy AS before_n,
        lead(a.n) OVER (PARTITION BY a.person_id ORDER BY a.n) AS next_n
    FROM acted AS a
    CROSS JOIN rule AS r
    WHERE a.referral = 1 OR a.promoter = 1
),
mark AS (
    SELECT
        s.person_id AS person_id, s.n AS n, 0 AS regular, 0 AS advocate,
        CASE WHEN s.lapsed_n < s.n THEN -1 ELSE 0 END AS lapsed, s.bought AS bought, s.visited AS visited,
        s.referral AS referral, s.promoter AS promoter, s.joined AS joined, s.own AS own
    FROM silent AS s
    WHERE s.k = 1 OR s.lapsed_n < s.n OR (s.bought = 1 AND s.purchases = 1) OR (s.visited = 1 AND s.visits = 1)
    UNION ALL
    SELECT s.person_id, s.lapse_n, 0, 0, 1, 0, 0, 0, 0, 0, 0
    FROM silent AS s
    CROSS JOIN rule AS r
    WHERE s.lapse_n <= r.today AND (s.next_n IS NULL OR s.next_n > s.lapse_n)
    UNION ALL
    SELECT h.person_id, h.n, 1, 0, 0, 1, 0, 0, 0, 0, 1
    FROM habit AS h
    WHERE h.end_n > h.n AND (h.before_n IS NULL OR h.before_n < h.n)
    UNION ALL
    SELECT h.person_id, h.end_n, -1, 0, 0, 0, 0, 0, 0, 0, 0
    FROM habit AS h
    CROSS JOIN rule AS r
    WHERE h.end_n > h.n AND h.end_n <= r.today AND (h.next_n IS NULL OR h.next_n > h.end_n)
    UNION ALL
    SELECT p.person_id, p.n, 0, 1, 0, 0, 0, p.referral, p.promoter, 0, 1
    FROM praise AS p
    WHERE p.before_n IS NULL OR p.before_n < p.n
    UNION ALL
    SELECT p.person_id, p.end_n, 0, -1, 0, 0, 0, 0, 0, 0, 0
    FROM praise AS p
    CROSS JOIN rule AS r
    WHERE p.end_n <= r.today AND (p.next_n IS NULL OR p.next_n > p.end_n)
),
turned AS (
    SELECT
        m.person_id AS person_id, m.n AS n, sum(m.regular) AS regular, sum(m.advocate) AS advocate,
        sum(m.lapsed) AS lapsed, max(m.bought) AS bought, max(m.visited) AS visited, max(m.referral) AS referral,
        max(m.promoter) AS promoter, max(m.joined) AS joined, max(m.own) AS own
    FROM mark AS m
    GROUP BY m.person_id, m.n
),
run AS (
    SELECT
        t.*,
        sum(t.regular) OVER (PARTITION BY t.person_id ORDER BY t.n) AS is_regular,
        sum(t.advocate) OVER (PARTITION BY t.person_id ORDER BY t.n) AS is_advocate,
        sum(t.lapsed) OVER (PARTITION BY t.person_id ORDER BY t.n) AS is_lapsed,
        max(t.bought) OVER (PARTITION BY t.person_id ORDER BY t.n) AS has_bought,
        max(t.visited) OVER (PARTITION BY t.person_id ORDER BY t.n) AS has_visited
    FROM turned AS t
),
staged AS (
    SELECT
        r.*,
        CASE
            WHEN r.is_lapsed > 0 THEN 'lapsed'
            WHEN r.is_regular > 0 AND r.is_advocate > 0 THEN 'advocate'
            WHEN r.is_regular > 0 THEN 'regular'
            WHEN r.has_bought = 1 THEN 'bought'
            WHEN r.has_visited = 1 THEN 'visited'
            ELSE 'aware'
        END AS stage
    FROM run AS r
),
moved AS (
    SELECT s.*, lag(s.stage) OVER (PARTITION BY s.person_id ORDER BY s.n) AS previous FROM staged AS s
)
SELECT
    m.person_id AS person_id, CAST(m.n AS BIGINT) AS day_number, m.previous AS previous, m.stage AS stage,
    CASE
        WHEN m.stage = 'lapsed' THEN 'silence'
        WHEN m.stage = 'advocate' AND m.referral = 1 THEN 'referral'
        WHEN m.stage = 'advocate' AND m.promoter = 1 THEN 'promoter'
        WHEN m.bought = 1 THEN 'purchase'
        WHEN m.previous = 'advocate' AND m.stage = 'regular' THEN 'praise_aged'
        WHEN m.previous IN ('regular', 'advocate') THEN 'fewer_purchases'
        WHEN m.visited = 1 THEN 'visit'
        WHEN m.joined = 1 THEN 'join'
        WHEN m.own = 1 THEN 'act'
        ELSE 'message'
    END AS cause
FROM moved AS m
WHERE m.previous IS NULL OR m.previous <> m.stage
ORDER BY m.person_id, m.n
