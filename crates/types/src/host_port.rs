/// The longest `host:port`, in bytes: a DNS name has at most 253 (RFC 1035).
const BYTES_MAX: usize = 260;

/// Whether a text is `host:port`, as others can be told to dial it: a name or an address, IPv6
/// in brackets, and a port of 1 to 65535. Whether it leads anywhere, dialling shows.
pub fn is_host_port(text: &str) -> bool {
    let printable = text.len() <= BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
    let parts = text.rsplit_once(':').filter(|(host, _)| !host.is_empty());
    printable && parts.is_some_and(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_with_a_port() {
        for good in ["hub.example.com:8641", "127.0.0.1:1", "[::1]:65535"] {
            assert!(is_host_port(good), "{good}");
        }
        let long = format!("{}:1", "a".repeat(BYTES_MAX));
        for bad in ["", "hub", ":8641", "hub:", "hub:0", "hub:65536", "my hub:1", "hub:1\n", "枢纽:1", &long]
        {
            assert!(!is_host_port(bad), "{bad}");
        }
    }
}
