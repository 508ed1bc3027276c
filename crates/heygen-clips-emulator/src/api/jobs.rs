//! What both dialects do alike: accepting a job, paging, finding and deleting one.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::gate::{self, Keyed};
use super::reply::{Answer, Refusal};
use crate::app::{App, new_id};
use crate::store::{Dialect, JobRow, NewJob};
use crate::work::{JobSpec, Source};

/// What a create call gives besides the work itself.
pub(super) struct Order {
    pub(super) dialect: Dialect,
    pub(super) title: Option<String>,
    pub(super) input_language: Option<String>,
    pub(super) callback_url: Option<String>,
    pub(super) callback_id: Option<String>,
    pub(super) spec: JobSpec,
}

/// Accepts a job: what can be judged now is refused now, what only the source can show (whether it
/// can be reached, what is in it) fails the job later. `answer` tells the caller its id.
pub(super) async fn accept(
    app: &App,
    order: Order,
    keyed: Option<Keyed>,
    answer: impl FnOnce(String) -> Answer,
) -> Answer {
    let guard = app.fetcher.guard();
    // What can be told from the request alone comes before what has to be looked up.
    if let Source::Url { url } = &order.spec.source {
        guard
            .check(url)
            .map_err(|refused| Refusal::parameter("video.url", refused.0))?;
    }
    if let Some(url) = &order.callback_url {
        guard
            .check(url)
            .map_err(|refused| Refusal::parameter("callback_url", refused.0))?;
    }
    if let Source::AssetId { asset_id } = &order.spec.source {
        let asset = app.store.asset(asset_id).await?.ok_or_else(|| {
            Refusal::not_found("asset_not_found", format!("there is no asset {asset_id}"))
                .about("video.asset_id")
        })?;
        if !asset.is_ready() {
            let message = "the asset is still being uploaded: complete the upload first";
            return Err(Refusal::parameter("video.asset_id", message));
        }
        if !asset.mime_type.starts_with("video/") {
            let message = format!("the asset is no video but {}", asset.mime_type);
            return Err(Refusal::parameter("video.asset_id", message));
        }
    }
    if let Some(most) = app.settings.max_unfinished_jobs
        && app.store.unfinished_jobs().await? >= i64::from(most)
    {
        let message = format!("{most} jobs are being worked on, which is the limit: wait for one");
        return Err(Refusal::busy(message, 5));
    }
    let prefix = match order.dialect {
        Dialect::Clips => "clip_",
        Dialect::AiClipping => "aic_",
    };
    let job = NewJob {
        id: new_id(prefix),
        dialect: order.dialect,
        title: order.title,
        request: serde_json::to_string(&order.spec).map_err(Refusal::internal)?,
        input_language: order.input_language,
        callback_url: order.callback_url,
        callback_id: order.callback_id,
        created_at: app.clock.now(),
    };
    let response = answer(job.id.clone())?;
    let mut change = app.store.change().await?;
    change.insert_job(&job).await?;
    let response = gate::finish(change, keyed, response).await?;
    app.queued.notify_one();
    Ok(response)
}

/// A job of this dialect that was not deleted.
pub(super) async fn find(app: &App, dialect: Dialect, id: &str) -> Answer<JobRow> {
    let job = app.store.job(id).await?;
    job.filter(|job| job.dialect == dialect && !job.deleted)
        .ok_or_else(|| no_job(id))
}

pub(super) fn no_job(id: &str) -> Refusal {
    Refusal::not_found("resource_not_found", format!("there is no job {id}"))
}

/// What a list call asks for: the contract has checked it already, but for the cursor.
#[derive(Debug)]
pub(super) struct Paging {
    pub(super) query: Vec<(String, String)>,
    limit: i64,
}

impl<S: Send + Sync> FromRequestParts<S> for Paging {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = gate::pairs(parts.uri.query());
        let limit = get(&query, "limit").and_then(whole).unwrap_or(10);
        Ok(Self { query, limit })
    }
}

/// A whole number, which JSON Schema lets be written as `8.0` too.
fn whole(text: &str) -> Option<i64> {
    format!("{:.0}", text.parse::<f64>().ok()?).parse().ok()
}

impl Paging {
    /// A query parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        get(&self.query, name)
    }

    /// One row more than fits on the page: it shows whether there is a next page.
    pub(super) fn rows(&self) -> i64 {
        self.limit.saturating_add(1)
    }

    /// Where the page begins: rows older than this.
    pub(super) fn before(&self, app: &App, list: &str) -> Answer<Option<i64>> {
        let Some(token) = self.get("token") else {
            return Ok(None);
        };
        app.signer
            .position(list, token)
            .map(Some)
            .ok_or_else(|| Refusal::parameter("token", "this is no next_token of this list"))
    }

    /// Cuts the rows to the page and makes the cursor of the next one.
    pub(super) fn cut<T>(
        &self,
        app: &Arc<App>,
        list: &str,
        rows: &mut Vec<T>,
        seq: impl Fn(&T) -> i64,
    ) -> Option<String> {
        let fits = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= fits {
            return None;
        }
        rows.truncate(fits);
        rows.last().map(|last| app.signer.cursor(list, seq(last)))
    }
}

fn get<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}
