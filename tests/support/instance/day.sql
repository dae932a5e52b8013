-- SPDX-License-Identifier: GPL-3.0-or-later
-- The updates and deletions of a day in a database like Mastodon's, for make-day. Variables: day (1,
-- 2, …) and salt, from which the rows are chosen.
SET session_replication_role = replica;
SET synchronize_seqscans = off;
BEGIN;

-- Chooses this share of the rows, others for each purpose. A hash does not depend on the plan, as
-- random() does.
CREATE FUNCTION pg_temp.chosen(id bigint, salt bigint, purpose integer, share float)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT hashint8extended(id, salt * 100 + purpose) & 1048575 < share * 1048576
$$;
-- Chooses this share of the accounts, or of the rows that belong to them. The same quarter of the
-- accounts has three quarters of the changes of each day.
CREATE FUNCTION pg_temp.is_active(account bigint, salt bigint, purpose integer, share float)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.chosen(account, salt, purpose,
                          CASE WHEN hashint8extended(account, 0) & 3 = 0 THEN share * 3 ELSE share / 3 END)
$$;
-- Returns an instant of the day, another one for each row.
CREATE FUNCTION pg_temp.instant(id bigint, day integer) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
    SELECT timestamp '2026-01-01' + day * interval '1 day'
           + (hashint8extended(id, day) & 8388607) * interval '10.001 milliseconds'
$$;

-- Accounts of other servers are fetched again, users sign in, counters count.
UPDATE accounts SET last_webfingered_at = pg_temp.instant(id, :day), updated_at = pg_temp.instant(id, :day)
    WHERE pg_temp.is_active(id, :salt, 1, 0.06);
UPDATE account_stats SET statuses_count = statuses_count + 1,
    last_status_at = pg_temp.instant(id, :day), updated_at = pg_temp.instant(id, :day)
    WHERE pg_temp.is_active(account_id, :salt, 2, 0.12);
UPDATE users SET sign_in_count = sign_in_count + 1, last_sign_in_at = current_sign_in_at,
    current_sign_in_at = pg_temp.instant(id, :day), updated_at = pg_temp.instant(id, :day)
    WHERE pg_temp.is_active(account_id, :salt, 3, 0.2);
UPDATE tags SET last_status_at = pg_temp.instant(id, :day), max_score = (:salt + id) % 1000 / 7.0,
    updated_at = pg_temp.instant(id, :day) WHERE pg_temp.chosen(id, :salt, 4, 0.1);
-- Newer statuses get more favourites and replies, older ones rarely.
UPDATE status_stats SET favourites_count = favourites_count + 1, updated_at = pg_temp.instant(id, :day)
    WHERE id > (SELECT max(id) * 0.92 FROM status_stats) OR pg_temp.chosen(id, :salt, 5, 0.01);
UPDATE statuses SET fetched_replies_at = pg_temp.instant(id, :day)
    WHERE id > (SELECT id FROM statuses ORDER BY id DESC OFFSET (SELECT count(*) / 40 FROM statuses) LIMIT 1)
        AND pg_temp.chosen(id, :salt, 6, 0.1);

-- Statuses are deleted with all that belongs to them, as the references would have it.
CREATE TEMPORARY TABLE doomed ON COMMIT DROP AS
    SELECT id FROM statuses WHERE pg_temp.chosen(id, :salt, 7, 0.004);
CREATE TEMPORARY TABLE doomed_too ON COMMIT DROP AS
    WITH RECURSIVE all_doomed AS (
        SELECT id FROM doomed
        UNION SELECT s.id FROM statuses s JOIN all_doomed d ON s.reblog_of_id = d.id)
    SELECT id FROM all_doomed;
ANALYZE doomed_too;
DELETE FROM favourites USING doomed_too d WHERE status_id = d.id;
DELETE FROM mentions USING doomed_too d WHERE status_id = d.id;
DELETE FROM status_stats USING doomed_too d WHERE status_id = d.id;
DELETE FROM statuses_tags USING doomed_too d WHERE status_id = d.id;
UPDATE media_attachments SET status_id = NULL FROM doomed_too d WHERE status_id = d.id;
UPDATE statuses SET in_reply_to_id = NULL FROM doomed_too d WHERE in_reply_to_id = d.id;
DELETE FROM statuses USING doomed_too d WHERE statuses.id = d.id;
DELETE FROM notifications WHERE pg_temp.chosen(id, :salt, 8, 0.01);
DELETE FROM media_attachments WHERE pg_temp.chosen(id, :salt, 9, 0.006);
COMMIT;
