//! How requests leave: the seam where a policy, or a server in the same process, is plugged in.
//!
//! The generated clients build requests and decode responses; a [`Transport`] carries one to the other. It is chosen when
//! the client is made and is object-safe, so that this crate need not know who implements it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use reqwest::{Request, Response};

/// What [`Transport::send`] returns.
pub type Sending<'a> = Pin<Box<dyn Future<Output = reqwest::Result<Response>> + Send + 'a>>;

/// Carries a request to the server and brings the response back.
///
/// [`Http`] is one. Another adds credentials, retries or tracing around it, or answers in the same process:
///
/// ```
/// use heygen_clips_openapi::transport::{Hooks, Sending, Transport};
///
/// /// Answers everything with 503.
/// struct Down;
///
/// impl Transport for Down {
///     fn send<'a>(&'a self, _operation: &'static str, _request: reqwest::Request) -> Sending<'a> {
///         let response = http::Response::builder().status(503).body("").expect("a valid response");
///         Box::pin(async move { Ok(reqwest::Response::from(response)) })
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let http = heygen_clips_openapi::transport::client_builder().build()?;
/// let client = heygen_clips_openapi::clips::connect("http://in.process", http, Hooks::new(Down));
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends `request`, which belongs to `operation`: its id in the document, spelt as the generated method is
    /// (`create_clip_job`).
    ///
    /// # Errors
    /// Those of reqwest. A transport that wants to refuse by itself answers with a response that it made.
    fn send<'a>(&'a self, operation: &'static str, request: Request) -> Sending<'a>;
}

/// The network, by a reqwest client that follows no redirects.
///
/// reqwest knows which headers of its own are credentials, but takes `x-api-key` along to whatever host it is
/// redirected to. The API redirects nobody, so nothing is lost. For that reason a bare [`reqwest::Client`], which may
/// follow them, is no [`Transport`].
#[derive(Debug, Clone)]
pub struct Http(reqwest::Client);

impl Http {
    /// Builds the client; its redirect policy is replaced.
    ///
    /// # Errors
    /// Those of [`reqwest::ClientBuilder::build`].
    pub fn new(builder: reqwest::ClientBuilder) -> reqwest::Result<Self> {
        ensure_provider();
        // A browser follows redirects itself, and asks the other host's leave before it shows the key there.
        #[cfg(not(target_arch = "wasm32"))]
        let builder = builder.redirect(reqwest::redirect::Policy::none());
        Ok(Self(builder.build()?))
    }

    /// The client, to build requests with.
    pub fn client(&self) -> &reqwest::Client {
        &self.0
    }
}

impl Transport for Http {
    fn send<'a>(&'a self, _operation: &'static str, request: Request) -> Sending<'a> {
        let sending = self.0.execute(request);
        // What a browser does stays in its thread, which is the only one there is.
        #[cfg(target_arch = "wasm32")]
        let sending = send_wrapper::SendWrapper::new(sending);
        Box::pin(sending)
    }
}

/// What a generated client carries: the transport.
#[derive(Clone)]
pub struct Hooks {
    transport: Arc<dyn Transport>,
}

impl Hooks {
    /// Sends everything through `transport`.
    pub fn new(transport: impl Transport) -> Self {
        Self {
            transport: Arc::new(transport),
        }
    }

    /// Sends everything through a transport that others use too.
    pub fn shared(transport: Arc<dyn Transport>) -> Self {
        Self { transport }
    }

    /// The transport, for calls that no generated client makes.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// A builder of reqwest clients, with the TLS that this crate's features choose. Where several are on, as when two
/// dependencies differ, `native-tls` is taken before `rustls-aws-lc`, and that before `rustls`.
///
/// With the feature `rustls` it makes ring the process's default provider, unless the process has one already.
#[allow(
    clippy::let_and_return,
    reason = "which line is the last depends on the features"
)]
pub fn client_builder() -> reqwest::ClientBuilder {
    ensure_provider();
    let builder = reqwest::Client::builder();
    // Said, and not left to reqwest, whose own features others may have turned on.
    #[cfg(feature = "native-tls")]
    let builder = builder.tls_backend_native();
    #[cfg(all(
        any(feature = "rustls", feature = "rustls-aws-lc"),
        not(feature = "native-tls")
    ))]
    let builder = builder.tls_backend_rustls();
    builder
}

fn ensure_provider() {
    #[cfg(all(feature = "rustls", not(feature = "rustls-aws-lc")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may be faster; then its provider serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// Sends what a generated client builds through its transport.
macro_rules! hook {
    ($client:ty) => {
        impl progenitor_client::ClientHooks<$crate::transport::Hooks> for $client {
            // Not `async`, which would keep the request beside what is made of it.
            fn exec(
                &self,
                request: reqwest::Request,
                info: &progenitor_client::OperationInfo,
            ) -> impl Future<Output = reqwest::Result<reqwest::Response>> {
                let hooks = progenitor_client::ClientInfo::inner(self);
                hooks.transport().send(info.operation_id, request)
            }
        }
    };
}
pub(crate) use hook;
