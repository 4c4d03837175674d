-- What nodes call to take what others sent. Only sync_unite changes rows.
-- A page is JSON text with its row count and MD5, which the node checks before it applies anything. Its rows are read
-- where they stand at that moment, so what changed twice comes once, and what came in a later change may come early.

-- The rows of these keys as they stand now: {"t", "c": columns, "rows": [[pk, values…, hlc, node, xid, clocks]],
-- "gone": [[pk, hlc of its deletion or null]]}.
-- One look into the key's index a row (LATERAL with OFFSET 0 is planned by itself): a table that grew since it was last
-- analysed would else be read whole for each page.
CREATE OR REPLACE FUNCTION hub.read_rows(p_site uuid, p_rel hub.relation, p_keys text[], OUT body text, OUT n int)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
    cols text[] := ARRAY(SELECT c FROM jsonb_object_keys(p_rel.columns) c ORDER BY c);
    source text; pk text; found text; there text[]; gone jsonb;
BEGIN
    SELECT string_agg(format('t.%I::text', k), ' || chr(31) || ' ORDER BY i) INTO pk
    FROM unnest(p_rel.key) WITH ORDINALITY AS u(k, i);
    IF cardinality(p_rel.key) = 1 THEN
        source := format('t.%I = k.pk::%s', p_rel.key[1], p_rel.columns ->> p_rel.key[1]);
    ELSE
        SELECT string_agg(format('t.%I = split_part(k.pk, chr(31), %s)::%s', k, i, p_rel.columns ->> k), ' AND ' ORDER BY i)
        INTO source FROM unnest(p_rel.key) WITH ORDINALITY AS u(k, i);
    END IF;
    source := format('unnest($2) AS k(pk) CROSS JOIN LATERAL (SELECT * FROM atrium.%I t WHERE t.site_id = $1 AND %s '
                     'OFFSET 0) t', p_rel.name, source);
    EXECUTE format(
        'SELECT json_agg(json_build_array(%s, %s, t.hlc, t.node_id, %s))::text, array_agg(%s) FROM %s',
        pk, (SELECT string_agg(format('t.%I', c), ', ' ORDER BY i) FROM unnest(cols) WITH ORDINALITY AS u(c, i)),
        CASE WHEN p_rel.kind IN ('E', 'R') THEN 't.xid::text::bigint, t.clocks' ELSE 'NULL, NULL' END, pk, source)
    INTO found, there USING p_site, p_keys;
    SELECT coalesce(jsonb_agg(jsonb_build_array(g.pk, d.hlc) ORDER BY g.pk), '[]') INTO gone
    FROM (SELECT unnest(p_keys) AS pk EXCEPT SELECT unnest(there)) g
    LEFT JOIN hub.tombstone d ON d.site_id = p_site AND d.tbl = p_rel.name AND d.pk = g.pk;
    n := coalesce(cardinality(there), 0) + jsonb_array_length(gone);
    body := format('{"t":%s,"c":%s,"rows":%s,"gone":%s}', to_json(p_rel.name), to_json(cols), coalesce(found, '[]'), gone);
END $$;

