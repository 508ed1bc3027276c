//! Lists by page or by item.
//!
//! The dialects' modules bring the call that fetches one page; following the cursor, and refusing
//! to follow it in circles, is done here.

use std::collections::HashSet;
use std::num::NonZeroU64;

use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt, TryStreamExt, try_unfold};

use crate::error::{Error, Kind, Result};

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Whether the server says that there is more.
    pub has_more: bool,
    /// Where the next page starts; opaque.
    pub next_token: Option<String>,
}

impl<T> Page<T> {
    /// A page as the documents have it: a server that does not say whether there is more, but
    /// gives a cursor, has more.
    pub(crate) fn new(items: Vec<T>, has_more: Option<bool>, next_token: Option<String>) -> Self {
        let has_more = has_more.unwrap_or(next_token.is_some());
        Self {
            items,
            has_more,
            next_token,
        }
    }
}

type Fetch<T> = Box<dyn Fn(PageQuery) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync>;

/// What is asked of one page.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageQuery {
    pub(crate) limit: Option<u32>,
    pub(crate) token: Option<String>,
}

impl PageQuery {
    /// The limit as the generated clients take it.
    pub(crate) fn rows(&self) -> Option<NonZeroU64> {
        self.limit.and_then(|limit| NonZeroU64::new(limit.into()))
    }
}

/// A list that has not been asked for yet. Take [one page](List::page), a stream
/// [of pages](List::by_page) or a stream [of items](List::by_item).
///
/// ```no_run
/// # async fn example(client: heygen_clips::Client) -> heygen_clips::Result<()> {
/// use futures::TryStreamExt as _;
///
/// let mut jobs = client.clips().list().by_item();
/// while let Some(job) = jobs.try_next().await? {
///     println!("{}", job.id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list asks nothing until a page or a stream is taken from it"]
pub struct List<T> {
    operation: &'static str,
    query: PageQuery,
    fetch: Fetch<T>,
}

impl<T: Send + 'static> List<T> {
    pub(crate) fn new(
        operation: &'static str,
        fetch: impl Fn(PageQuery) -> BoxFuture<'static, Result<Page<T>>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            operation,
            query: PageQuery::default(),
            fetch: Box::new(fetch),
        }
    }

    /// Rows on a page, 1 to 100; the server's default is 10.
    pub fn limit(mut self, rows: u32) -> Self {
        self.query.limit = Some(rows);
        self
    }

    /// Starts where an earlier [`Page::next_token`] pointed.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.query.token = Some(token.into());
        self
    }

    /// Fetches one page.
    pub async fn page(self) -> Result<Page<T>> {
        check_limit(&self.query)?;
        (self.fetch)(self.query).await
    }

    /// All pages from here on, each fetched when it is asked for. Ends after the first error.
    ///
    /// A cursor that comes a second time is an error after that page, not an endless loop.
    pub fn by_page(self) -> impl Stream<Item = Result<Page<T>>> + Send + Unpin + 'static {
        let walk = Walk {
            seen: HashSet::new(),
            next: Some(Ok(self.query.clone())),
            list: self,
        };
        try_unfold(walk, |mut walk| async move {
            let Some(query) = walk.next.take().transpose()? else {
                return Ok(None);
            };
            check_limit(&query)?;
            let page = (walk.list.fetch)(query.clone()).await?;
            walk.next = walk.after(&page, query).transpose();
            Ok(Some((page, walk)))
        })
        .boxed()
    }

    /// All items from here on, fetched a page at a time.
    pub fn by_item(self) -> impl Stream<Item = Result<T>> + Send + Unpin + 'static {
        self.by_page()
            .map_ok(|page| futures::stream::iter(page.items.into_iter().map(Ok)))
            .try_flatten()
    }
}

/// The [`List`] of an operation: `list!(client, module of the raw crate, its method)`. A macro,
/// because the generated requests of the lists have no trait in common.
macro_rules! list {
    ($client:expr, $dialect:ident, $operation:ident) => {{
        let client = $client.clone();
        $crate::paging::List::new(stringify!($operation), move |query| {
            let client = client.clone();
            Box::pin(async move {
                let mut call = client.exchange();
                let raw = call.$dialect();
                let mut request = raw.$operation();
                if let Some(limit) = query.rows() {
                    request = request.limit(limit);
                }
                if let Some(token) = query.token {
                    request = request.token(token);
                }
                let page = call.answer(|| request.clone().send()).await?;
                let items = call.require(page.data)?;
                Ok($crate::paging::Page::new(
                    items,
                    page.has_more,
                    page.next_token,
                ))
            })
        })
    }};
}
pub(crate) use list;

/// The way through the pages: which cursors have been followed and which comes next.
struct Walk<T> {
    list: List<T>,
    seen: HashSet<String>,
    /// What is wrong with the way on is told after the page that says it.
    next: Option<Result<PageQuery>>,
}

impl<T> Walk<T> {
    fn after(&mut self, page: &Page<T>, query: PageQuery) -> Result<Option<PageQuery>> {
        self.seen.extend(query.token);
        if !page.has_more {
            return Ok(None);
        }
        let fault = match &page.next_token {
            Some(token) if !self.seen.contains(token) => {
                return Ok(Some(PageQuery {
                    limit: query.limit,
                    token: Some(token.clone()),
                }));
            }
            Some(_) => "the server gave the same cursor again, so the list would never end",
            None => "the server says that there is more but not where (no next_token)",
        };
        Err(Error::new(Kind::BadResponse, fault).with_operation(self.list.operation))
    }
}

fn check_limit(query: &PageQuery) -> Result<()> {
    match query.limit {
        Some(limit) if !(1..=100).contains(&limit) => Err(Error::invalid(
            "limit",
            format!("limit must be between 1 and 100, not {limit}"),
        )),
        _ => Ok(()),
    }
}
