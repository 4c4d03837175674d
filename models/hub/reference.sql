-- What the chain's office sets for every site. Its columns carry a clock that no node's change can pass, so a site that
-- changes one is told (a conflict) and takes the office's value back.

CREATE TABLE IF NOT EXISTS hub.reference (
    tbl text NOT NULL,
    pk text NOT NULL,
    row jsonb NOT NULL,
    by text NOT NULL DEFAULT session_user,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tbl, pk)
);

-- One row to one site: over the row that has its natural key there, else under its own id.
CREATE OR REPLACE FUNCTION hub.give_row(p_site uuid, p_tbl text, p_row jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rel hub.relation; office uuid := '00000000-0000-0000-0000-000000000000'; alike text[]; standing text; clocks jsonb;
    now_hlc bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint << 16; its_key text;
BEGIN
    SELECT * INTO STRICT rel FROM hub.relation r WHERE r.name = p_tbl;
    IF rel.key = ARRAY['id'] THEN
        FOR alike IN SELECT ARRAY(SELECT jsonb_array_elements_text(n -> 'columns')) FROM jsonb_array_elements(rel.naturals) n
                     WHERE n ->> 'where' = '' LOOP
            EXECUTE format('SELECT t.id::text FROM atrium.%I t WHERE t.site_id = $1 AND %s', p_tbl,
                           hub.where_key(rel, alike, p_row)) INTO standing USING p_site;
            IF standing IS NOT NULL THEN p_row := p_row || jsonb_build_object('id', standing); END IF;
        END LOOP;
    END IF;
    its_key := hub.pk_of(rel.key, p_row);
    DELETE FROM hub.tombstone d WHERE d.site_id = p_site AND d.tbl = p_tbl AND d.pk = its_key;
    SELECT jsonb_object_agg(c, 4611686018427387904) INTO clocks FROM jsonb_object_keys(p_row) c WHERE c <> ALL (rel.key);
    PERFORM hub.merge_row(p_site, office, rel, p_row, NULL, clocks, now_hlc, 9223372036854775807);
    SELECT jsonb_object_agg(key, jsonb_build_array(value, office, pg_current_xact_id()::text)) INTO clocks
    FROM jsonb_each(clocks);
    EXECUTE format('UPDATE atrium.%I t SET clocks = coalesce(t.clocks, ''{}'') || $2 WHERE t.site_id = $1 AND %s',
                   p_tbl, hub.where_key(rel, rel.key, p_row)) USING p_site, coalesce(clocks, '{}');
END $$;

-- Everything the office has set, to a site that is new.
CREATE OR REPLACE FUNCTION hub.give_reference(p_site uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE item hub.reference;
BEGIN
    FOR item IN SELECT * FROM hub.reference r ORDER BY r.tbl, r.pk LOOP
        PERFORM hub.give_row(p_site, item.tbl, item.row);
    END LOOP;
END $$;

-- One row to every site there is and to come. A row published before keeps its id.
CREATE OR REPLACE FUNCTION hub.publish(p_tbl text, p_pk text, p_row jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE site uuid; whole jsonb;
BEGIN
    INSERT INTO hub.reference AS r (tbl, pk, row) VALUES (p_tbl, p_pk, p_row)
    ON CONFLICT (tbl, pk) DO UPDATE SET row = r.row || (excluded.row - 'id'), by = session_user, at = now()
    RETURNING r.row INTO whole;
    FOR site IN SELECT s.site_id FROM hub.site s ORDER BY 1 LOOP
        PERFORM hub.give_row(site, p_tbl, whole);
    END LOOP;
END $$;
