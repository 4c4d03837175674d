-- What nodes call to send. The cursor and the rows move in one transaction: a batch is taken once, whoever repeats it.

CREATE OR REPLACE FUNCTION hub.anchor_audit(p_site uuid, p_node uuid, p_seq bigint, p_head text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE known hub.audit_head; said text;
BEGIN
    IF p_seq IS NULL THEN RETURN NULL; END IF;
    SELECT * INTO known FROM hub.audit_head a WHERE a.site_id = p_site AND a.node_id = p_node
    ORDER BY a.seq DESC, a.at DESC LIMIT 1;
    IF known.seq = p_seq AND known.head = p_head THEN RETURN NULL; END IF;
    IF known.seq > p_seq THEN
        said := format('the audit trail ends at %s but had reached %s', p_seq, known.seq);
    ELSIF known.seq = p_seq THEN
        said := format('audit entry %s is not the one it was', p_seq);
    END IF;
    INSERT INTO hub.audit_head AS a (site_id, node_id, seq, head, alarm) VALUES (p_site, p_node, p_seq, p_head, said)
    ON CONFLICT (site_id, node_id, seq, head) DO UPDATE SET alarm = coalesce(excluded.alarm, a.alarm), at = now();
    RETURN said;
END $$;

-- The node says who it is and learns where it stands. A new epoch puts the one before it out of use.
CREATE OR REPLACE FUNCTION sync.sync_hello(
    p_node_id text, p_epoch text, p_program text, p_store_version int, p_audit_seq bigint, p_audit_head text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE me record; node hub.node; alarm text; known int := (SELECT value::int FROM hub.meta WHERE name = 'store_version');
BEGIN
    SELECT * INTO me FROM hub.me();
    IF p_node_id::uuid <> me.node_id THEN
        RAISE EXCEPTION 'this login belongs to another node' USING ERRCODE = 'AT403';
    ELSIF p_store_version < known - 2 THEN
        RAISE EXCEPTION 'too_old: store version %, the hub takes % and newer', p_store_version, known - 2
        USING ERRCODE = 'AT426';
    END IF;
    SELECT * INTO node FROM hub.node n WHERE n.site_id = me.site_id AND n.node_id = me.node_id FOR UPDATE;
    IF node.epoch <> p_epoch AND EXISTS (SELECT FROM hub.cursor c WHERE c.site_id = me.site_id
                                         AND c.node_id = me.node_id AND c.epoch = p_epoch) THEN
        RAISE EXCEPTION 'another copy of this node''s store is in use' USING ERRCODE = 'AT409';
    END IF;
    UPDATE hub.node n SET epoch = p_epoch, program = p_program, store_version = p_store_version, seen_at = now()
    WHERE n.site_id = me.site_id AND n.node_id = me.node_id;
    INSERT INTO hub.cursor (site_id, node_id, epoch, channel)
    SELECT me.site_id, me.node_id, p_epoch, c FROM unnest(ARRAY['core', 'telemetry']) c ON CONFLICT DO NOTHING;
    alarm := hub.anchor_audit(me.site_id, me.node_id, p_audit_seq, p_audit_head);
    RETURN jsonb_build_object(
        'site_id', me.site_id, 'node_id', me.node_id, 'alarm', alarm, 'store_version', known,
        'hub_id', (SELECT value FROM hub.meta WHERE name = 'hub_id')
                  || '-' || (SELECT system_identifier FROM pg_control_system()),
        'hub_version', (SELECT value::int FROM hub.meta WHERE name = 'hub_version'),
        'now_ms', (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
        'new_epoch', node.epoch IS NOT NULL AND node.epoch <> p_epoch,
        'cursors', (SELECT jsonb_object_agg(c.channel, c.last) FROM hub.cursor c WHERE c.site_id = me.site_id
                    AND c.node_id = me.node_id AND c.epoch = p_epoch),
        'peers', (SELECT jsonb_agg(jsonb_build_object(
                    'node_id', n.node_id, 'name', n.name, 'program', n.program, 'store_version', n.store_version,
                    'seen_at', (extract(epoch FROM n.seen_at) * 1000)::bigint) ORDER BY n.name)
                  FROM hub.node n WHERE n.site_id = me.site_id AND n.revoked_at IS NULL));
END $$;

-- Insert a segment's rows in one statement. False where a key or a natural key stands already: then row by row.
CREATE OR REPLACE FUNCTION hub.load_rows(
    p_site uuid, p_node uuid, p_rel hub.relation, p_columns text[], p_data text[], p_hlc bigint, p_clocked boolean,
    p_cap bigint
) RETURNS boolean LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    inner_list text; outer_list text; listed text; joins text := ''; pk text; clock text := '$3'; keys text[];
    greatest_clock bigint; buried boolean := EXISTS (SELECT FROM hub.tombstone d WHERE d.site_id = p_site AND d.tbl = p_rel.name);
    aliased text[] := ARRAY(SELECT DISTINCT a.tbl FROM hub.alias a WHERE a.site_id = p_site);
BEGIN
    SELECT string_agg(format('unnest($4[%s]::%s[]) AS %I', n, p_rel.columns ->> c, c), ', ' ORDER BY n),
           string_agg(CASE WHEN p_rel.refs ->> c = ANY (aliased)
                      THEN format('coalesce(a%s.canonical_id, u.%I)', n, c) ELSE format('u.%I', c) END, ', ' ORDER BY n),
           string_agg(format('%I', c), ', ' ORDER BY n),
           coalesce(string_agg(format(
               ' LEFT JOIN hub.alias a%s ON a%s.site_id = $1 AND a%s.tbl = %L AND a%s.id = u.%I',
               n, n, n, p_rel.refs ->> c, n, c), '' ORDER BY n) FILTER (WHERE p_rel.refs ->> c = ANY (aliased)), '')
    INTO inner_list, outer_list, listed, joins FROM unnest(p_columns) WITH ORDINALITY AS p(c, n);
    SELECT string_agg(format('i.%I::text', k), ' || chr(31) || ' ORDER BY n) INTO pk
    FROM unnest(p_rel.key) WITH ORDINALITY AS p(k, n);
    IF p_clocked THEN
        inner_list := inner_list || format(', unnest($4[%s]::bigint[]) AS hlc', cardinality(p_columns) + 1);
        clock := 'least(u.hlc, $5)';
    END IF;
    IF p_rel.name = ANY (aliased) AND p_rel.key = ARRAY['id'] THEN
        joins := joins || format(' WHERE NOT EXISTS (SELECT FROM hub.alias o WHERE o.site_id = $1 AND o.tbl = %L '
                                 'AND o.id = u.id)', p_rel.name);
    END IF;
    IF buried THEN
        joins := joins || CASE WHEN joins LIKE '% WHERE %' THEN ' AND' ELSE ' WHERE' END || format(
            ' NOT EXISTS (SELECT FROM hub.tombstone d WHERE d.site_id = $1 AND d.tbl = %L AND d.pk = %s AND d.hlc >= %s)',
            p_rel.name, replace(pk, 'i.', 'u.'), clock);
    END IF;
    IF joins = '' THEN
        -- The usual way, and the fastest: unnest in the target list makes no intermediate table, and the keys are
        -- read from the arrays again, since returning them would keep every row.
        EXECUTE format(
            'INSERT INTO atrium.%I (site_id, node_id, hlc, %s) SELECT $1, $2, %s, %s', p_rel.name, listed,
            CASE WHEN p_clocked THEN format('least(unnest($4[%s]::bigint[]), $5)', cardinality(p_columns) + 1) ELSE '$3' END,
            (SELECT string_agg(format('unnest($4[%s]::%s[])', n, p_rel.columns ->> c), ', ' ORDER BY n)
             FROM unnest(p_columns) WITH ORDINALITY AS p(c, n)))
        USING p_site, p_node, least(p_hlc, p_cap), p_data, p_cap;
        IF p_rel.key = ARRAY['id'] THEN
            keys := p_data[array_position(p_columns, 'id')]::uuid[]::text[];
        ELSE
            EXECUTE format('SELECT array_agg(%s) FROM (SELECT %s) i', pk, (
                SELECT string_agg(format('unnest($1[%s]::%s[]) AS %I', array_position(p_columns, k), p_rel.columns ->> k, k), ', ')
                FROM unnest(p_rel.key) k))
            INTO keys USING p_data;
        END IF;
        greatest_clock := least(p_hlc, p_cap);
    ELSE
        EXECUTE format(
            'WITH i AS (INSERT INTO atrium.%I (site_id, node_id, hlc, %s) SELECT $1, $2, %s, %s FROM (SELECT %s) u%s '
            'RETURNING *) SELECT array_agg(%s), max(hlc) FROM i', p_rel.name, listed, clock, outer_list, inner_list,
            joins, pk)
        INTO keys, greatest_clock USING p_site, p_node, least(p_hlc, p_cap), p_data, p_cap;
    END IF;
    IF keys IS NOT NULL THEN
        PERFORM hub.note_change(p_site, p_node, p_rel, 'I', false, keys, NULL, NULL, greatest_clock);
    END IF;
    RETURN true;
EXCEPTION WHEN unique_violation THEN
    RETURN false;
END $$;

-- One segment: rows of one table, a text array a column. `again` says that the rows may stand already.
CREATE OR REPLACE FUNCTION hub.take_segment(
    p_site uuid, p_node uuid, p_channel text, p_segment jsonb, p_data text[], p_hlc bigint, p_cap bigint, p_seen bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rel hub.relation := hub.relation_of(p_segment ->> 't', p_channel);
    cols text[] := ARRAY(SELECT jsonb_array_elements_text(p_segment -> 'c'));
    clocked boolean := coalesce((p_segment ->> 'clocked')::boolean, false);
    month date; item jsonb; clock bigint;
BEGIN
    PERFORM hub.check_columns(rel, cols);
    IF rel.day IS NOT NULL THEN
        FOR month IN SELECT DISTINCT (left(d, 7) || '-01')::date
                     FROM unnest(p_data[array_position(cols, rel.day)]::text[]) d LOOP
            PERFORM hub.make_partition(rel.name, month);
        END LOOP;
    END IF;
    IF NOT coalesce((p_segment ->> 'again')::boolean, false) THEN
        IF hub.load_rows(p_site, p_node, rel, cols, p_data, p_hlc, clocked, p_cap) THEN RETURN; END IF;
    END IF;
    FOR item IN EXECUTE format('SELECT to_jsonb(u) FROM (SELECT %s) u', (
        SELECT string_agg(format('unnest($1[%s]::%s[]) AS %I', n, coalesce(rel.columns ->> c, 'bigint'), c), ', ' ORDER BY n)
        FROM unnest(cols || CASE WHEN clocked THEN ARRAY[chr(1)] ELSE '{}' END) WITH ORDINALITY AS p(c, n)))
    USING p_data LOOP
        clock := least(coalesce((item ->> chr(1))::bigint, p_hlc), p_cap);
        PERFORM hub.merge_row(p_site, p_node, rel, item - chr(1), NULL, NULL, clock, p_seen);
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hub.take_deletions(
    p_site uuid, p_node uuid, p_channel text, p_part jsonb, p_cap bigint
) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rel hub.relation := hub.relation_of(p_part ->> 't', p_channel);
    item jsonb; gone text; keys text[] := '{}'; newest bigint := 0; clock bigint;
BEGIN
    FOR item IN SELECT jsonb_array_elements(p_part -> 'rows') LOOP
        clock := least((item ->> 'hlc')::bigint, p_cap);
        gone := hub.delete_row(p_site, p_node, rel, item -> 'key', clock);
        IF gone IS NOT NULL THEN keys := keys || gone; newest := greatest(newest, clock); END IF;
    END LOOP;
    IF keys <> '{}' THEN
        PERFORM hub.note_change(p_site, p_node, rel, 'D', false, keys, NULL, NULL, newest);
    END IF;
END $$;

-- A batch: `p_prev` must be where the hub stands, else nothing happens and the answer says where it does stand.
-- p_head: v (the node's store version), seen, hlc, audit [seq, head], gone [{t, rows: [{key, hlc}]}],
-- merge [{t, row, fields, clocks, hlc}], load [{t, c, clocked, again}]; the arrays of `load` lie in p_data in order.
CREATE OR REPLACE FUNCTION sync.sync_push(
    p_epoch text, p_channel text, p_prev text, p_next text, p_head jsonb, p_data text[]
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record; stands text; part jsonb; rel hub.relation; base int := 0; width int; alarm text;
    cap bigint := ((extract(epoch FROM clock_timestamp()) * 1000)::bigint + 300000) << 16;
    seen bigint := coalesce((p_head ->> 'seen')::bigint, 0); newest bigint := (p_head ->> 'hlc')::bigint;
    clocks jsonb; before int;
BEGIN
    SELECT * INTO me FROM hub.me();
    SELECT c.last INTO stands FROM hub.cursor c JOIN hub.node n USING (site_id, node_id)
    WHERE c.site_id = me.site_id AND c.node_id = me.node_id AND c.epoch = p_epoch AND n.epoch = p_epoch
    AND c.channel = p_channel FOR UPDATE OF c;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'another copy of this node''s store is in use, or it has not said hello' USING ERRCODE = 'AT409';
    ELSIF stands <> p_prev THEN
        RETURN jsonb_build_object('last', stands, 'moved', false);
    END IF;
    FOR part IN SELECT jsonb_array_elements(p_head -> 'gone') LOOP
        PERFORM hub.take_deletions(me.site_id, me.node_id, p_channel, part, cap);
    END LOOP;
    FOR part IN SELECT jsonb_array_elements(p_head -> 'merge') LOOP
        rel := hub.relation_of(part ->> 't', p_channel);
        PERFORM hub.check_columns(rel, ARRAY(SELECT jsonb_object_keys(part -> 'row')));
        SELECT jsonb_object_agg(key, least(value::bigint, cap)) INTO clocks FROM jsonb_each_text(part -> 'clocks');
        PERFORM hub.merge_row(
            me.site_id, me.node_id, rel, part -> 'row',
            CASE WHEN part ? 'fields' THEN ARRAY(SELECT jsonb_array_elements_text(part -> 'fields')) END,
            clocks, least((part ->> 'hlc')::bigint, cap), seen);
    END LOOP;
    IF p_head ? 'merge' THEN PERFORM hub.unpark(me.site_id, me.node_id); END IF;
    FOR part IN SELECT jsonb_array_elements(p_head -> 'load') LOOP
        width := jsonb_array_length(part -> 'c') + coalesce((part ->> 'clocked')::boolean, false)::int;
        PERFORM hub.take_segment(me.site_id, me.node_id, p_channel, part, p_data[base + 1 : base + width], newest, cap, seen);
        base := base + width;
    END LOOP;
    IF EXISTS (SELECT FROM hub.alias a WHERE a.site_id = me.site_id AND a.node_id = me.node_id AND a.at = now()) THEN
        PERFORM hub.repoint(me.site_id, now(), me.node_id);
    END IF;
    UPDATE hub.cursor c SET last = p_next, rows = c.rows + coalesce((p_head ->> 'rows')::bigint, 0), moved_at = now()
    WHERE c.site_id = me.site_id AND c.node_id = me.node_id AND c.epoch = p_epoch AND c.channel = p_channel;
    IF newest > cap THEN
        UPDATE hub.node n SET clamped = n.clamped + 1, clock_ahead_ms = (newest - cap >> 16) + 300000
        WHERE n.site_id = me.site_id AND n.node_id = me.node_id;
    END IF;
    alarm := hub.anchor_audit(me.site_id, me.node_id, (p_head -> 'audit' ->> 0)::bigint, p_head -> 'audit' ->> 1);
    RETURN jsonb_build_object('last', p_next, 'moved', true, 'clamped', newest > cap, 'alarm', alarm);
END $$;

-- One row that cannot be taken: kept with its error, and the cursor goes past it.
CREATE OR REPLACE FUNCTION sync.sync_quarantine(
    p_epoch text, p_channel text, p_prev text, p_next text, p_tbl text, p_pk text, p_row text, p_error text
) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE me record; stands text;
BEGIN
    SELECT * INTO me FROM hub.me();
    SELECT c.last INTO stands FROM hub.cursor c WHERE c.site_id = me.site_id AND c.node_id = me.node_id
    AND c.epoch = p_epoch AND c.channel = p_channel FOR UPDATE;
    IF stands IS DISTINCT FROM p_prev THEN
        RETURN jsonb_build_object('last', stands, 'moved', false);
    END IF;
    INSERT INTO hub.quarantine (site_id, node_id, epoch, channel, cursor, tbl, pk, row, error)
    VALUES (me.site_id, me.node_id, p_epoch, p_channel, p_next, p_tbl, p_pk, p_row, left(p_error, 2000));
    UPDATE hub.cursor c SET last = p_next, moved_at = now()
    WHERE c.site_id = me.site_id AND c.node_id = me.node_id AND c.epoch = p_epoch AND c.channel = p_channel;
    RETURN jsonb_build_object('last', p_next, 'moved', true);
END $$;
