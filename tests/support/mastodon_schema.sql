-- SPDX-License-Identifier: GPL-3.0-or-later
-- A database like Mastodon's (4.6, and 4.7's keypairs), with the tables, columns and keys that matter
-- for a backup, so that tests, the demo and the benches need no Ruby. Load it with psql into an empty
-- database:
--     psql -v ON_ERROR_STOP=1 -q -d DATABASE -f mastodon_schema.sql
-- It was written for mastobak. Only the names are Mastodon's, because tools need the same names.
SET client_min_messages = warning;
BEGIN;

-- The IDs of large tables: milliseconds, and 16 bits from a salted hash and a sequence. The names of
-- the sequences are only in this string, so that no column owns them.
CREATE FUNCTION timestamp_id(table_name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    time_part bigint := (extract(epoch FROM now()) * 1000)::bigint << 16;
    base bigint := ('x' || left(md5(table_name || 'salt of a test' || time_part), 4))::bit(16)::bigint;
BEGIN
    RETURN time_part | ((base + nextval(table_name || '_id_seq')) & 65535);
END $$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{accounts,collection_items,collections,media_attachments,
                            notification_requests,quotes,statuses}'::text[] LOOP
        EXECUTE format('CREATE SEQUENCE %I', name || '_id_seq');
    END LOOP;
END $$;

-- make('name', 'columns') makes a table with a serial ID and the two times that Rails adds. In
-- columns, "@account_id" stands for a column that refers to accounts, whose rows are deleted together
-- with the account. "@status_id" and "@user_id" are similar.
CREATE FUNCTION pg_temp.make(name text, columns text, times boolean = true) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    columns := regexp_replace(columns, '@(\w*account_id)',
                              '\1 bigint NOT NULL REFERENCES accounts ON DELETE CASCADE', 'g');
    columns := regexp_replace(columns, '@(\w*status_id)',
                              '\1 bigint NOT NULL REFERENCES statuses ON DELETE CASCADE', 'g');
    columns := regexp_replace(columns, '@(\w*user_id)',
                              '\1 bigint NOT NULL REFERENCES users ON DELETE CASCADE', 'g');
    columns := regexp_replace(columns, '@(\w*tag_id)',
                              '\1 bigint NOT NULL REFERENCES tags ON DELETE CASCADE', 'g');
    EXECUTE format('CREATE TABLE %I (id bigserial PRIMARY KEY, %s%s)', name, columns,
                   CASE WHEN times THEN ', created_at timestamp NOT NULL, updated_at timestamp NOT NULL'
                        ELSE '' END);
END $$;
SET check_function_bodies = off;

CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar,
    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
INSERT INTO ar_internal_metadata VALUES ('environment', 'production', now(), now());
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
INSERT INTO schema_migrations VALUES
    ('20160220174730'), ('20180812162710'), ('20240307180905'), ('20250129144440'), ('20251217091936');

-- Accounts and statuses -------------------------------------------------------------------------

CREATE TABLE accounts (
    id bigint PRIMARY KEY DEFAULT timestamp_id('accounts'),
    username varchar NOT NULL DEFAULT '', domain varchar,
    private_key text, public_key text NOT NULL DEFAULT '',
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
    note text NOT NULL DEFAULT '', display_name varchar NOT NULL DEFAULT '',
    uri varchar NOT NULL DEFAULT '', url varchar,
    avatar_file_name varchar, avatar_content_type varchar, avatar_file_size integer,
    avatar_updated_at timestamp, avatar_remote_url varchar, avatar_storage_schema_version integer,
    header_file_name varchar, header_content_type varchar, header_file_size integer,
    header_updated_at timestamp, header_remote_url varchar NOT NULL DEFAULT '',
    header_storage_schema_version integer,
    locked boolean NOT NULL DEFAULT false, last_webfingered_at timestamp,
    inbox_url varchar NOT NULL DEFAULT '', outbox_url varchar NOT NULL DEFAULT '',
    shared_inbox_url varchar NOT NULL DEFAULT '', followers_url varchar NOT NULL DEFAULT '',
    following_url varchar NOT NULL DEFAULT '', protocol integer NOT NULL DEFAULT 0,
    memorial boolean NOT NULL DEFAULT false,
    moved_to_account_id bigint REFERENCES accounts ON DELETE SET NULL,
    featured_collection_url varchar, fields jsonb, actor_type varchar, discoverable boolean,
    also_known_as varchar[], silenced_at timestamp, suspended_at timestamp, sensitized_at timestamp,
    hide_collections boolean, suspension_origin integer, trendable boolean, reviewed_at timestamp,
    requested_review_at timestamp, indexable boolean NOT NULL DEFAULT false,
    attribution_domains varchar[] DEFAULT '{}', id_scheme integer DEFAULT 1,
    feature_approval_policy integer NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX index_accounts_on_username_and_domain_lower
    ON accounts (lower(username), coalesce(lower(domain), ''));
CREATE INDEX search_index ON accounts USING gin ((
    setweight(to_tsvector('simple', display_name), 'A') ||
    setweight(to_tsvector('simple', username), 'B') ||
    setweight(to_tsvector('simple', coalesce(domain, '')), 'C')));
CREATE INDEX index_accounts_on_domain_and_id ON accounts (domain, id);
CREATE INDEX index_accounts_on_uri ON accounts (uri);

CREATE TABLE statuses (
    id bigint PRIMARY KEY DEFAULT timestamp_id('statuses'),
    uri varchar, text text NOT NULL DEFAULT '',
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
    in_reply_to_id bigint REFERENCES statuses ON DELETE SET NULL,
    reblog_of_id bigint REFERENCES statuses ON DELETE CASCADE,
    url varchar, sensitive boolean NOT NULL DEFAULT false, visibility integer NOT NULL DEFAULT 0,
    spoiler_text text NOT NULL DEFAULT '', reply boolean NOT NULL DEFAULT false, language varchar,
    conversation_id bigint, local boolean,
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    application_id bigint, in_reply_to_account_id bigint REFERENCES accounts ON DELETE SET NULL,
    poll_id bigint, deleted_at timestamp, edited_at timestamp, trendable boolean,
    ordered_media_attachment_ids bigint[], fetched_replies_at timestamp(6),
    quote_approval_policy integer NOT NULL DEFAULT 0);
CREATE INDEX index_statuses_20190820 ON statuses (account_id, id DESC, visibility, updated_at)
    WHERE deleted_at IS NULL;
CREATE INDEX index_statuses_on_conversation_id ON statuses (conversation_id);
CREATE INDEX index_statuses_on_in_reply_to_id ON statuses (in_reply_to_id)
    WHERE in_reply_to_id IS NOT NULL;
CREATE INDEX index_statuses_on_reblog_of_id_and_account_id ON statuses (reblog_of_id, account_id);
CREATE UNIQUE INDEX index_statuses_on_uri ON statuses (uri text_pattern_ops) WHERE uri IS NOT NULL;

SELECT pg_temp.make('user_roles', $$name varchar NOT NULL DEFAULT '', color varchar NOT NULL DEFAULT '',
    position integer NOT NULL DEFAULT 0, permissions bigint NOT NULL DEFAULT 0,
    highlighted boolean NOT NULL DEFAULT false$$);
SELECT pg_temp.make('users', $$email varchar NOT NULL DEFAULT '' UNIQUE,
    encrypted_password varchar NOT NULL DEFAULT '', reset_password_token varchar,
    reset_password_sent_at timestamp, sign_in_count integer NOT NULL DEFAULT 0,
    current_sign_in_at timestamp, last_sign_in_at timestamp, confirmation_token varchar UNIQUE,
    confirmed_at timestamp, confirmation_sent_at timestamp, unconfirmed_email varchar,
    locale varchar, consumed_timestep integer, otp_required_for_login boolean NOT NULL DEFAULT false,
    otp_secret varchar, otp_backup_codes varchar[], last_emailed_at timestamp, @account_id,
    disabled boolean NOT NULL DEFAULT false, invite_id bigint, chosen_languages varchar[],
    created_by_application_id bigint, approved boolean NOT NULL DEFAULT true, sign_in_token varchar,
    sign_in_token_sent_at timestamp, webauthn_id varchar, sign_up_ip inet,
    skip_sign_in_token boolean, role_id bigint REFERENCES user_roles ON DELETE SET NULL,
    settings text, time_zone varchar, age_verified_at timestamp(6),
    require_tos_interstitial boolean NOT NULL DEFAULT false$$);
SELECT pg_temp.make('invites', $$@user_id, code varchar NOT NULL DEFAULT '' UNIQUE,
    expires_at timestamp, max_uses integer, uses integer NOT NULL DEFAULT 0,
    autofollow boolean NOT NULL DEFAULT false, comment text$$);
ALTER TABLE users ADD FOREIGN KEY (invite_id) REFERENCES invites ON DELETE SET NULL;
SELECT pg_temp.make('tags', $$name varchar NOT NULL DEFAULT '', usable boolean, trendable boolean,
    listable boolean, reviewed_at timestamp, requested_review_at timestamp,
    last_status_at timestamp, max_score float, max_score_at timestamp, display_name varchar$$);
CREATE UNIQUE INDEX index_tags_on_name_lower_btree ON tags (lower(name) text_pattern_ops);

-- Rows that name files below public/system -------------------------------------------------------

SELECT pg_temp.make('scheduled_statuses',
    '@account_id, scheduled_at timestamp, params jsonb', times => false);
CREATE TABLE media_attachments (
    id bigint PRIMARY KEY DEFAULT timestamp_id('media_attachments'),
    status_id bigint REFERENCES statuses ON DELETE SET NULL,
    file_file_name varchar, file_content_type varchar, file_file_size integer,
    file_updated_at timestamp, remote_url varchar NOT NULL DEFAULT '',
    created_at timestamp NOT NULL, updated_at timestamp NOT NULL, shortcode varchar,
    type integer NOT NULL DEFAULT 0, file_meta json,
    account_id bigint REFERENCES accounts ON DELETE SET NULL, description text,
    scheduled_status_id bigint REFERENCES scheduled_statuses ON DELETE SET NULL, blurhash varchar,
    processing integer, file_storage_schema_version integer, thumbnail_file_name varchar,
    thumbnail_content_type varchar, thumbnail_file_size integer, thumbnail_updated_at timestamp,
    thumbnail_remote_url varchar, thumbnail_storage_schema_version integer);
CREATE INDEX index_media_attachments_on_account_id_and_status_id
    ON media_attachments (account_id, status_id DESC);
CREATE INDEX index_media_attachments_on_status_id ON media_attachments (status_id);
CREATE UNIQUE INDEX index_media_attachments_on_shortcode
    ON media_attachments (shortcode text_pattern_ops) WHERE shortcode IS NOT NULL;
SELECT pg_temp.make('custom_emoji_categories', 'name varchar UNIQUE, featured_emoji_id bigint');
SELECT pg_temp.make('custom_emojis', $$shortcode varchar NOT NULL DEFAULT '', domain varchar,
    image_file_name varchar, image_content_type varchar, image_file_size integer,
    image_updated_at timestamp, disabled boolean NOT NULL DEFAULT false, uri varchar,
    image_remote_url varchar, visible_in_picker boolean NOT NULL DEFAULT true, category_id bigint,
    image_storage_schema_version integer, UNIQUE (shortcode, domain)$$);
SELECT pg_temp.make('preview_cards', $$url varchar NOT NULL DEFAULT '' UNIQUE,
    title varchar NOT NULL DEFAULT '', description varchar NOT NULL DEFAULT '',
    image_file_name varchar, image_content_type varchar, image_file_size integer,
    image_updated_at timestamp, type integer NOT NULL DEFAULT 0, html text NOT NULL DEFAULT '',
    author_name varchar NOT NULL DEFAULT '', author_url varchar NOT NULL DEFAULT '',
    provider_name varchar NOT NULL DEFAULT '', provider_url varchar NOT NULL DEFAULT '',
    width integer NOT NULL DEFAULT 0, height integer NOT NULL DEFAULT 0,
    embed_url varchar NOT NULL DEFAULT '', image_storage_schema_version integer, blurhash varchar,
    language varchar, max_score float, max_score_at timestamp, trendable boolean,
    link_type integer, published_at timestamp(6), image_description varchar NOT NULL DEFAULT '',
    author_account_id bigint REFERENCES accounts ON DELETE SET NULL, image_remote_url varchar$$);
CREATE TABLE preview_cards_statuses (preview_card_id bigint NOT NULL, status_id bigint NOT NULL,
    url varchar, PRIMARY KEY (status_id, preview_card_id));
SELECT pg_temp.make('preview_card_providers', $$domain varchar NOT NULL DEFAULT '' UNIQUE,
    icon_file_name varchar, icon_content_type varchar, icon_file_size bigint,
    icon_updated_at timestamp, trendable boolean, reviewed_at timestamp,
    requested_review_at timestamp$$);
SELECT pg_temp.make('site_uploads', $$var varchar NOT NULL DEFAULT '' UNIQUE, file_file_name varchar,
    file_content_type varchar, file_file_size integer, file_updated_at timestamp, meta json,
    blurhash varchar$$);
SELECT pg_temp.make('backups', $$user_id bigint REFERENCES users ON DELETE SET NULL,
    dump_file_name varchar, dump_content_type varchar, dump_updated_at timestamp,
    processed boolean NOT NULL DEFAULT false, dump_file_size bigint$$);

-- Relations and actions --------------------------------------------------------------------------

SELECT pg_temp.make(name, $$@account_id, @target_account_id, show_reblogs boolean NOT NULL DEFAULT true,
    uri varchar, notify boolean NOT NULL DEFAULT false, languages varchar[],
    UNIQUE (account_id, target_account_id)$$) FROM unnest('{follows,follow_requests}'::text[]) name;
SELECT pg_temp.make('blocks', '@account_id, @target_account_id, uri varchar,
    UNIQUE (account_id, target_account_id)');
SELECT pg_temp.make('mutes', 'hide_notifications boolean NOT NULL DEFAULT true, @account_id,
    @target_account_id, expires_at timestamp, UNIQUE (account_id, target_account_id)');
SELECT pg_temp.make(name, '@account_id, @target_account_id, UNIQUE (account_id, target_account_id)')
    FROM unnest('{account_pins,follow_recommendation_mutes}'::text[]) name;
SELECT pg_temp.make(name, '@account_id, @status_id, UNIQUE (account_id, status_id)')
    FROM unnest('{favourites,bookmarks,status_pins}'::text[]) name;
CREATE INDEX index_favourites_on_status_id ON favourites (status_id);
SELECT pg_temp.make('mentions', '@account_id, @status_id, silent boolean NOT NULL DEFAULT false,
    UNIQUE (account_id, status_id)');
CREATE INDEX index_mentions_on_status_id ON mentions (status_id);
SELECT pg_temp.make('conversations', 'uri varchar, parent_status_id bigint, parent_account_id bigint');
CREATE UNIQUE INDEX index_conversations_on_uri ON conversations (uri text_pattern_ops)
    WHERE uri IS NOT NULL;
SELECT pg_temp.make('conversation_mutes', '@account_id, conversation_id bigint NOT NULL
    REFERENCES conversations ON DELETE CASCADE', times => false);
SELECT pg_temp.make('account_conversations', $$@account_id, conversation_id bigint NOT NULL
    REFERENCES conversations ON DELETE CASCADE, participant_account_ids bigint[] NOT NULL DEFAULT '{}',
    status_ids bigint[] NOT NULL DEFAULT '{}', last_status_id bigint,
    lock_version integer NOT NULL DEFAULT 0, unread boolean NOT NULL DEFAULT false,
    UNIQUE (account_id, conversation_id, participant_account_ids)$$, times => false);
SELECT pg_temp.make('notifications', $$activity_id bigint NOT NULL, activity_type varchar NOT NULL,
    @account_id, @from_account_id, type varchar, filtered boolean NOT NULL DEFAULT false,
    group_key varchar$$);
CREATE INDEX index_notifications_on_account_id_and_id_and_type
    ON notifications (account_id, id DESC, type);
CREATE TABLE notification_requests (id bigint PRIMARY KEY DEFAULT timestamp_id('notification_requests'),
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    from_account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE, last_status_id bigint,
    notifications_count bigint NOT NULL DEFAULT 0,
    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
SELECT pg_temp.make('notification_permissions', '@account_id, @from_account_id');
SELECT pg_temp.make('notification_policies', '@account_id UNIQUE,
    for_not_following integer NOT NULL DEFAULT 0, for_not_followers integer NOT NULL DEFAULT 0,
    for_new_accounts integer NOT NULL DEFAULT 0, for_private_mentions integer NOT NULL DEFAULT 1,
    for_limited_accounts integer NOT NULL DEFAULT 1');
CREATE TABLE quotes (id bigint PRIMARY KEY DEFAULT timestamp_id('quotes'),
    account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
    status_id bigint NOT NULL UNIQUE REFERENCES statuses ON DELETE CASCADE,
    quoted_status_id bigint REFERENCES statuses ON DELETE SET NULL,
    quoted_account_id bigint REFERENCES accounts ON DELETE SET NULL, state integer NOT NULL DEFAULT 0,
    approval_uri varchar, activity_uri varchar, created_at timestamp(6) NOT NULL,
    updated_at timestamp(6) NOT NULL, legacy boolean NOT NULL DEFAULT false);
SELECT pg_temp.make('polls', $$@account_id, @status_id, expires_at timestamp,
    options varchar[] NOT NULL DEFAULT '{}', cached_tallies bigint[] NOT NULL DEFAULT '{}',
    multiple boolean NOT NULL DEFAULT false, hide_totals boolean NOT NULL DEFAULT false,
    votes_count bigint NOT NULL DEFAULT 0, last_fetched_at timestamp,
    lock_version integer NOT NULL DEFAULT 0, voters_count bigint$$);
SELECT pg_temp.make('poll_votes', '@account_id, poll_id bigint NOT NULL REFERENCES polls
    ON DELETE CASCADE, choice integer NOT NULL DEFAULT 0, uri varchar');
SELECT pg_temp.make('status_edits', $$@status_id, account_id bigint REFERENCES accounts
    ON DELETE SET NULL, text text NOT NULL DEFAULT '', spoiler_text text NOT NULL DEFAULT '',
    ordered_media_attachment_ids bigint[], media_descriptions text[], poll_options varchar[],
    sensitive boolean, quote_id bigint$$);
SELECT pg_temp.make('status_stats', '@status_id UNIQUE, replies_count bigint NOT NULL DEFAULT 0,
    reblogs_count bigint NOT NULL DEFAULT 0, favourites_count bigint NOT NULL DEFAULT 0,
    untrusted_favourites_count bigint, untrusted_reblogs_count bigint,
    quotes_count bigint NOT NULL DEFAULT 0');
SELECT pg_temp.make('account_stats', '@account_id UNIQUE, statuses_count bigint NOT NULL DEFAULT 0,
    following_count bigint NOT NULL DEFAULT 0, followers_count bigint NOT NULL DEFAULT 0,
    last_status_at timestamp');
SELECT pg_temp.make('status_trends', '@account_id, @status_id UNIQUE, score float NOT NULL DEFAULT 0,
    rank integer NOT NULL DEFAULT 0, allowed boolean NOT NULL DEFAULT false, language varchar',
    times => false);
SELECT pg_temp.make('tag_trends', $$@tag_id, score float NOT NULL DEFAULT 0,
    rank integer NOT NULL DEFAULT 0, allowed boolean NOT NULL DEFAULT false,
    language varchar NOT NULL DEFAULT '', UNIQUE (tag_id, language)$$, times => false);
SELECT pg_temp.make('preview_card_trends', 'preview_card_id bigint NOT NULL UNIQUE
    REFERENCES preview_cards ON DELETE CASCADE, score float NOT NULL DEFAULT 0,
    rank integer NOT NULL DEFAULT 0, allowed boolean NOT NULL DEFAULT false, language varchar',
    times => false);
CREATE TABLE statuses_tags (status_id bigint NOT NULL REFERENCES statuses ON DELETE CASCADE,
    tag_id bigint NOT NULL REFERENCES tags ON DELETE CASCADE, PRIMARY KEY (tag_id, status_id));
CREATE TABLE accounts_tags (account_id bigint NOT NULL, tag_id bigint NOT NULL,
    PRIMARY KEY (tag_id, account_id));
SELECT pg_temp.make('tag_follows', '@account_id, @tag_id, UNIQUE (account_id, tag_id)');
SELECT pg_temp.make('featured_tags', '@account_id, @tag_id, statuses_count bigint NOT NULL DEFAULT 0,
    last_status_at timestamp, name varchar, UNIQUE (account_id, tag_id)');
SELECT pg_temp.make('lists', $$@account_id, title varchar NOT NULL DEFAULT '',
    replies_policy integer NOT NULL DEFAULT 0, exclusive boolean NOT NULL DEFAULT false$$);
SELECT pg_temp.make('list_accounts', '@account_id, list_id bigint NOT NULL REFERENCES lists
    ON DELETE CASCADE, follow_id bigint REFERENCES follows ON DELETE CASCADE,
    follow_request_id bigint REFERENCES follow_requests ON DELETE CASCADE,
    UNIQUE (account_id, list_id)', times => false);
SELECT pg_temp.make('custom_filters', $$@account_id, expires_at timestamp, phrase text NOT NULL DEFAULT '',
    context varchar[] NOT NULL DEFAULT '{}', action integer NOT NULL DEFAULT 0$$);
SELECT pg_temp.make('custom_filter_keywords', $$custom_filter_id bigint NOT NULL
    REFERENCES custom_filters ON DELETE CASCADE, keyword text NOT NULL DEFAULT '',
    whole_word boolean NOT NULL DEFAULT true$$);
SELECT pg_temp.make('custom_filter_statuses', 'custom_filter_id bigint NOT NULL
    REFERENCES custom_filters ON DELETE CASCADE, @status_id');
CREATE TABLE collections (id bigint PRIMARY KEY DEFAULT timestamp_id('collections'),
    account_id bigint NOT NULL REFERENCES accounts, name varchar NOT NULL, description text NOT NULL, uri varchar, local boolean NOT NULL,
    sensitive boolean NOT NULL, discoverable boolean NOT NULL, tag_id bigint REFERENCES tags,
    original_number_of_items integer, item_count integer NOT NULL DEFAULT 0,
    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
CREATE TABLE collection_items (id bigint PRIMARY KEY DEFAULT timestamp_id('collection_items'),
    collection_id bigint NOT NULL REFERENCES collections ON DELETE CASCADE, account_id bigint REFERENCES accounts, position integer NOT NULL DEFAULT 1,
    object_uri varchar, approval_uri varchar, activity_uri varchar,
    approval_last_verified_at timestamp(6), state integer NOT NULL DEFAULT 0,
    created_at timestamp(6) NOT NULL, updated_at timestamp(6) NOT NULL);
SELECT pg_temp.make('tombstones', '@account_id, uri varchar NOT NULL, by_moderator boolean');

-- From 4.7 on, this table has the accounts' keys, encrypted with the instance's secrets.
SELECT pg_temp.make('keypairs', $$@account_id, uri varchar NOT NULL UNIQUE, type integer NOT NULL,
    public_key varchar NOT NULL, private_key varchar, expires_at timestamp(6),
    revoked boolean NOT NULL DEFAULT false$$);

-- Settings of accounts ---------------------------------------------------------------------------

SELECT pg_temp.make('account_aliases', $$@account_id, acct varchar NOT NULL DEFAULT '',
    uri varchar NOT NULL DEFAULT '', UNIQUE (account_id, uri)$$);
SELECT pg_temp.make('account_deletion_requests', '@account_id');
SELECT pg_temp.make('account_domain_blocks', '@account_id, domain varchar NOT NULL,
    UNIQUE (account_id, domain)');
SELECT pg_temp.make('account_migrations', $$@account_id, acct varchar NOT NULL DEFAULT '',
    followers_count bigint NOT NULL DEFAULT 0, target_account_id bigint$$);
SELECT pg_temp.make('account_moderation_notes', 'content text NOT NULL, @account_id, @target_account_id');
SELECT pg_temp.make('account_notes', '@account_id, @target_account_id, comment text NOT NULL,
    UNIQUE (account_id, target_account_id)');
SELECT pg_temp.make('account_statuses_cleanup_policies', '@account_id,
    enabled boolean NOT NULL DEFAULT true, min_status_age integer NOT NULL DEFAULT 1209600,
    keep_direct boolean NOT NULL DEFAULT true, keep_pinned boolean NOT NULL DEFAULT true,
    keep_polls boolean NOT NULL DEFAULT false, keep_media boolean NOT NULL DEFAULT false,
    keep_self_fav boolean NOT NULL DEFAULT true, keep_self_bookmark boolean NOT NULL DEFAULT true,
    min_favs integer, min_reblogs integer');
SELECT pg_temp.make('follow_recommendation_suppressions', '@account_id UNIQUE');
SELECT pg_temp.make('generated_annual_reports', '@account_id, year integer NOT NULL, data jsonb NOT NULL,
    schema_version integer NOT NULL, viewed_at timestamp(6), share_key varchar, UNIQUE (account_id, year)');
SELECT pg_temp.make('annual_report_statuses_per_account_counts', 'year integer NOT NULL,
    account_id bigint NOT NULL, statuses_count bigint NOT NULL, UNIQUE (year, account_id)',
    times => false);
SELECT pg_temp.make('relationship_severance_events', 'type integer NOT NULL,
    target_name varchar NOT NULL, purged boolean NOT NULL DEFAULT false');
SELECT pg_temp.make('account_relationship_severance_events', '@account_id,
    relationship_severance_event_id bigint NOT NULL REFERENCES relationship_severance_events
    ON DELETE CASCADE, followers_count integer NOT NULL DEFAULT 0,
    following_count integer NOT NULL DEFAULT 0');
SELECT pg_temp.make('severed_relationships', 'relationship_severance_event_id bigint NOT NULL
    REFERENCES relationship_severance_events ON DELETE CASCADE, @local_account_id, @remote_account_id,
    direction integer NOT NULL, show_reblogs boolean, notify boolean, languages varchar[]');
SELECT pg_temp.make('bulk_imports', $$type integer NOT NULL, state integer NOT NULL,
    total_items integer NOT NULL DEFAULT 0, imported_items integer NOT NULL DEFAULT 0,
    processed_items integer NOT NULL DEFAULT 0, finished_at timestamp,
    overwrite boolean NOT NULL DEFAULT false, likely_mismatched boolean NOT NULL DEFAULT false,
    original_filename varchar NOT NULL DEFAULT '', @account_id$$);
SELECT pg_temp.make('bulk_import_rows', 'bulk_import_id bigint NOT NULL REFERENCES bulk_imports
    ON DELETE CASCADE, data jsonb');

-- Sign-in, applications, settings ----------------------------------------------------------------

SELECT pg_temp.make('oauth_applications', $$name varchar NOT NULL, uid varchar NOT NULL UNIQUE,
    secret varchar NOT NULL, redirect_uri text NOT NULL, scopes varchar NOT NULL DEFAULT '',
    superapp boolean NOT NULL DEFAULT false, website varchar, owner_type varchar,
    owner_id bigint REFERENCES users ON DELETE CASCADE, confidential boolean NOT NULL DEFAULT true$$);
SELECT pg_temp.make('oauth_access_tokens', 'token varchar NOT NULL UNIQUE, refresh_token varchar,
    expires_in integer, revoked_at timestamp, created_at timestamp NOT NULL, scopes varchar,
    application_id bigint REFERENCES oauth_applications ON DELETE CASCADE,
    resource_owner_id bigint REFERENCES users ON DELETE CASCADE, last_used_at timestamp,
    last_used_ip inet', times => false);
SELECT pg_temp.make('oauth_access_grants', 'token varchar NOT NULL UNIQUE, expires_in integer NOT NULL,
    redirect_uri text NOT NULL, created_at timestamp NOT NULL, revoked_at timestamp, scopes varchar,
    application_id bigint NOT NULL REFERENCES oauth_applications ON DELETE CASCADE,
    resource_owner_id bigint NOT NULL REFERENCES users ON DELETE CASCADE, code_challenge varchar,
    code_challenge_method varchar', times => false);
SELECT pg_temp.make('session_activations', $$session_id varchar NOT NULL UNIQUE,
    user_agent varchar NOT NULL DEFAULT '', ip inet, access_token_id bigint
    REFERENCES oauth_access_tokens ON DELETE CASCADE, @user_id, web_push_subscription_id bigint$$);
SELECT pg_temp.make('login_activities', '@user_id, authentication_method varchar, provider varchar,
    success boolean, failure_reason varchar, ip inet, user_agent varchar, created_at timestamp',
    times => false);
SELECT pg_temp.make('identities', $$provider varchar NOT NULL DEFAULT '', uid varchar NOT NULL DEFAULT '',
    user_id bigint REFERENCES users ON DELETE CASCADE$$);
SELECT pg_temp.make('markers', $$@user_id, timeline varchar NOT NULL DEFAULT '',
    last_read_id bigint NOT NULL DEFAULT 0, lock_version integer NOT NULL DEFAULT 0,
    UNIQUE (user_id, timeline)$$);
SELECT pg_temp.make('user_invite_requests', '@user_id, text text');
SELECT pg_temp.make('web_push_subscriptions', 'endpoint varchar NOT NULL, key_p256dh varchar NOT NULL,
    key_auth varchar NOT NULL, data json, access_token_id bigint NOT NULL
    REFERENCES oauth_access_tokens ON DELETE CASCADE, @user_id,
    standard boolean NOT NULL DEFAULT false');
SELECT pg_temp.make('web_settings', 'data json, @user_id UNIQUE');
SELECT pg_temp.make('webauthn_credentials', 'external_id varchar NOT NULL UNIQUE,
    public_key varchar NOT NULL, nickname varchar NOT NULL, sign_count bigint NOT NULL DEFAULT 0,
    user_id bigint REFERENCES users ON DELETE CASCADE, UNIQUE (user_id, nickname)');
SELECT pg_temp.make('settings', 'var varchar NOT NULL UNIQUE, value text, created_at timestamp,
    updated_at timestamp', times => false);

-- Moderation and the instance itself -------------------------------------------------------------

SELECT pg_temp.make('reports', $$status_ids bigint[] NOT NULL DEFAULT '{}',
    comment text NOT NULL DEFAULT '', @account_id, action_taken_by_account_id bigint,
    @target_account_id, assigned_account_id bigint, uri varchar, forwarded boolean,
    category integer NOT NULL DEFAULT 0, action_taken_at timestamp, rule_ids bigint[],
    application_id bigint$$);
SELECT pg_temp.make('report_notes', 'content text NOT NULL, report_id bigint NOT NULL
    REFERENCES reports ON DELETE CASCADE, @account_id');
SELECT pg_temp.make('account_warnings', $$account_id bigint REFERENCES accounts ON DELETE SET NULL,
    @target_account_id, action integer NOT NULL DEFAULT 0, text text NOT NULL DEFAULT '',
    report_id bigint REFERENCES reports ON DELETE CASCADE, status_ids varchar[],
    overruled_at timestamp$$);
SELECT pg_temp.make('account_warning_presets', $$text text NOT NULL DEFAULT '',
    title varchar NOT NULL DEFAULT ''$$);
SELECT pg_temp.make('appeals', $$@account_id, account_warning_id bigint NOT NULL UNIQUE
    REFERENCES account_warnings ON DELETE CASCADE, text text NOT NULL DEFAULT '',
    approved_at timestamp, approved_by_account_id bigint, rejected_at timestamp,
    rejected_by_account_id bigint$$);
SELECT pg_temp.make('admin_action_logs', $$@account_id, action varchar NOT NULL DEFAULT '',
    target_type varchar, target_id bigint, human_identifier varchar, route_param varchar,
    permalink varchar$$);
SELECT pg_temp.make('announcements', $$text text NOT NULL DEFAULT '',
    published boolean NOT NULL DEFAULT false, all_day boolean NOT NULL DEFAULT false,
    scheduled_at timestamp, starts_at timestamp, ends_at timestamp, published_at timestamp,
    status_ids bigint[], notification_sent_at timestamp(6)$$);
SELECT pg_temp.make('announcement_mutes', '@account_id, announcement_id bigint NOT NULL
    REFERENCES announcements ON DELETE CASCADE');
SELECT pg_temp.make('announcement_reactions', $$@account_id, announcement_id bigint NOT NULL
    REFERENCES announcements ON DELETE CASCADE, name varchar NOT NULL DEFAULT '',
    custom_emoji_id bigint REFERENCES custom_emojis ON DELETE CASCADE$$);
SELECT pg_temp.make('canonical_email_blocks', $$canonical_email_hash varchar NOT NULL DEFAULT '' UNIQUE,
    reference_account_id bigint REFERENCES accounts ON DELETE CASCADE$$);
SELECT pg_temp.make('domain_allows', $$domain varchar NOT NULL DEFAULT '' UNIQUE$$);
SELECT pg_temp.make('domain_blocks', $$domain varchar NOT NULL DEFAULT '' UNIQUE,
    severity integer DEFAULT 0, reject_media boolean NOT NULL DEFAULT false,
    reject_reports boolean NOT NULL DEFAULT false, private_comment text, public_comment text,
    obfuscate boolean NOT NULL DEFAULT false$$);
SELECT pg_temp.make('email_domain_blocks', $$domain varchar NOT NULL DEFAULT '' UNIQUE,
    parent_id bigint REFERENCES email_domain_blocks ON DELETE CASCADE,
    allow_with_approval boolean NOT NULL DEFAULT false$$);
SELECT pg_temp.make('unavailable_domains', $$domain varchar NOT NULL DEFAULT '' UNIQUE$$);
SELECT pg_temp.make('ip_blocks', $$ip inet NOT NULL DEFAULT '0.0.0.0' UNIQUE,
    severity integer NOT NULL DEFAULT 0, expires_at timestamp, comment text NOT NULL DEFAULT ''$$);
SELECT pg_temp.make('username_blocks', 'username varchar NOT NULL, normalized_username varchar NOT NULL,
    exact boolean NOT NULL DEFAULT false, allow_with_approval boolean NOT NULL DEFAULT false');
SELECT pg_temp.make('instance_moderation_notes', 'domain varchar NOT NULL, @account_id, content text');
SELECT pg_temp.make('relays', $$inbox_url varchar NOT NULL DEFAULT '', follow_activity_id varchar,
    state integer NOT NULL DEFAULT 0$$);
SELECT pg_temp.make('rules', $$priority integer NOT NULL DEFAULT 0, deleted_at timestamp,
    text text NOT NULL DEFAULT '', hint text NOT NULL DEFAULT ''$$);
SELECT pg_temp.make('rule_translations', $$text text NOT NULL DEFAULT '', hint text NOT NULL DEFAULT '',
    language varchar NOT NULL, rule_id bigint NOT NULL REFERENCES rules ON DELETE CASCADE$$);
SELECT pg_temp.make('terms_of_services', $$text text NOT NULL DEFAULT '',
    changelog text NOT NULL DEFAULT '', published_at timestamp(6), notification_sent_at timestamp(6),
    effective_date date UNIQUE$$);
SELECT pg_temp.make('software_updates', $$version varchar NOT NULL UNIQUE,
    urgent boolean NOT NULL DEFAULT false, type integer NOT NULL DEFAULT 0,
    release_notes varchar NOT NULL DEFAULT ''$$);
SELECT pg_temp.make('webhooks', $$url varchar NOT NULL UNIQUE, events varchar[] NOT NULL DEFAULT '{}',
    secret varchar NOT NULL DEFAULT '', enabled boolean NOT NULL DEFAULT true, template text$$);
SELECT pg_temp.make('pghero_space_stats', 'database text, schema text, relation text, size bigint,
    captured_at timestamp', times => false);
SELECT pg_temp.make('fasp_providers', $$confirmed boolean NOT NULL DEFAULT false, name varchar NOT NULL,
    base_url varchar NOT NULL UNIQUE, sign_in_url varchar, remote_identifier varchar NOT NULL,
    provider_public_key_pem varchar NOT NULL, server_private_key_pem varchar NOT NULL,
    capabilities jsonb NOT NULL DEFAULT '[]', privacy_policy jsonb, contact_email varchar,
    fediverse_account varchar, delivery_last_failed_at timestamp(6)$$);
SELECT pg_temp.make('fasp_backfill_requests', 'category varchar NOT NULL,
    max_count integer NOT NULL DEFAULT 100, cursor varchar, fulfilled boolean NOT NULL DEFAULT false,
    fasp_provider_id bigint NOT NULL REFERENCES fasp_providers');
SELECT pg_temp.make('fasp_debug_callbacks', 'fasp_provider_id bigint NOT NULL
    REFERENCES fasp_providers, ip varchar NOT NULL, request_body text NOT NULL');
SELECT pg_temp.make('fasp_follow_recommendations', '@requesting_account_id, @recommended_account_id');
SELECT pg_temp.make('fasp_subscriptions', 'category varchar NOT NULL,
    subscription_type varchar NOT NULL, max_batch_size integer NOT NULL, threshold_timeframe integer,
    threshold_shares integer, threshold_likes integer, threshold_replies integer,
    fasp_provider_id bigint NOT NULL REFERENCES fasp_providers');

-- Views ------------------------------------------------------------------------------------------

CREATE MATERIALIZED VIEW instances AS
    WITH known AS (SELECT domain, count(*) AS accounts_count FROM accounts
                   WHERE domain IS NOT NULL GROUP BY domain)
    SELECT domain, accounts_count FROM known
    UNION SELECT domain, coalesce(accounts_count, 0) FROM domain_blocks LEFT JOIN known USING (domain)
    UNION SELECT domain, coalesce(accounts_count, 0) FROM domain_allows LEFT JOIN known USING (domain);
CREATE UNIQUE INDEX index_instances_on_domain ON instances (domain);
CREATE INDEX index_instances_on_reverse_domain ON instances (reverse('.' || domain), domain);
CREATE MATERIALIZED VIEW account_summaries AS
    SELECT account_id, mode() WITHIN GROUP (ORDER BY language) AS language,
           mode() WITHIN GROUP (ORDER BY sensitive) AS sensitive
    FROM statuses WHERE deleted_at IS NULL AND reblog_of_id IS NULL GROUP BY account_id;
CREATE UNIQUE INDEX index_account_summaries_on_account_id ON account_summaries (account_id);
CREATE VIEW user_ips AS
    SELECT user_id, ip, max(used_at) AS used_at FROM (
        SELECT id AS user_id, sign_up_ip AS ip, created_at AS used_at FROM users
        WHERE sign_up_ip IS NOT NULL
        UNION ALL SELECT user_id, ip, updated_at FROM session_activations
        UNION ALL SELECT user_id, ip, created_at FROM login_activities WHERE success) uses
    GROUP BY user_id, ip;

COMMIT;