-- Changes of the site by other nodes (with p_own: by this one too), beyond the cursor and below every transaction that
-- still runs: a later page can hold nothing that belongs before this one. At most about p_limit rows; `more` says that
-- there are further ones. With none left the cursor goes to the horizon.
CREATE OR REPLACE FUNCTION sync.sync_pull(
    p_epoch text, p_channel text, p_after_xid bigint, p_after_rev bigint, p_limit int, p_own boolean,
    OUT body text, OUT rows int, OUT hash text, OUT xid bigint, OUT rev bigint, OUT more boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    me record; horizon xid8 := pg_snapshot_xmin(pg_current_snapshot()); change hub.change; wanted jsonb := '{}';
    aliases jsonb := '[]'; conflicts jsonb := '[]'; central jsonb := '[]'; newest bigint := 0; total int := 0;
    cap bigint := ((extract(epoch FROM clock_timestamp()) * 1000)::bigint + 300000) << 16;
    most int := least(greatest(p_limit, 1), 5000);
BEGIN
    SELECT * INTO me FROM hub.me();
    IF NOT EXISTS (SELECT FROM hub.node n WHERE n.site_id = me.site_id AND n.node_id = me.node_id AND n.epoch = p_epoch) THEN
        RAISE EXCEPTION 'another copy of this node''s store is in use, or it has not said hello' USING ERRCODE = 'AT409';
    END IF;
    more := false; xid := horizon::text::bigint; rev := 0;
    FOR change IN
        SELECT c.* FROM hub.change c
        WHERE c.site_id = me.site_id AND (c.xid, c.rev) > (p_after_xid::text::xid8, p_after_rev) AND c.xid < horizon
        AND c.channel = p_channel AND (c.everyone OR p_own OR c.node_id <> me.node_id)
        ORDER BY c.xid, c.rev
    LOOP
        IF total >= most THEN more := true; EXIT; END IF;
        xid := change.xid::text::bigint; rev := change.rev; newest := greatest(newest, least(change.hlc, cap));
        total := total + cardinality(change.keys);
        IF change.op = 'A' THEN
            aliases := aliases || jsonb_build_array(
                jsonb_build_array(change.tbl, change.keys[1], change.detail ->> 'canonical'));
        ELSE
            wanted := jsonb_set(wanted, ARRAY[change.tbl], coalesce(wanted -> change.tbl, '[]') || to_jsonb(change.keys));
            IF change.op = 'C' THEN
                conflicts := conflicts || jsonb_build_array(change.detail || jsonb_build_object(
                    'tbl', change.tbl, 'pk', change.keys[1], 'at', (extract(epoch FROM change.at) * 1000)::bigint));
            ELSIF change.node_id = '00000000-0000-0000-0000-000000000000' THEN
                central := central || jsonb_build_array(jsonb_build_array(change.tbl, to_jsonb(change.keys)));
            END IF;
        END IF;
    END LOOP;
    IF NOT more THEN xid := horizon::text::bigint; rev := 0; END IF;
    SELECT format('{"hlc":%s,"alias":%s,"conflicts":%s,"central":%s,"tables":[%s]}', newest, aliases, conflicts, central,
                  coalesce(string_agg(r.body, ','), '')),
           jsonb_array_length(aliases) + jsonb_array_length(conflicts) + coalesce(sum(r.n), 0)::int
    INTO body, rows
    FROM jsonb_each(wanted) AS w(tbl, keys)
    JOIN hub.relation l ON l.name = w.tbl
    CROSS JOIN LATERAL hub.read_rows(me.site_id, l, ARRAY(SELECT DISTINCT jsonb_array_elements_text(w.keys))) r;
    hash := md5(body);
END $$;

-- Rows by their keys, in the same form; "fate" tells of keys that have no row: dead (deleted), an id (what they are
-- called now) or none (never been here).
CREATE OR REPLACE FUNCTION sync.sync_rows(
    p_tbl text, p_keys text[], OUT body text, OUT rows int, OUT hash text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE me record; rel hub.relation; keys text[]; part record; fate jsonb;
BEGIN
    SELECT * INTO me FROM hub.me();
    IF cardinality(p_keys) > 5000 THEN RAISE EXCEPTION 'too many keys' USING ERRCODE = 'AT400'; END IF;
    SELECT * INTO rel FROM hub.relation r WHERE r.name = p_tbl;
    keys := ARRAY(SELECT DISTINCT unnest(p_keys));
    SELECT * INTO part FROM hub.read_rows(me.site_id, rel, keys);
    SELECT coalesce(jsonb_object_agg(g.item ->> 0, CASE
        WHEN a.id IS NOT NULL THEN a.canonical_id::text WHEN g.item ->> 1 IS NOT NULL THEN 'dead' ELSE 'none' END), '{}')
    INTO fate FROM jsonb_array_elements(part.body::jsonb -> 'gone') AS g(item)
    LEFT JOIN hub.alias a ON a.site_id = me.site_id AND a.tbl = p_tbl AND a.id::text = g.item ->> 0;
    body := format('{"hlc":0,"alias":[],"conflicts":[],"central":[],"fate":%s,"tables":[%s]}', fate, part.body);
    rows := part.n; hash := md5(body);
END $$;

-- Two rows with one natural key: a table in partitions by day cannot keep that from happening where their days differ.
-- A node that meets them has them united: the older id stands. Answers that id, or nothing where they are no twins now.
CREATE OR REPLACE FUNCTION sync.sync_unite(p_tbl text, p_one uuid, p_other uuid)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record; rel hub.relation; standing uuid := least(p_one, p_other); loser uuid := greatest(p_one, p_other);
    alike text; same boolean; newest bigint;
BEGIN
    SELECT * INTO me FROM hub.me();
    SELECT * INTO rel FROM hub.relation r WHERE r.name = p_tbl AND r.key = ARRAY['id'];
    FOR alike IN SELECT (SELECT string_agg(format('s.%I = t.%I', c, c), ' AND ') FROM jsonb_array_elements_text(n -> 'columns') c)
                 FROM jsonb_array_elements(rel.naturals) n WHERE n ->> 'where' = '' LOOP
        EXECUTE format('SELECT true, greatest(s.hlc, t.hlc) FROM atrium.%I s, atrium.%I t WHERE s.site_id = $1 '
                       'AND t.site_id = $1 AND s.id = $2 AND t.id = $3 AND %s', p_tbl, p_tbl, alike)
        INTO same, newest USING me.site_id, standing, loser;
        EXIT WHEN same;
    END LOOP;
    IF same IS NOT TRUE THEN RETURN NULL; END IF;
    EXECUTE format('DELETE FROM atrium.%I t WHERE t.site_id = $1 AND t.id = $2', p_tbl) USING me.site_id, loser;
    INSERT INTO hub.alias (site_id, tbl, id, canonical_id, node_id, at)
    VALUES (me.site_id, p_tbl, loser, standing, me.node_id, clock_timestamp()) ON CONFLICT DO NOTHING;
    PERFORM hub.note_change(me.site_id, me.node_id, rel, 'A', true, ARRAY[loser::text], NULL,
                            jsonb_build_object('canonical', standing), newest);
    PERFORM hub.repoint(me.site_id, now(), me.node_id);
    RETURN standing;
END $$;

-- One canonical text a row, the same at both ends (models.sync.entropy): columns in the order given, chr(30) for NULL,
-- blobs and ids in hexadecimal, a float as its IEEE 754 bits.
CREATE OR REPLACE FUNCTION hub.row_text(p_rel hub.relation, p_columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(format('coalesce(%s, chr(30))', CASE p_rel.columns ->> c
        WHEN 'uuid' THEN format('replace(t.%I::text, ''-'', '''')', c)
        WHEN 'bytea' THEN format('encode(t.%I, ''hex'')', c)
        WHEN 'double precision' THEN format('encode(float8send(t.%I), ''hex'')', c)
        ELSE format('t.%I::text', c) END), ' || chr(31) || ' ORDER BY n)
    FROM unnest(p_columns) WITH ORDINALITY AS u(c, n)
$$;

CREATE OR REPLACE FUNCTION hub.dated_source(p_rel hub.relation, p_parent text, OUT source text, OUT day text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE above hub.relation;
BEGIN
    source := format('atrium.%I t', p_rel.name);
    IF p_parent <> '' THEN
        SELECT * INTO above FROM hub.relation r WHERE r.name = p_parent;
        source := source || format(' JOIN atrium.%I p ON p.site_id = t.site_id AND p.id = t.%I', p_parent, p_rel.key[1]);
        day := format('p.%I', above.day);
    ELSIF p_rel.day IS NULL THEN
        day := 'NULL::date';
    ELSE
        day := format('t.%I', p_rel.day);
    END IF;
END $$;

-- Per day (empty for a table without): rows and the sum of their 64-bit hashes. Days from p_from on and, of those
-- before, every seventh, which one p_turn says (0 to 6; -1: all).
CREATE OR REPLACE FUNCTION sync.sync_sums(p_tbl text, p_columns text[], p_parent text, p_from date, p_turn int)
RETURNS TABLE (day text, n bigint, total numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE me record; rel hub.relation; dated record;
BEGIN
    SELECT * INTO me FROM hub.me();
    SELECT * INTO rel FROM hub.relation r WHERE r.name = p_tbl;
    PERFORM hub.check_columns(rel, p_columns);
    SELECT * INTO dated FROM hub.dated_source(rel, p_parent);
    RETURN QUERY EXECUTE format(
        'SELECT coalesce(%s::text, ''''), count(*), sum((''x'' || left(md5(%s), 16))::bit(64)::bigint) FROM %s '
        'WHERE t.site_id = $1%s GROUP BY 1', dated.day, hub.row_text(rel, p_columns), dated.source,
        CASE WHEN dated.day = 'NULL::date' THEN '' ELSE format(
            ' AND (%s >= $2 OR $3 = -1 OR (%s - date ''2000-01-03'') %% 7 = $3)', dated.day, dated.day) END)
    USING me.site_id, p_from, p_turn;
END $$;

-- The rows of one day: key, hash, and whether this node's is the last word on it.
CREATE OR REPLACE FUNCTION sync.sync_hashes(p_tbl text, p_columns text[], p_parent text, p_day date)
RETURNS TABLE (pk text, hash bigint, mine boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE me record; rel hub.relation; dated record; its_key text;
BEGIN
    SELECT * INTO me FROM hub.me();
    SELECT * INTO rel FROM hub.relation r WHERE r.name = p_tbl;
    PERFORM hub.check_columns(rel, p_columns);
    SELECT * INTO dated FROM hub.dated_source(rel, p_parent);
    SELECT string_agg(format('t.%I::text', k), ' || chr(31) || ' ORDER BY i) INTO its_key
    FROM unnest(rel.key) WITH ORDINALITY AS u(k, i);
    RETURN QUERY EXECUTE format(
        'SELECT %s, (''x'' || left(md5(%s), 16))::bit(64)::bigint, t.node_id = $2 FROM %s WHERE t.site_id = $1%s',
        its_key, hub.row_text(rel, p_columns), dated.source,
        CASE WHEN p_day IS NULL THEN '' ELSE format(' AND %s = $3', dated.day) END)
    USING me.site_id, me.node_id, p_day;
END $$;
