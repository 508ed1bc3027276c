//! Which addresses the emulator may call on somebody's behalf: a source's URL, a callback, a webhook.
//!
//! A caller who can make a server fetch a URL can read what only that server can reach. So an address
//! is judged three times: as it is written, as its name resolves at the moment of connecting (the same
//! lookup that is then used, so a second answer cannot differ), and again at every redirect.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Names under which clouds serve credentials; their addresses are refused too.
const METADATA_NAMES: [&str; 4] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "instance-data",
];

/// Metadata services outside the link-local range: Alibaba's, Oracle's, Azure's.
const METADATA_V4: [Ipv4Addr; 3] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// Metadata services among private IPv6 addresses: Amazon's two, Google's, Oracle's.
const METADATA_V6: [Ipv6Addr; 4] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
];

/// The rule, and the resolver that enforces it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    /// Loopback and private networks are fine. Addresses of cloud metadata services never are.
    pub(crate) allow_private: bool,
}

/// Why an address may not be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(pub(crate) String);

impl Guard {
    /// Judges an address as it is written.
    pub(crate) fn check(self, text: &str) -> Result<Url, Refused> {
        let url = Url::parse(text).map_err(|e| Refused(format!("it is not a URL ({e})")))?;
        self.check_url(&url)?;
        Ok(url)
    }

    pub(super) fn check_url(self, url: &Url) -> Result<(), Refused> {
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            "http" => return Err(Refused("only https links are fetched".into())),
            other => {
                return Err(Refused(format!(
                    "links of scheme {other:?} are not fetched"
                )));
            }
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused(
                "a link must not carry a user name or password".into(),
            ));
        }
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => self.check_ip(IpAddr::V6(ip)),
            Some(Host::Domain(name)) => self.check_name(name),
            None => Err(Refused("the link has no host".into())),
        }
    }

    fn check_name(self, name: &str) -> Result<(), Refused> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        if METADATA_NAMES.contains(&name.as_str()) {
            return Err(Refused(
                "addresses of metadata services are never fetched".into(),
            ));
        }
        if !self.allow_private && (name == "localhost" || name.ends_with(".localhost")) {
            return Err(private());
        }
        Ok(())
    }

    fn check_ip(self, ip: IpAddr) -> Result<(), Refused> {
        match reach(ip) {
            Reach::Metadata => Err(Refused(
                "addresses of metadata services are never fetched".into(),
            )),
            Reach::Private if !self.allow_private => Err(private()),
            Reach::Private | Reach::Public => Ok(()),
        }
    }
}

fn private() -> Refused {
    Refused(
        "the link leads to a private address, and this emulator was not started with private URLs \
         allowed"
            .into(),
    )
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            guard.check_name(name.as_str())?;
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One bad address among good ones is how a rebinding attack looks: refuse them all.
            for address in &found {
                guard.check_ip(address.ip())?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    Private,
    Metadata,
}

fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(ip) => reach_v4(ip),
        IpAddr::V6(ip) => reach_v6(ip),
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    // Link-local is where clouds keep their credentials.
    if ip.is_link_local() || METADATA_V4.contains(&ip) {
        return Reach::Metadata;
    }
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_broadcast()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 198 && (b == 18 || b == 19))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99);
    if special {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&ip) {
        return Reach::Metadata;
    }
    // Addresses that carry an IPv4 address go where that one goes.
    let words = ip.segments();
    let embedded = match words {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some((high, low)),
        [0x2002, high, low, ..] => Some((high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = embedded {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        return reach_v4(Ipv4Addr::new(a, b, c, d));
    }
    let first = words[0];
    let special = ip.is_unspecified()
        || ip.is_loopback()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local()
        || (first & 0xffc0) == 0xfec0
        || (first == 0x64 && words[1] == 0xff9b)
        || (first == 0x2001 && (words[1] < 0x200 || words[1] == 0xdb8))
        || first == 0x100;
    if special {
        Reach::Private
    } else {
        Reach::Public
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    const STRICT: Guard = Guard {
        allow_private: false,
    };
    const LOCAL: Guard = Guard {
        allow_private: true,
    };

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        for url in [
            "https://127.0.0.1/v.mp4",
            "https://2130706433/v.mp4",
            "https://0x7f.1/v.mp4",
            "https://0177.0.0.1/v.mp4",
            "https://0/v.mp4",
            "https://[::1]/v.mp4",
            "https://[::]/v.mp4",
            "https://[::ffff:127.0.0.1]/v.mp4",
            "https://[64:ff9b::7f00:1]/v.mp4",
            "https://[2002:7f00:1::]/v.mp4",
            "https://localhost/v.mp4",
            "https://LOCALHOST./v.mp4",
            "https://a.localhost/v.mp4",
            "https://10.1.2.3/v.mp4",
            "https://172.16.0.1/v.mp4",
            "https://192.168.1.1/v.mp4",
            "https://100.64.0.1/v.mp4",
            "https://198.18.0.1/v.mp4",
            "https://224.0.0.1/v.mp4",
            "https://255.255.255.255/v.mp4",
            "https://[fd12::1]/v.mp4",
            "https://[fe80::1]/v.mp4",
        ] {
            let error = STRICT.check(url).unwrap_err();
            assert!(error.0.contains("private address"), "{url}: {error}");
            assert!(LOCAL.check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn metadata_services_schemes_and_user_names_are_refused_always() {
        for url in [
            "https://169.254.169.254/latest",
            "https://[::ffff:169.254.169.254]/latest",
            "https://169.254.170.2/v2",
            "https://100.100.100.200/latest",
            "https://192.0.0.192/latest",
            "https://168.63.129.16/latest",
            "https://[fd00:ec2::254]/latest",
            "https://[fd00:ec2::23]/v1",
            "https://[fd20:ce::254]/v1",
            "https://[fd00:c1::a9fe:a9fe]/v2",
            "https://[::ffff:0:169.254.169.254]/latest",
            "https://metadata.google.internal/v1",
            "https://metadata/v1",
            "https://user:pass@example.com/v.mp4",
            "https://user@example.com/v.mp4",
            "ftp://example.com/v.mp4",
            "file:///etc/passwd",
            "data:video/mp4;base64,AAAA",
            "example.com/v.mp4",
            "",
        ] {
            assert!(STRICT.check(url).is_err(), "{url}");
            assert!(LOCAL.check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn public_https_is_fine_and_plain_http_only_with_private_urls() {
        assert!(
            STRICT
                .check("https://example.com/v.mp4?Signature=x")
                .is_ok()
        );
        assert!(STRICT.check("https://8.8.8.8/v.mp4").is_ok());
        assert!(STRICT.check("https://[2606:4700::1]/v.mp4").is_ok());
        assert!(STRICT.check("http://example.com/v.mp4").is_err());
        assert!(LOCAL.check("http://example.com/v.mp4").is_ok());
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to() {
        let name = || "localhost".parse::<Name>().unwrap();
        assert!(STRICT.resolve(name()).await.is_err());
        assert!(LOCAL.resolve(name()).await.is_ok());
    }
}
