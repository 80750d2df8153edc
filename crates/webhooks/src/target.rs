use std::{fmt, net::IpAddr, str::FromStr};

use hyper::Uri;

/// Where messages go: over HTTPS, or over HTTP on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Uri);

/// Why messages cannot go there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    /// It is no URL.
    #[error("that is no URL such as https://crm.example.com/purser")]
    Malformed,
    /// Anybody on the way could read it.
    #[error("use https: http is for a program on this machine only (127.0.0.1, [::1] or localhost)")]
    InTheClear,
    /// Lists and logs would show it.
    #[error("leave name and password out of the URL: messages are signed, which the receiver checks")]
    WithPassword,
}

const BYTES_MAX: usize = 2_000;

impl Target {
    pub(crate) fn uri(&self) -> Uri {
        self.0.clone()
    }

    /// Scheme and host, for logs: what comes after them may be nobody else's business.
    pub(crate) fn origin(&self) -> String {
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        format!("{}://{authority}", self.0.scheme_str().unwrap_or_default())
    }
}

impl FromStr for Target {
    type Err = TargetRefused;

    fn from_str(text: &str) -> Result<Self, TargetRefused> {
        if text.len() > BYTES_MAX || text.contains('#') {
            return Err(TargetRefused::Malformed);
        }
        let uri: Uri = text.parse().map_err(|_| TargetRefused::Malformed)?;
        let authority = uri.authority().ok_or(TargetRefused::Malformed)?;
        if authority.as_str().contains('@') {
            return Err(TargetRefused::WithPassword);
        }
        match uri.scheme_str() {
            _ if authority.host().is_empty() => Err(TargetRefused::Malformed),
            Some("https") => Ok(Self(uri)),
            Some("http") if is_this_machine(authority.host()) => Ok(Self(uri)),
            Some("http") => Err(TargetRefused::InTheClear),
            _ => Err(TargetRefused::Malformed),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_stays_here() {
        for text in [
            "https://crm.example.com/purser?shop=12",
            "https://10.0.0.8:8443/",
            "http://127.0.0.1:9000/hook",
            "http://[::1]:9000/hook",
            "http://localhost/hook",
        ] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()), Ok(text.to_owned()));
        }
        let refused = |text: &str| text.parse::<Target>().unwrap_err();
        for text in [
            "http://crm.example.com/",
            "http://10.0.0.8/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "http://0.0.0.0/",
        ] {
            assert_eq!(refused(text), TargetRefused::InTheClear, "{text}");
        }
        assert_eq!(refused("https://u:p@crm.example.com/"), TargetRefused::WithPassword);
        let long = format!("https://crm.example.com/{}", "a".repeat(2_000));
        for text in [
            "",
            "crm.example.com",
            "/hook",
            "ftp://a/",
            "https://",
            "https:///a",
            "https://a b/",
            "https://a/#b",
            &long,
        ] {
            assert_eq!(refused(text), TargetRefused::Malformed, "{text}");
        }
        let target: Target = "https://crm.example.com:8443/purser?key=geheim".parse().unwrap();
        assert_eq!(target.origin(), "https://crm.example.com:8443");
    }
}
