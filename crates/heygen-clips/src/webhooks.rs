//! Webhook endpoints of the account: where the vendor sends events, and which it has sent.
//!
//! Verifying what arrives there is the business of [`Verifier`](crate::Verifier).

use heygen_clips_openapi::ai_clipping::types;

use crate::client::Client;
use crate::error::Result;
use crate::limits;
use crate::paging::{List, list};

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
        list!(self.client, ai_clipping, list_webhook_endpoints)
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
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let request = raw
            .create_webhook_endpoint()
            .body_map(|body| body.url(url).events((!events.is_empty()).then_some(events)));
        let endpoint = call.answer(|| request.clone().send()).await?;
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
        let id = limits::id("endpoint_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let request = raw.rotate_webhook_endpoint_secret().endpoint_id(id);
        let endpoint = call.answer(|| request.clone().send()).await?;
        call.require(endpoint.data)
    }

    /// Deletes an endpoint.
    pub async fn delete(&self, id: impl AsRef<str>) -> Result<()> {
        let id = limits::id("endpoint_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let request = raw.delete_webhook_endpoint().endpoint_id(id);
        // The document gives this answer no `data` to rely on.
        let deleted = call.answer(|| request.clone().send()).await;
        call.deleted(deleted)
    }

    /// The kinds of events that there are.
    pub async fn event_types(&self) -> Result<Vec<types::WebhookEventTypeInfo>> {
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let types = call
            .answer(|| raw.list_webhook_event_types().send())
            .await?;
        call.require(types.data)
    }

    /// The events that were sent, newest first.
    pub fn events(&self) -> List<types::WebhookEvent> {
        list!(self.client, ai_clipping, list_webhook_events)
    }

    async fn update(
        &self,
        id: &str,
        change: impl FnOnce(
            types::builder::UpdateWebhookEndpointRequest,
        ) -> types::builder::UpdateWebhookEndpointRequest,
    ) -> Result<types::WebhookEndpoint> {
        let id = limits::id("endpoint_id", &id)?;
        let mut call = self.client.exchange();
        let raw = call.ai_clipping();
        let request = raw
            .update_webhook_endpoint()
            .endpoint_id(id)
            .body_map(change);
        let endpoint = call.answer(|| request.clone().send()).await?;
        call.require(endpoint.data)
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
