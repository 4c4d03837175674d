-- Who is calling, where rows go, and how one row is taken in. Not for nodes: only the functions of `sync` call these.

-- The site and node of the session's login. Nothing a client can set has a part in it.
CREATE OR REPLACE FUNCTION hub.me(OUT site_id uuid, OUT node_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT n.site_id, n.node_id INTO me.site_id, me.node_id
    FROM hub.login l JOIN hub.node n ON n.site_id = l.site_id AND n.node_id = l.node_id
    WHERE l.login = session_user AND n.revoked_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this login belongs to no node' USING ERRCODE = 'AT403';
    END IF;
END $$;

-- The sites a login for reports may read.
CREATE OR REPLACE FUNCTION hub.readable_sites() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(s.site_id), '{}') FROM hub.site s
    WHERE EXISTS (SELECT FROM hub.reader r WHERE r.login = session_user AND (r.site_id IS NULL OR r.site_id = s.site_id))
$$;

-- A month's partition, where it is missing. It is attached, not created in place, since that locks no writer out.
CREATE OR REPLACE FUNCTION hub.make_partition(p_tbl text, p_month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := format('%s_%s', p_tbl, to_char(p_month, 'YYYYMM'));
    path text := format('atrium.%I', part);
BEGIN
    IF to_regclass(path) IS NOT NULL THEN RETURN; END IF;
    IF p_month < date '1990-01-01' OR p_month > current_date + interval '2 years' THEN
        RAISE EXCEPTION '% is no day a fact of % can have', p_month, p_tbl USING ERRCODE = '22008';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('atrium partitions'));
    -- Who held the lock may have made it. A query sees that; to_regclass may still remember that there was none.
    IF EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'atrium'::regnamespace AND c.relname = part) THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %s (LIKE atrium.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', path, p_tbl);
    EXECUTE format('ALTER TABLE %s OWNER TO atrium_owner', path);
    EXECUTE format('ALTER TABLE atrium.%I ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                   p_tbl, path, p_month, (p_month + interval '1 month')::date);
END $$;

-- The key of a row as text: its columns as PostgreSQL writes them, joined by chr(31).
CREATE OR REPLACE FUNCTION hub.pk_of(p_key text[], p_row jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(p_row ->> k, chr(31) ORDER BY n) FROM unnest(p_key) WITH ORDINALITY AS u(k, n)
$$;

-- `a = x AND b = y` for the key in p_row, each column in its own type so that the index is used.
CREATE OR REPLACE FUNCTION hub.where_key(p_rel hub.relation, p_names text[], p_row jsonb) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(format('t.%I = %L::%s', k, p_row ->> k, p_rel.columns ->> k), ' AND ') FROM unnest(p_names) k
$$;

CREATE OR REPLACE FUNCTION hub.relation_of(p_tbl text, p_channel text) RETURNS hub.relation
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE rel hub.relation;
BEGIN
    SELECT * INTO rel FROM hub.relation r WHERE r.name = p_tbl;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'too_new: the hub has no table %', p_tbl USING ERRCODE = 'AT426';
    ELSIF rel.channel <> p_channel THEN
        RAISE EXCEPTION '% does not go by the channel %', p_tbl, p_channel USING ERRCODE = 'AT400';
    END IF;
    RETURN rel;
END $$;

-- Columns that the hub does not know come from a newer node: it keeps its log until the hub has been upgraded.
CREATE OR REPLACE FUNCTION hub.check_columns(p_rel hub.relation, p_columns text[]) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE unknown text;
BEGIN
    SELECT c INTO unknown FROM unnest(p_columns) c WHERE NOT p_rel.columns ? c LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'too_new: the hub has no column %.%', p_rel.name, unknown USING ERRCODE = 'AT426';
    ELSIF NOT p_columns @> p_rel.key THEN
        RAISE EXCEPTION 'a row of % came without its key', p_rel.name USING ERRCODE = 'AT400';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hub.note_change(
    p_site uuid, p_node uuid, p_rel hub.relation, p_op "char", p_everyone boolean, p_keys text[], p_fields text[],
    p_detail jsonb, p_hlc bigint
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO hub.change (site_id, node_id, channel, tbl, op, everyone, keys, fields, detail, hlc)
    VALUES (p_site, p_node, p_rel.channel, p_rel.name, p_op, p_everyone, p_keys, p_fields, p_detail, p_hlc)
$$;

-- A value gave way: it is kept, and every node is told, the one that lost it too.
CREATE OR REPLACE FUNCTION hub.note_conflict(
    p_site uuid, p_node uuid, p_rel hub.relation, p_pk text, p_field text, p_kept jsonb, p_lost jsonb,
    p_kept_node uuid, p_lost_node uuid, p_kept_hlc bigint, p_lost_hlc bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE made uuid;
BEGIN
    INSERT INTO hub.conflict (site_id, tbl, pk, field, kept, lost, kept_node, lost_node, kept_hlc, lost_hlc)
    VALUES (p_site, p_rel.name, p_pk, p_field, p_kept, p_lost, p_kept_node, p_lost_node, p_kept_hlc, p_lost_hlc)
    RETURNING id INTO made;
    PERFORM hub.note_change(
        p_site, p_node, p_rel, 'C', true, ARRAY[p_pk], NULL,
        jsonb_build_object('id', made, 'field', p_field, 'kept', p_kept, 'lost', p_lost, 'kept_node', p_kept_node,
                           'lost_node', p_lost_node, 'kept_hlc', p_kept_hlc, 'lost_hlc', p_lost_hlc),
        greatest(p_kept_hlc, p_lost_hlc));
END $$;

-- The row with its references, and its own id, turned to the ids that stand.
CREATE OR REPLACE FUNCTION hub.with_canonical(p_site uuid, p_rel hub.relation, p_row jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE col text; target text; standing uuid;
BEGIN
    -- A key is one text everywhere, however the node wrote it.
    SELECT p_row || coalesce(jsonb_object_agg(k, (p_row ->> k)::uuid), '{}') INTO p_row
    FROM unnest(p_rel.key) k WHERE p_rel.columns ->> k = 'uuid' AND p_row ->> k IS NOT NULL;
    FOR col, target IN SELECT key, value FROM jsonb_each_text(p_rel.refs)
                       UNION ALL SELECT 'id', p_rel.name WHERE p_rel.key = ARRAY['id'] LOOP
        IF p_row ->> col IS NOT NULL THEN
            SELECT a.canonical_id INTO standing FROM hub.alias a
            WHERE a.site_id = p_site AND a.tbl = target AND a.id = (p_row ->> col)::uuid;
            IF FOUND THEN p_row := p_row || jsonb_build_object(col, standing); END IF;
        END IF;
    END LOOP;
    RETURN p_row;
END $$;

-- Another row has one of this row's natural keys: it came first and stands, this id becomes its alias.
CREATE OR REPLACE FUNCTION hub.take_twin(
    p_site uuid, p_node uuid, p_rel hub.relation, p_row jsonb, p_hlc bigint
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE alike text[]; condition text; standing jsonb; field text;
BEGIN
    IF p_rel.key <> ARRAY['id'] THEN RETURN false; END IF;
    FOR alike, condition IN SELECT ARRAY(SELECT jsonb_array_elements_text(n -> 'columns')), n ->> 'where'
                            FROM jsonb_array_elements(p_rel.naturals) n LOOP
        EXECUTE format('SELECT to_jsonb(t) FROM atrium.%I t WHERE t.site_id = $1 AND %s AND t.id <> $2%s LIMIT 1',
                       p_rel.name, hub.where_key(p_rel, alike, p_row), CASE condition WHEN '' THEN '' ELSE ' AND ' || condition END)
        INTO standing USING p_site, (p_row ->> 'id')::uuid;
        IF standing IS NOT NULL THEN
            INSERT INTO hub.alias (site_id, tbl, id, canonical_id, node_id)
            VALUES (p_site, p_rel.name, (p_row ->> 'id')::uuid, (standing ->> 'id')::uuid, p_node)
            ON CONFLICT DO NOTHING;
            IF FOUND THEN
                PERFORM hub.note_change(p_site, p_node, p_rel, 'A', true, ARRAY[p_row ->> 'id'], NULL,
                                        jsonb_build_object('canonical', standing ->> 'id'), p_hlc);
                FOR field IN SELECT c FROM jsonb_object_keys(p_row) c
                             WHERE p_rel.kind IN ('E', 'R') AND c <> 'id' AND NOT c = ANY (alike)
                             AND p_row -> c IS DISTINCT FROM standing -> c LOOP
                    PERFORM hub.note_conflict(
                        p_site, p_node, p_rel, standing ->> 'id', field, standing -> field, p_row -> field,
                        (standing ->> 'node_id')::uuid, p_node, (standing ->> 'hlc')::bigint, p_hlc);
                END LOOP;
            END IF;
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Rows that came earlier under an id that has since given way are turned to the one that stands (all of one push).
CREATE OR REPLACE FUNCTION hub.repoint(p_site uuid, p_since timestamptz, p_node uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE rel hub.relation; col text; target text; others text;
BEGIN
    FOR rel IN SELECT * FROM hub.relation LOOP
        FOR col, target IN SELECT key, value FROM jsonb_each_text(rel.refs) LOOP
            CONTINUE WHEN NOT EXISTS (SELECT FROM hub.alias a WHERE a.site_id = p_site AND a.tbl = target
                                      AND a.node_id = p_node AND a.at >= p_since);
            IF col = ANY (rel.key) THEN
                SELECT string_agg(format(' AND s.%I = t.%I', k, k), '') INTO others
                FROM unnest(rel.key) k WHERE k <> col;
                EXECUTE format(
                    'DELETE FROM atrium.%I t USING hub.alias a, atrium.%I s WHERE t.site_id = $1 AND a.site_id = $1 '
                    'AND a.tbl = $2 AND a.node_id = $3 AND a.at >= $4 AND t.%I = a.id AND s.site_id = $1 '
                    'AND s.%I = a.canonical_id%s', rel.name, rel.name, col, col, coalesce(others, ''))
                USING p_site, target, p_node, p_since;
            END IF;
            EXECUTE format(
                'UPDATE atrium.%I t SET %I = a.canonical_id FROM hub.alias a WHERE t.site_id = $1 AND a.site_id = $1 '
                'AND a.tbl = $2 AND a.node_id = $3 AND a.at >= $4 AND t.%I = a.id', rel.name, col, col)
            USING p_site, target, p_node, p_since;
        END LOOP;
    END LOOP;
END $$;

-- Put a whole row where none stands, or over a fact with an earlier clock. False where a twin stands instead.
CREATE OR REPLACE FUNCTION hub.put_row(
    p_site uuid, p_node uuid, p_rel hub.relation, p_row jsonb, p_hlc bigint
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    cols text[] := ARRAY(SELECT c FROM jsonb_object_keys(p_row) c); listed text; sets text; arbiter text; later boolean;
BEGIN
    IF p_rel.day IS NOT NULL THEN
        PERFORM hub.make_partition(p_rel.name, date_trunc('month', (p_row ->> p_rel.day)::date)::date);
        EXECUTE format('DELETE FROM atrium.%I t WHERE t.site_id = $1 AND %s AND t.%I <> $2 AND t.hlc <= $3',
                       p_rel.name, hub.where_key(p_rel, p_rel.key, p_row), p_rel.day)
        USING p_site, (p_row ->> p_rel.day)::date, p_hlc;
        EXECUTE format('SELECT EXISTS (SELECT FROM atrium.%I t WHERE t.site_id = $1 AND %s AND t.%I <> $2)',
                       p_rel.name, hub.where_key(p_rel, p_rel.key, p_row), p_rel.day)
        INTO later USING p_site, (p_row ->> p_rel.day)::date;
        IF later THEN RETURN true; END IF;
    END IF;
    SELECT string_agg(format('%I', c), ', '), string_agg(format('%I = excluded.%I', c, c), ', ')
    INTO listed, sets FROM unnest(cols) c;
    SELECT string_agg(format('%I', k), ', ') INTO arbiter
    FROM (SELECT unnest(p_rel.key) UNION SELECT p_rel.day WHERE p_rel.day IS NOT NULL) AS u(k);
    EXECUTE format(
        'INSERT INTO atrium.%I AS t (site_id, %s, hlc, node_id) SELECT $1, %s, $2, $3 '
        'FROM jsonb_populate_record(NULL::atrium.%I, $4) ON CONFLICT (site_id, %s) DO UPDATE SET %s, '
        'hlc = excluded.hlc, node_id = excluded.node_id WHERE t.hlc <= excluded.hlc',
        p_rel.name, listed, listed, p_rel.name, arbiter, sets)
    USING p_site, p_hlc, p_node, p_row;
    RETURN true;
EXCEPTION WHEN unique_violation THEN
    IF hub.take_twin(p_site, p_node, p_rel, p_row, p_hlc) THEN RETURN false; END IF;
    RAISE;
END $$;

-- Rows whose new natural key another row still has, as when two codes are exchanged: they wait for the end of the push.
CREATE UNLOGGED TABLE IF NOT EXISTS hub.parked (
    site_id uuid NOT NULL,
    node_id uuid NOT NULL,
    tbl text NOT NULL,
    pk text NOT NULL,
    before jsonb NOT NULL,
    wanted jsonb NOT NULL,
    hlc bigint NOT NULL,
    PRIMARY KEY (site_id, tbl, pk)
);

CREATE OR REPLACE FUNCTION hub.placeholders(p_rel hub.relation, p_pk text, p_cur jsonb, p_won text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_object_agg(c, CASE WHEN p_rel.columns ->> c = 'text' THEN to_jsonb(chr(26) || p_pk) ELSE p_cur -> c END)
    FROM (SELECT DISTINCT jsonb_array_elements_text(n -> 'columns') AS c FROM jsonb_array_elements(p_rel.naturals) n) AS u
    WHERE c = ANY (p_won)
$$;

CREATE OR REPLACE FUNCTION hub.park_row(
    p_site uuid, p_node uuid, p_rel hub.relation, p_pk text, p_cur jsonb, p_row jsonb, p_won text[], p_hlc bigint
) RETURNS void LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO hub.parked (site_id, node_id, tbl, pk, before, wanted, hlc)
    SELECT p_site, p_node, p_rel.name, p_pk, jsonb_object_agg(c, p_cur -> c), jsonb_object_agg(c, p_row -> c), p_hlc
    FROM (SELECT DISTINCT jsonb_array_elements_text(n -> 'columns') AS c FROM jsonb_array_elements(p_rel.naturals) n) AS u
    WHERE c = ANY (p_won)
$$;

-- Give parked rows the keys they wanted. Where another row still has one, the row keeps its own, and its node is told.
CREATE OR REPLACE FUNCTION hub.unpark(p_site uuid, p_node uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE item hub.parked; rel hub.relation; sets text; col text;
BEGIN
    FOR item IN DELETE FROM hub.parked p WHERE p.site_id = p_site AND p.node_id = p_node RETURNING * LOOP
        SELECT * INTO rel FROM hub.relation r WHERE r.name = item.tbl;
        SELECT format('UPDATE atrium.%I t SET %s FROM jsonb_populate_record(NULL::atrium.%I, $2) n WHERE t.site_id = $1 '
                      'AND t.%I = $3::%s', item.tbl, string_agg(format('%I = n.%I', c, c), ', '), item.tbl, rel.key[1],
                      rel.columns ->> rel.key[1])
        INTO sets FROM jsonb_object_keys(item.wanted) c;
        BEGIN
            EXECUTE sets USING p_site, item.wanted, item.pk;
        EXCEPTION WHEN unique_violation THEN
            EXECUTE sets USING p_site, item.before, item.pk;
            FOR col IN SELECT jsonb_object_keys(item.wanted) LOOP
                PERFORM hub.note_conflict(p_site, p_node, rel, item.pk, col, item.before -> col, item.wanted -> col, NULL,
                                          p_node, item.hlc, item.hlc);
            END LOOP;
        END;
    END LOOP;
END $$;

-- Take in one row. p_fields are the columns that its change touched (NULL: all), p_clocks their clocks where they
-- differ from p_hlc, p_seen the last transaction the node had taken: what came later it could not know of.
CREATE OR REPLACE FUNCTION hub.merge_row(
    p_site uuid, p_node uuid, p_rel hub.relation, p_row jsonb, p_fields text[], p_clocks jsonb, p_hlc bigint,
    p_seen bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    its_key text; buried hub.tombstone; cur jsonb; field text; their jsonb; mine bigint; theirs bigint; who uuid;
    won text[] := '{}'; clocks jsonb; wins boolean; later boolean; sets text;
    natural_columns text[] := ARRAY(SELECT DISTINCT jsonb_array_elements_text(n -> 'columns')
                                    FROM jsonb_array_elements(p_rel.naturals) n);
BEGIN
    p_row := hub.with_canonical(p_site, p_rel, p_row);
    its_key := hub.pk_of(p_rel.key, p_row);
    SELECT * INTO buried FROM hub.tombstone d WHERE d.site_id = p_site AND d.tbl = p_rel.name AND d.pk = its_key;
    IF FOUND THEN
        IF buried.hlc >= p_hlc THEN
            IF buried.node_id <> p_node THEN
                PERFORM hub.note_conflict(p_site, p_node, p_rel, its_key, '', NULL, p_row, buried.node_id, p_node,
                                          buried.hlc, p_hlc);
            END IF;
            RETURN;
        END IF;
        DELETE FROM hub.tombstone d WHERE d.site_id = p_site AND d.tbl = p_rel.name AND d.pk = its_key;
    END IF;
    IF p_rel.kind IN ('E', 'R') THEN
        EXECUTE format('SELECT to_jsonb(t) FROM atrium.%I t WHERE t.site_id = $1 AND %s FOR UPDATE',
                       p_rel.name, hub.where_key(p_rel, p_rel.key, p_row))
        INTO cur USING p_site;
    END IF;
    IF cur IS NULL THEN
        IF hub.put_row(p_site, p_node, p_rel, p_row, p_hlc) THEN
            PERFORM hub.note_change(p_site, p_node, p_rel, 'I', false, ARRAY[its_key], NULL, NULL, p_hlc);
        END IF;
        RETURN;
    END IF;
    clocks := coalesce(nullif(cur -> 'clocks', 'null'), '{}');
    FOR field IN SELECT c FROM jsonb_object_keys(p_row) c
                 WHERE (p_fields IS NULL OR c = ANY (p_fields)) AND NOT c = ANY (p_rel.key) LOOP
        their := coalesce(clocks -> field, jsonb_build_array(cur -> 'hlc', cur -> 'node_id', cur -> 'xid'));
        mine := coalesce((p_clocks ->> field)::bigint, p_hlc);
        theirs := (their ->> 0)::bigint; who := (their ->> 1)::uuid; later := (their ->> 2)::numeric > p_seen;
        wins := mine > theirs OR (mine = theirs AND p_node >= who);
        IF p_row -> field IS NOT DISTINCT FROM cur -> field THEN
            IF wins AND p_fields IS NOT NULL AND mine > theirs THEN
                clocks := clocks || jsonb_build_object(field, jsonb_build_array(mine, p_node, pg_current_xact_id()::text));
            END IF;
            CONTINUE;
        END IF;
        IF wins THEN
            won := won || field;
            clocks := clocks || jsonb_build_object(field, jsonb_build_array(mine, p_node, pg_current_xact_id()::text));
            IF who <> p_node AND later THEN
                PERFORM hub.note_conflict(p_site, p_node, p_rel, its_key, field, p_row -> field, cur -> field, p_node, who,
                                          mine, theirs);
            END IF;
        ELSIF who <> p_node THEN
            PERFORM hub.note_conflict(p_site, p_node, p_rel, its_key, field, cur -> field, p_row -> field, who, p_node,
                                      theirs, mine);
        END IF;
    END LOOP;
    sets := format(
        'UPDATE atrium.%I t SET clocks = $3%s FROM jsonb_populate_record(NULL::atrium.%I, $2) n '
        'WHERE t.site_id = $1 AND %s', p_rel.name,
        coalesce((SELECT string_agg(format(', %I = n.%I', c, c), '') FROM unnest(won) c), ''), p_rel.name,
        hub.where_key(p_rel, p_rel.key, p_row));
    IF won && natural_columns THEN
        BEGIN
            EXECUTE sets USING p_site, p_row, nullif(clocks, '{}');
        EXCEPTION WHEN unique_violation THEN
            PERFORM hub.park_row(p_site, p_node, p_rel, its_key, cur, p_row, won, p_hlc);
            EXECUTE sets USING p_site, p_row || hub.placeholders(p_rel, its_key, cur, won), nullif(clocks, '{}');
        END;
    ELSE
        EXECUTE sets USING p_site, p_row, nullif(clocks, '{}');
    END IF;
    IF won <> '{}' THEN
        PERFORM hub.note_change(p_site, p_node, p_rel, 'U', false, ARRAY[its_key], won, NULL, p_hlc);
    END IF;
END $$;

-- Delete one row by its key, unless someone changed it later: then it stays, and its deleter is told.
CREATE OR REPLACE FUNCTION hub.delete_row(
    p_site uuid, p_node uuid, p_rel hub.relation, p_row jsonb, p_hlc bigint
) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE its_key text; cur jsonb; newest bigint; who uuid;
BEGIN
    p_row := hub.with_canonical(p_site, p_rel, p_row);
    its_key := hub.pk_of(p_rel.key, p_row);
    EXECUTE format('SELECT to_jsonb(t) FROM atrium.%I t WHERE t.site_id = $1 AND %s FOR UPDATE',
                   p_rel.name, hub.where_key(p_rel, p_rel.key, p_row))
    INTO cur USING p_site;
    SELECT c.h, c.n INTO newest, who FROM (
        SELECT (cur ->> 'hlc')::bigint, (cur ->> 'node_id')::uuid
        UNION ALL SELECT (v ->> 0)::bigint, (v ->> 1)::uuid
        FROM jsonb_each(coalesce(nullif(cur -> 'clocks', 'null'), '{}')) AS e(k, v)) AS c(h, n)
    ORDER BY c.h DESC NULLS LAST LIMIT 1;
    IF newest > p_hlc AND who <> p_node THEN
        PERFORM hub.note_conflict(p_site, p_node, p_rel, its_key, '', cur, NULL, who, p_node, newest, p_hlc);
        RETURN NULL;
    END IF;
    EXECUTE format('DELETE FROM atrium.%I t WHERE t.site_id = $1 AND %s', p_rel.name,
                   hub.where_key(p_rel, p_rel.key, p_row)) USING p_site;
    INSERT INTO hub.tombstone AS d (site_id, tbl, pk, hlc, node_id) VALUES (p_site, p_rel.name, its_key, p_hlc, p_node)
    ON CONFLICT (site_id, tbl, pk) DO UPDATE SET hlc = excluded.hlc, node_id = excluded.node_id, at = now()
    WHERE d.hlc < excluded.hlc;
    RETURN its_key;
END $$;
