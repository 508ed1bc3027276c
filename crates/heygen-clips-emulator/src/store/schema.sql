-- Our own tables, beside those that carry the queue (Jobs and Workers; SQLite does not tell Jobs from
-- jobs, hence clip_jobs). Times are Unix seconds.
create table if not exists clip_jobs (
    seq integer primary key autoincrement,
    id text not null unique,
    dialect text not null,
    status text not null,
    title text,
    request text not null,
    input_language text,
    callback_url text,
    callback_id text,
    source_duration real,
    transcript_source text,
    planned integer not null default 0,
    attempts integer not null default 0,
    created_at integer not null,
    failure_message text,
    deleted integer not null default 0
);
create index if not exists jobs_by_dialect on clip_jobs (dialect, deleted, seq);
create index if not exists jobs_by_status on clip_jobs (status);

create table if not exists clips (
    id text primary key,
    job_id text not null references clip_jobs (id) on delete cascade,
    position integer not null,
    status text not null,
    label text not null,
    start_seconds real not null,
    end_seconds real not null,
    duration_seconds real,
    score real,
    aspect text not null,
    has_captions integer not null default 0,
    has_thumbnail integer not null default 0,
    failure_message text,
    unique (job_id, position)
);

create table if not exists job_log (
    seq integer primary key autoincrement,
    job_id text not null references clip_jobs (id) on delete cascade,
    at integer not null,
    level text not null,
    message text not null
);
create index if not exists job_log_by_job on job_log (job_id, seq);

create table if not exists assets (
    seq integer primary key autoincrement,
    id text not null unique,
    name text not null,
    mime_type text not null,
    size_bytes integer not null,
    checksum_sha256 text,
    status text not null,
    created_at integer not null
);
create index if not exists assets_by_name on assets (name);

create table if not exists endpoints (
    seq integer primary key autoincrement,
    id text not null unique,
    url text not null,
    events text,
    entity_id text,
    secret text not null,
    status text not null,
    created_at integer not null
);

create table if not exists events (
    seq integer primary key autoincrement,
    id text not null unique,
    event_type text not null,
    entity_id text not null,
    data text not null,
    created_at integer not null
);

create table if not exists deliveries (
    seq integer primary key autoincrement,
    job_id text not null,
    event_id text not null,
    url text not null,
    secret text,
    body text not null,
    attempts integer not null default 0,
    next_at integer not null,
    status text not null default 'waiting',
    last_error text
);
create index if not exists deliveries_due on deliveries (status, next_at);

create table if not exists replays (
    scope text not null,
    key text not null,
    status integer not null,
    headers text not null,
    body blob not null,
    created_at integer not null,
    primary key (scope, key)
);
