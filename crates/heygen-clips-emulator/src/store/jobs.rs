//! Jobs, their clips and their logs.

use apalis::prelude::TaskBuilder;
use sqlx::FromRow;

use super::{Change, NewDelivery, NewEvent, QUEUE, RunJob, Store, Stored, webhooks};

/// Which of the two front doors a job came through. Its rows are listed and found only there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub(crate) enum Dialect {
    /// `/v3/clips`
    Clips,
    /// `/v3/ai-clipping`
    AiClipping,
}

/// Where a job or a clip stands. A clip is never `Running`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub(crate) enum Status {
    Pending,
    Running,
    Completed,
    Failed,
}

/// A job to be stored.
#[derive(Debug)]
pub(crate) struct NewJob {
    pub(crate) id: String,
    pub(crate) dialect: Dialect,
    pub(crate) title: Option<String>,
    /// What to do, as JSON that `work` reads back.
    pub(crate) request: String,
    pub(crate) input_language: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_id: Option<String>,
    pub(crate) created_at: i64,
}

/// A stored job.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct JobRow {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) dialect: Dialect,
    pub(crate) status: Status,
    pub(crate) title: Option<String>,
    pub(crate) request: String,
    pub(crate) input_language: Option<String>,
    pub(crate) callback_url: Option<String>,
    pub(crate) callback_id: Option<String>,
    pub(crate) source_duration: Option<f64>,
    pub(crate) transcript_source: Option<String>,
    pub(crate) planned: bool,
    pub(crate) attempts: i64,
    pub(crate) created_at: i64,
    pub(crate) failure_message: Option<String>,
    pub(crate) deleted: bool,
}

/// A clip that a job has decided on.
#[derive(Debug)]
pub(crate) struct NewClip {
    pub(crate) id: String,
    pub(crate) label: String,
    pub(crate) start_seconds: f64,
    pub(crate) end_seconds: f64,
    pub(crate) score: Option<f64>,
    pub(crate) aspect: String,
}

/// A stored clip.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ClipRow {
    pub(crate) id: String,
    pub(crate) job_id: String,
    pub(crate) status: Status,
    pub(crate) label: String,
    pub(crate) start_seconds: f64,
    pub(crate) end_seconds: f64,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) score: Option<f64>,
    pub(crate) aspect: String,
    pub(crate) has_captions: bool,
    pub(crate) has_thumbnail: bool,
    pub(crate) failure_message: Option<String>,
}

/// What was measured of a clip once it was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) start_seconds: f64,
    pub(crate) end_seconds: f64,
    pub(crate) duration_seconds: f64,
    pub(crate) has_captions: bool,
    pub(crate) has_thumbnail: bool,
}

/// A line of a job's log.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct LogRow {
    pub(crate) at: i64,
    pub(crate) level: String,
    pub(crate) message: String,
}

impl Change {
    /// Stores a job and puts it in the queue.
    pub(crate) async fn insert_job(&mut self, job: &NewJob) -> Stored<()> {
        sqlx::query(
            "insert into clip_jobs (id, dialect, status, title, request, input_language, callback_url,
                               callback_id, created_at)
             values (?, ?, 'pending', ?, ?, ?, ?, ?, ?)",
        )
        .bind(&job.id)
        .bind(job.dialect)
        .bind(&job.title)
        .bind(&job.request)
        .bind(&job.input_language)
        .bind(&job.callback_url)
        .bind(&job.callback_id)
        .bind(job.created_at)
        .execute(&mut *self.0)
        .await?;
        let run = serde_json::to_vec(&RunJob {
            job_id: job.id.clone(),
        })
        .map_err(|e| sqlx::Error::Encode(Box::new(e)))?;
        // How often a job may be tried is ours to say (`attempts`), so the queue must not stop first.
        let task = TaskBuilder::new(run).max_attempts(1_000).build();
        apalis_sqlite::queries::push_tasks(&mut *self.0, QUEUE, &[task])
            .await
            .map_err(|e| sqlx::Error::Io(std::io::Error::other(e)))
            .map(drop)
    }
}

impl Store {
    /// A job by id, deleted ones included.
    pub(crate) async fn job(&self, id: &str) -> Stored<Option<JobRow>> {
        sqlx::query_as("select * from clip_jobs where id = ?")
            .bind(id)
            .fetch_optional(&self.pool)
            .await
    }

