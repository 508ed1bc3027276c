//! Webhook endpoints of the account: where the vendor sends events, and which it has sent.
//!
//! Verifying what arrives there is not done here.

use futures::FutureExt;
use heygen_clips_openapi::ai_clipping::types;

use crate::client::Client;
use crate::error::Result;
use crate::exchange::Limit;
use crate::limits;
use crate::paging::{List, Page, PageQuery};

/// Webhook endpoints and events; from [`Client::webhooks`].
#[derive(Debug, Clone)]
pub struct Webhooks {
    client: Client,
}

impl Webhooks {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Lists the endpoints.
    pub fn list(&self) -> List<types::WebhookEndpoint> {
        let webhooks = self.clone();
        List::new("listWebhookEndpoints", move |query| {
            webhooks.clone().page(query).boxed()
        })
    }

    /// Registers an https endpoint for some events, or for all where none are named. Its signing
    /// secret is in the answer, and in no later one.
    pub async fn create<E: Into<String>>(
        &self,
        url: impl Into<String>,
        events: impl IntoIterator<Item = E>,
    ) -> Result<types::WebhookEndpoint> {
        let url = url.into();
        limits::url("url", &url)?;
        let events = event_types(events);
        let call = self.client.exchange("createWebhookEndpoint", Limit::Create);
        let raw = call.ai_clipping();
        let request = raw
            .create_webhook_endpoint()
            .body_map(|body| body.url(url).events((!events.is_empty()).then_some(events)));
        let result = request.send().boxed().await;
        let endpoint = call.finish(result)?;
        call.require(endpoint.data)
    }

    /// Replaces the events that an endpoint is sent.
    pub async fn set_events<E: Into<String>>(
        &self,
        id: impl AsRef<str>,
        events: impl IntoIterator<Item = E>,
    ) -> Result<types::WebhookEndpoint> {
        let events = event_types(events);
        self.update(id.as_ref(), |body| body.events(Some(events)))
            .await
    }

    /// Moves an endpoint to another https URL.
    pub async fn set_url(
        &self,
        id: impl AsRef<str>,
        url: impl Into<String>,
    ) -> Result<types::WebhookEndpoint> {
        let url = url.into();
        limits::url("url", &url)?;
        self.update(id.as_ref(), |body| body.url(Some(url))).await
    }

    /// Gives an endpoint a new signing secret, which is in the answer. The old one ends at once.
    pub async fn rotate_secret(&self, id: impl AsRef<str>) -> Result<types::WebhookEndpoint> {
        let id = id.as_ref();
        limits::id("endpoint_id", id)?;
        let call = self
            .client
            .exchange("rotateWebhookEndpointSecret", Limit::Create);
        let raw = call.ai_clipping();
        let request = raw.rotate_webhook_endpoint_secret().endpoint_id(id);
        let result = request.send().boxed().await;
        let endpoint = call.finish(result)?;
        call.require(endpoint.data)
    }

    /// Deletes an endpoint.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = id.as_ref();
        limits::id("endpoint_id", id)?;
        let call = self.client.exchange("deleteWebhookEndpoint", Limit::Read);
        let raw = call.ai_clipping();
        let result = raw
            .delete_webhook_endpoint()
            .endpoint_id(id)
            .send()
            .boxed()
            .await;
        // The document gives this answer no `data` to rely on.
        call.finish(result).map(drop)
    }

    /// The kinds of events that there are.
    pub async fn event_types(&self) -> Result<Vec<types::WebhookEventTypeInfo>> {
        let call = self.client.exchange("listWebhookEventTypes", Limit::Read);
        let raw = call.ai_clipping();
        let result = raw.list_webhook_event_types().send().boxed().await;
        let types = call.finish(result)?;
        call.require(types.data)
    }

    /// The events that were sent, newest first.
    pub fn events(&self) -> List<types::WebhookEvent> {
        let webhooks = self.clone();
        List::new("listWebhookEvents", move |query| {
            webhooks.clone().event_page(query).boxed()
        })
    }

    async fn update(
        &self,
        id: &str,
        change: impl FnOnce(
            types::builder::UpdateWebhookEndpointRequest,
        ) -> types::builder::UpdateWebhookEndpointRequest,
    ) -> Result<types::WebhookEndpoint> {
        limits::id("endpoint_id", id)?;
        let call = self.client.exchange("updateWebhookEndpoint", Limit::Create);
        let raw = call.ai_clipping();
        let request = raw
            .update_webhook_endpoint()
            .endpoint_id(id)
            .body_map(change);
        let result = request.send().boxed().await;
        let endpoint = call.finish(result)?;
        call.require(endpoint.data)
    }

    async fn page(self, query: PageQuery) -> Result<Page<types::WebhookEndpoint>> {
        let call = self.client.exchange("listWebhookEndpoints", Limit::Read);
        let raw = call.ai_clipping();
        let mut request = raw.list_webhook_endpoints();
        if let Some(limit) = query.rows() {
            request = request.limit(limit);
        }
        if let Some(token) = query.token {
            request = request.token(token);
        }
        let result = request.send().boxed().await;
        let page = call.finish(result)?;
        Ok(Page::new(
            call.require(page.data)?,
            page.has_more,
            page.next_token,
        ))
    }

    async fn event_page(self, query: PageQuery) -> Result<Page<types::WebhookEvent>> {
        let call = self.client.exchange("listWebhookEvents", Limit::Read);
        let raw = call.ai_clipping();
        let mut request = raw.list_webhook_events();
        if let Some(limit) = query.rows() {
            request = request.limit(limit);
        }
        if let Some(token) = query.token {
            request = request.token(token);
        }
        let result = request.send().boxed().await;
        let page = call.finish(result)?;
        Ok(Page::new(
            call.require(page.data)?,
            page.has_more,
            page.next_token,
        ))
    }
}

/// By name, since the vendor's list grows; a name that the document has is sent alike.
fn event_types<E: Into<String>>(
    events: impl IntoIterator<Item = E>,
) -> Vec<types::WebhookEventType> {
    events
        .into_iter()
        .map(|event| types::WebhookEventType::Unknown(event.into()))
        .collect()
}
