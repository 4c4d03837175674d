"""The rows of people.sql and the other files, for a few subjects, in the store's own words: a test holds both together.

`:day` and `:at` are the moment, `{ids}` the subjects' parameters.
"""

from __future__ import annotations

AGE = "CAST(julianday(:day) - julianday({}) AS INTEGER)"
PEOPLE = f"""
WITH own AS (SELECT identifier_id, person_id FROM identifier_owner WHERE person_id IN ({{ids}})),
did AS (SELECT o.person_id AS person_id, min(a.day) AS day FROM own o
  JOIN activity a ON a.identifier_id = o.identifier_id WHERE a.day < :day OR (a.day = :day AND a.at <= :at) GROUP BY 1),
joined AS (SELECT person_id, min(joined_day) AS day, min(home_area) AS home_area, min(channel) AS channel FROM member
  WHERE person_id IN ({{ids}}) AND joined_day <= :day GROUP BY 1),
bought AS (SELECT o.person_id AS person_id, min(s.day) AS day FROM own o
  JOIN sale s ON s.identifier_id = o.identifier_id
  WHERE s.net_minor >= 0 AND (s.day < :day OR (s.day = :day AND s.at <= :at)) GROUP BY 1),
signs AS (SELECT o.person_id AS person_id, max(i.kind = 'phone') AS phone, max(i.kind = 'email') AS email
  FROM own o JOIN identifier i ON i.id = o.identifier_id GROUP BY 1),
newest AS (SELECT c.identifier_id AS identifier_id, c.channel AS channel, max(c.at) AS at FROM own o
  JOIN consent_decision c ON c.identifier_id = o.identifier_id WHERE c.purpose = 'marketing' AND c.at <= :at
  GROUP BY 1, 2),
allowed AS (SELECT o.person_id AS person_id,
  max(c.decision = 'grant' AND (c.expires_at IS NULL OR c.expires_at > :at)) AS granted,
  max(c.decision <> 'grant' AND c.channel = 'any') AS refused
  FROM newest n JOIN consent_decision c ON c.identifier_id = n.identifier_id AND c.channel = n.channel AND c.at = n.at
    AND c.purpose = 'marketing' JOIN own o ON o.identifier_id = n.identifier_id GROUP BY 1)
SELECT p.id, {AGE.format("min(coalesce(d.day, '9999'), coalesce(j.day, '9999'), coalesce(b.day, '9999'))")},
  {AGE.format("b.day")}, {AGE.format("j.day")}, coalesce(s.phone, 0), coalesce(s.email, 0), j.home_area, j.channel,
  coalesce(w.granted, 0) = 1 AND coalesce(w.refused, 0) = 0, coalesce(w.refused, 0)
FROM person p LEFT JOIN did d ON d.person_id = p.id LEFT JOIN joined j ON j.person_id = p.id
LEFT JOIN bought b ON b.person_id = p.id LEFT JOIN signs s ON s.person_id = p.id
LEFT JOIN allowed w ON w.person_id = p.id
WHERE p.id IN ({{ids}}) AND p.state = 'active' AND coalesce(d.day, j.day, b.day) IS NOT NULL
"""  # noqa: S608 - question marks and our own words
TOUCHES = f"""
WITH bought AS (SELECT o.person_id AS person_id, min(s.day) AS day FROM identifier_owner o
  JOIN sale s ON s.identifier_id = o.identifier_id WHERE o.person_id IN ({{ids}}) AND s.net_minor >= 0
  AND (s.day < :day OR (s.day = :day AND s.at <= :at)) GROUP BY 1)
SELECT o.person_id, a.kind, {AGE.format("a.day")}, count(*) FROM identifier_owner o
JOIN activity a ON a.identifier_id = o.identifier_id LEFT JOIN bought b ON b.person_id = o.person_id
WHERE o.person_id IN ({{ids}}) AND (a.day < :day OR (a.day = :day AND a.at <= :at))
  AND (b.day IS NULL OR a.day < b.day)
GROUP BY o.person_id, a.kind, a.day
"""  # noqa: S608
DEALS = f"""
SELECT d.id, d.pipeline, {AGE.format("d.opened_day")},
  CASE WHEN d.state <> 'open' AND d.closed_day <= :day THEN {AGE.format("d.closed_day")} END,
  d.state = 'won' AND d.closed_day IS NOT NULL AND d.closed_day <= :day, d.value_minor, d.gla_m2, p.outlets, c.code,
  p.home_area, p.channel,
  CASE WHEN d.stage IN ('enquiry', 'qualified', 'viewing', 'terms', 'legal', 'signed') THEN d.stage END
FROM deal d JOIN prospect p ON p.id = d.prospect_id LEFT JOIN category c ON c.id = p.category_id
WHERE d.id IN ({{ids}}) AND d.opened_day <= :day AND (d.state = 'open' OR d.closed_day IS NOT NULL)
"""  # noqa: S608
DEAL_TOUCHES = f"""
SELECT deal_id, CASE WHEN kind = 'stage' THEN 'stage_' || coalesce(stage, '') ELSE kind END, {AGE.format("day")},
  count(*) FROM deal_activity WHERE deal_id IN ({{ids}}) AND (day < :day OR (day = :day AND at <= :at))
AND (stage IS NULL OR stage NOT IN ('won', 'lost', 'signed')) GROUP BY deal_id, kind, stage, day
"""  # noqa: S608
