-- Each person's changes of stage up to the instant $at on the business day $day, from all known facts, by the site's own rules.
-- A change depends on nothing later than its day, so that later rows change no past stage. Days are numbered from 1970-01-01.
-- People are numbered within the query: sorting by 4 bytes instead of 16 is most of its time and memory. What a window told of
-- the row before is worked out from running sums, not by a window over a window.
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
person AS (
    SELECT u.person_id AS person_id, CAST(row_number() OVER (ORDER BY u.person_id) AS INTEGER) AS who
    FROM (SELECT o.person_id FROM identifier_owner AS o UNION SELECT m.person_id FROM member AS m) AS u
),
owner AS (
    SELECT o.identifier_id AS identifier_id, p.who AS who
    FROM identifier_owner AS o
    INNER JOIN person AS p ON p.person_id = o.person_id
),
fact AS (
    SELECT
        o.who AS who, s.day AS day, CASE WHEN s.net_minor >= 0 THEN 1 ELSE 0 END AS bought,
        CASE WHEN s.net_minor < 0 THEN 1 ELSE 0 END AS visited, 0 AS referral, 0 AS promoter, 0 AS joined, 1 AS own
    FROM sale AS s
    INNER JOIN owner AS o ON o.identifier_id = s.identifier_id
    WHERE s.day < $day OR (s.day = $day AND s.at <= $at)
    UNION ALL
    SELECT
        o.who, a.day, 0, CASE WHEN a.kind IN ('visit', 'parking') THEN 1 ELSE 0 END, 0,
        CASE WHEN a.kind = 'nps' AND a.score >= r.promoter THEN 1 ELSE 0 END,
        CASE WHEN a.kind IN ('join', 'referral') THEN 1 ELSE 0 END,
        CASE WHEN a.kind IN ('campaign_sent', 'campaign_delivered', 'campaign_holdout') THEN 0 ELSE 1 END
    FROM activity AS a
    INNER JOIN owner AS o ON o.identifier_id = a.identifier_id
    CROSS JOIN rule AS r
    WHERE a.day < $day OR (a.day = $day AND a.at <= $at)
    UNION ALL
    SELECT o.who, a.day, 0, 0, 1, 0, 0, 1
    FROM activity AS a
    INNER JOIN owner AS o ON o.identifier_id = a.related_id
    WHERE a.kind = 'referral' AND (a.day < $day OR (a.day = $day AND a.at <= $at))
    UNION ALL
    SELECT p.who, m.joined_day, 0, 0, 0, 0, 1, 1
    FROM member AS m
    INNER JOIN person AS p ON p.person_id = m.person_id
    WHERE m.joined_day <= $day
),
acted AS (
    SELECT
        f.who AS who, CAST(date_diff('day', CAST('1970-01-01' AS DATE), CAST(f.day AS DATE)) AS INTEGER) AS n,
        max(f.bought) AS bought, max(f.visited) AS visited, max(f.referral) AS referral, max(f.promoter) AS promoter,
        max(f.joined) AS joined, max(f.own) AS own
    FROM fact AS f
    GROUP BY f.who, f.day
),
placed AS (
    SELECT
        a.who AS who, a.n AS n, a.bought AS bought, a.visited AS visited, a.referral AS referral, a.promoter AS promoter,
        a.joined AS joined, a.own AS own,
        row_number() OVER (PARTITION BY a.who ORDER BY a.n) AS rank,
        min(a.n) OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_n,
        max(CASE WHEN a.own = 1 THEN a.n END)
            OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before_n,
        min(CASE WHEN a.own = 1 THEN a.n END)
            OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_n,
        count(CASE WHEN a.own = 1 THEN 1 END)
            OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS acts,
        count(CASE WHEN a.bought = 1 THEN 1 END)
            OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS purchases,
        count(CASE WHEN a.visited = 1 THEN 1 END)
            OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visits,
        first_value(a.own) OVER (PARTITION BY a.who ORDER BY a.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_own
    FROM acted AS a
),
alive AS (
    SELECT
        p.who AS who, p.n AS n, p.bought AS bought, p.visited AS visited, p.referral AS referral, p.promoter AS promoter,
        p.joined AS joined, p.own AS own, p.rank AS rank, p.first_n AS first_n, p.next_n AS next_n,
        p.purchases AS purchases, p.visits AS visits, coalesce(p.before_n, p.first_n) AS before_n,
        p.acts + 1 - p.first_own AS before_k
    FROM placed AS p
    WHERE p.own = 1 OR p.rank = 1
),
silent AS (
    SELECT
        a.who AS who, a.n AS n, a.bought AS bought, a.visited AS visited, a.referral AS referral, a.promoter AS promoter,
        a.joined AS joined, a.own AS own, a.rank AS rank, a.next_n AS next_n, a.purchases AS purchases, a.visits AS visits,
        a.n + greatest(
            r.silence,
            CASE
                WHEN a.rank > 1 THEN CAST(ceil(r.gaps * CAST(a.n - a.first_n AS DOUBLE) / a.before_k) AS BIGINT) ELSE 0
            END
        ) AS lapse_n,
        CASE
            WHEN a.rank > 1 THEN a.before_n + greatest(
                r.silence,
                CASE
                    WHEN a.before_k > 1
                        THEN CAST(ceil(r.gaps * CAST(a.before_n - a.first_n AS DOUBLE) / (a.before_k - 1)) AS BIGINT)
                    ELSE 0
                END
            )
        END AS lapsed_n
    FROM alive AS a
    CROSS JOIN rule AS r
),
purchase AS (
    SELECT
        a.who AS who, a.n AS n,
        lag(a.n, 1) OVER (PARTITION BY a.who ORDER BY a.n) AS back_1,
        lag(a.n, 2) OVER (PARTITION BY a.who ORDER BY a.n) AS back_2,
        lag(a.n, 3) OVER (PARTITION BY a.who ORDER BY a.n) AS back_3,
        lag(a.n, 4) OVER (PARTITION BY a.who ORDER BY a.n) AS back_4,
        lag(a.n, 5) OVER (PARTITION BY a.who ORDER BY a.n) AS back_5,
        lag(a.n, 6) OVER (PARTITION BY a.who ORDER BY a.n) AS back_6,
        lead(a.n) OVER (PARTITION BY a.who ORDER BY a.n) AS next_n
    FROM acted AS a
    WHERE a.bought = 1
),
habit AS (
    SELECT
        p.who AS who, p.n AS n, p.next_n AS next_n,
        CASE r.purchases
            WHEN 2 THEN p.back_1 WHEN 3 THEN p.back_2 WHEN 4 THEN p.back_3 WHEN 5 THEN p.back_4 ELSE p.back_5
        END + r.span AS end_n,
        CASE r.purchases
            WHEN 2 THEN p.back_2 WHEN 3 THEN p.back_3 WHEN 4 THEN p.back_4 WHEN 5 THEN p.back_5 ELSE p.back_6
        END + r.span AS before_n
    FROM purchase AS p
    CROSS JOIN rule AS r
),
praise AS (
    SELECT
        a.who AS who, a.n AS n, a.referral AS referral, a.promoter AS promoter, a.n + r.advocacy AS end_n,
        lag(a.n) OVER (PARTITION BY a.who ORDER BY a.n) + r.advocacy AS before_n,
        lead(a.n) OVER (PARTITION BY a.who ORDER BY a.n) AS next_n
    FROM acted AS a
    CROSS JOIN rule AS r
    WHERE a.referral = 1 OR a.promoter = 1
),
mark AS (
    SELECT
        s.who AS who, s.n AS n, 0 AS regular, 0 AS advocate,
        CASE WHEN s.lapsed_n < s.n THEN -1 ELSE 0 END AS lapsed, s.bought AS bought, s.visited AS visited,
        s.referral AS referral, s.promoter AS promoter, s.joined AS joined, s.own AS own
    FROM silent AS s
    WHERE s.rank = 1 OR s.lapsed_n < s.n OR (s.bought = 1 AND s.purchases = 1) OR (s.visited = 1 AND s.visits = 1)
    UNION ALL
    SELECT s.who, s.lapse_n, 0, 0, 1, 0, 0, 0, 0, 0, 0
    FROM silent AS s
    CROSS JOIN rule AS r
    WHERE s.lapse_n <= r.today AND (s.next_n IS NULL OR s.next_n > s.lapse_n)
    UNION ALL
    SELECT h.who, h.n, 1, 0, 0, 1, 0, 0, 0, 0, 1
    FROM habit AS h
    WHERE h.end_n > h.n AND (h.before_n IS NULL OR h.before_n < h.n)
    UNION ALL
    SELECT h.who, h.end_n, -1, 0, 0, 0, 0, 0, 0, 0, 0
    FROM habit AS h
    CROSS JOIN rule AS r
    WHERE h.end_n > h.n AND h.end_n <= r.today AND (h.next_n IS NULL OR h.next_n > h.end_n)
    UNION ALL
    SELECT p.who, p.n, 0, 1, 0, 0, 0, p.referral, p.promoter, 0, 1
    FROM praise AS p
    WHERE p.before_n IS NULL OR p.before_n < p.n
    UNION ALL
    SELECT p.who, p.end_n, 0, -1, 0, 0, 0, 0, 0, 0, 0
    FROM praise AS p
    CROSS JOIN rule AS r
    WHERE p.end_n <= r.today AND (p.next_n IS NULL OR p.next_n > p.end_n)
),
turned AS (
    SELECT
        m.who AS who, CAST(m.n AS INTEGER) AS n, CAST(sum(m.regular) AS INTEGER) AS regular,
        CAST(sum(m.advocate) AS INTEGER) AS advocate, CAST(sum(m.lapsed) AS INTEGER) AS lapsed, max(m.bought) AS bought,
        max(m.visited) AS visited, max(m.referral) AS referral, max(m.promoter) AS promoter, max(m.joined) AS joined,
        max(m.own) AS own
    FROM mark AS m
    GROUP BY m.who, m.n
),
summed AS (
    SELECT
        t.who AS who, t.n AS n, t.regular AS regular, t.advocate AS advocate, t.lapsed AS lapsed, t.bought AS bought,
        t.visited AS visited, t.referral AS referral, t.promoter AS promoter, t.joined AS joined, t.own AS own,
        row_number() OVER (PARTITION BY t.who ORDER BY t.n) AS rank,
        sum(t.regular)
            OVER (PARTITION BY t.who ORDER BY t.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS regulars,
        sum(t.advocate)
            OVER (PARTITION BY t.who ORDER BY t.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS advocates,
        sum(t.lapsed)
            OVER (PARTITION BY t.who ORDER BY t.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS lapses,
        sum(t.bought)
            OVER (PARTITION BY t.who ORDER BY t.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS purchases,
        sum(t.visited)
            OVER (PARTITION BY t.who ORDER BY t.n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visits
    FROM turned AS t
),
moved AS (
    SELECT
        s.who AS who, s.n AS n, s.bought AS bought, s.visited AS visited, s.referral AS referral, s.promoter AS promoter,
        s.joined AS joined, s.own AS own,
        CASE
            WHEN s.rank = 1 THEN NULL
            WHEN s.lapses - s.lapsed > 0 THEN 'lapsed'
            WHEN s.regulars - s.regular > 0 AND s.advocates - s.advocate > 0 THEN 'advocate'
            WHEN s.regulars - s.regular > 0 THEN 'regular'
            WHEN s.purchases - s.bought > 0 THEN 'bought'
            WHEN s.visits - s.visited > 0 THEN 'visited'
            ELSE 'aware'
        END AS previous,
        CASE
            WHEN s.lapses > 0 THEN 'lapsed'
            WHEN s.regulars > 0 AND s.advocates > 0 THEN 'advocate'
            WHEN s.regulars > 0 THEN 'regular'
            WHEN s.purchases > 0 THEN 'bought'
            WHEN s.visits > 0 THEN 'visited'
            ELSE 'aware'
        END AS stage
    FROM summed AS s
)
SELECT
    i.person_id AS person_id, CAST(m.n AS BIGINT) AS day_number, m.previous AS previous, m.stage AS stage,
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
INNER JOIN person AS i ON i.who = m.who
WHERE m.previous IS NULL OR m.previous <> m.stage
ORDER BY person_id, day_number