    /// Jobs of one dialect, newest first, older than `before`.
    pub(crate) async fn jobs(
        &self,
        dialect: Dialect,
        before: Option<i64>,
        limit: i64,
    ) -> Stored<Vec<JobRow>> {
        sqlx::query_as(
            "select * from clip_jobs where dialect = ? and deleted = 0 and seq < ?
             order by seq desc limit ?",
        )
        .bind(dialect)
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.pool)
        .await
    }

    /// How many jobs are not finished.
    pub(crate) async fn unfinished_jobs(&self) -> Stored<i64> {
        sqlx::query_scalar(
            "select count(*) from clip_jobs where deleted = 0 and status in ('pending', 'running')",
        )
        .fetch_one(&self.pool)
        .await
    }

    /// Marks a job as running and counts the attempt. `None` when there is nothing left to do:
    /// it is finished or deleted.
    pub(crate) async fn begin_job(&self, id: &str) -> Stored<Option<JobRow>> {
        sqlx::query_as(
            "update clip_jobs set status = 'running', attempts = attempts + 1
             where id = ? and deleted = 0 and status in ('pending', 'running') returning *",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await
    }

    /// Takes back that a job was begun: it did not come to its end because the emulator was stopped.
    pub(crate) async fn give_attempt_back(&self, id: &str) -> Stored<()> {
        sqlx::query(
            "update clip_jobs set attempts = attempts - 1
             where id = ? and status = 'running' and attempts > 0",
        )
        .bind(id)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Stores what a job decided to cut. Only the first decision counts: a resumed job keeps it.
    pub(crate) async fn plan_job(
        &self,
        id: &str,
        source_duration: f64,
        transcript_source: Option<&str>,
        clips: &[NewClip],
    ) -> Stored<()> {
        let Change(mut tx) = self.change().await?;
        let first = sqlx::query(
            "update clip_jobs set planned = 1, source_duration = ?, transcript_source = ?
             where id = ? and planned = 0 and deleted = 0",
        )
        .bind(source_duration)
        .bind(transcript_source)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        if first.rows_affected() == 1 {
            for (position, clip) in (0_i64..).zip(clips) {
                sqlx::query(
                    "insert into clips (id, job_id, position, status, label, start_seconds,
                                        end_seconds, score, aspect)
                     values (?, ?, ?, 'pending', ?, ?, ?, ?, ?)",
                )
                .bind(&clip.id)
                .bind(id)
                .bind(position)
                .bind(&clip.label)
                .bind(clip.start_seconds)
                .bind(clip.end_seconds)
                .bind(clip.score)
                .bind(&clip.aspect)
                .execute(&mut *tx)
                .await?;
            }
        }
        tx.commit().await
    }

    /// A job's clips, in the order they were planned.
    pub(crate) async fn clips(&self, job_id: &str) -> Stored<Vec<ClipRow>> {
        sqlx::query_as("select * from clips where job_id = ? order by position")
            .bind(job_id)
            .fetch_all(&self.pool)
            .await
    }

    /// Marks a clip as made.
    pub(crate) async fn complete_clip(&self, id: &str, made: Made) -> Stored<()> {
        sqlx::query(
            "update clips set status = 'completed', start_seconds = ?, end_seconds = ?,
                    duration_seconds = ?, has_captions = ?, has_thumbnail = ? where id = ?",
        )
        .bind(made.start_seconds)
        .bind(made.end_seconds)
        .bind(made.duration_seconds)
        .bind(made.has_captions)
        .bind(made.has_thumbnail)
        .bind(id)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// Marks a clip as impossible.
    pub(crate) async fn fail_clip(&self, id: &str, message: &str) -> Stored<()> {
        sqlx::query("update clips set status = 'failed', failure_message = ? where id = ?")
            .bind(message)
            .bind(id)
            .execute(&self.pool)
            .await
            .map(drop)
    }

    /// Ends a job and stores what is to be told about it, all or nothing. Does nothing when the job
    /// has ended before or was deleted.
    pub(crate) async fn finish_job(
        &self,
        id: &str,
        failure: Option<&str>,
        event: &NewEvent,
        deliveries: &[NewDelivery],
    ) -> Stored<bool> {
        let Change(mut tx) = self.change().await?;
        let status = if failure.is_some() {
            Status::Failed
        } else {
            Status::Completed
        };
        let ended = sqlx::query(
            "update clip_jobs set status = ?, failure_message = ?
             where id = ? and deleted = 0 and status in ('pending', 'running')",
        )
        .bind(status)
        .bind(failure)
        .bind(id)
        .execute(&mut *tx)
        .await?;
        let ended = ended.rows_affected() == 1;
        if ended {
            webhooks::insert_event(&mut tx, event).await?;
            for delivery in deliveries {
                webhooks::insert_delivery(&mut tx, id, delivery).await?;
            }
        }
        tx.commit().await?;
        Ok(ended)
    }

    /// Deletes a job for good, with its clips and log. `false` when there is none.
    pub(crate) async fn remove_job(&self, dialect: Dialect, id: &str) -> Stored<bool> {
        let removed = sqlx::query("delete from clip_jobs where id = ? and dialect = ?")
            .bind(id)
            .bind(dialect)
            .execute(&self.pool)
            .await?;
        Ok(removed.rows_affected() == 1)
    }

    /// Hides a job but keeps its row. `false` when there is none.
    pub(crate) async fn hide_job(&self, dialect: Dialect, id: &str) -> Stored<bool> {
        let hidden = sqlx::query(
            "update clip_jobs set deleted = 1 where id = ? and dialect = ? and deleted = 0",
        )
        .bind(id)
        .bind(dialect)
        .execute(&self.pool)
        .await?;
        Ok(hidden.rows_affected() == 1)
    }

    /// Adds a line to a job's log. A job that is gone keeps none.
    pub(crate) async fn log(
        &self,
        job_id: &str,
        at: i64,
        level: &str,
        message: &str,
    ) -> Stored<()> {
        sqlx::query(
            "insert into job_log (job_id, at, level, message)
             select id, ?, ?, ? from clip_jobs where id = ?",
        )
        .bind(at)
        .bind(level)
        .bind(message)
        .bind(job_id)
        .execute(&self.pool)
        .await
        .map(drop)
    }

    /// A job's log, oldest line first.
    pub(crate) async fn job_log(&self, job_id: &str) -> Stored<Vec<LogRow>> {
        sqlx::query_as("select at, level, message from job_log where job_id = ? order by seq")
            .bind(job_id)
            .fetch_all(&self.pool)
            .await
    }
}
