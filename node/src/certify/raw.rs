//! What no HTTP client of good manners does: hang up, and send ten megabytes.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use reqwest::Url;

use super::till::{Ask, Came, Reply, Till, read};

/// When to hang up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Drop {
    /// As soon as the request is sent.
    AtOnce,
    /// When the answer has come, without reading it.
    Unread,
}

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a request whole, and hangs up.
pub(super) fn send_and_drop(till: &Till, ask: &Ask, drop: Drop) -> Result<(), String> {
    let (media_type, body) = ask.bytes().unwrap_or_default();
    let head = head(till, ask, media_type, body.len(), "")?;
    let mut stream = connect(till, ask).map_err(broken)?;
    stream.write_all(&[head.as_bytes(), &body].concat()).map_err(broken)?;
    if drop == Drop::Unread {
        stream.peek(&mut [0]).map_err(broken)?;
    }
    Ok(())
}

/// Sends a body of so many bytes, if it is wanted: who does not want it says so at the head already (RFC 9110,
/// section 10.1.1), and who asks for it gets it.
pub(super) fn send_large(till: &Till, ask: &Ask, body_bytes: usize) -> Came {
    let (media_type, start) = ask.bytes().unwrap_or_default();
    let head = head(till, ask, media_type, body_bytes, "Expect: 100-continue\r\n")?;
    let mut stream = connect(till, ask).map_err(broken)?;
    stream.write_all(head.as_bytes()).map_err(broken)?;
    let reply = receive(&mut stream)?;
    if reply.status != 100 {
        return Ok(reply);
    }
    let mut body = start;
    body.resize(body_bytes, b' ');
    // Whoever hangs up in the middle has answered before.
    let _ = stream.write_all(&body);
    receive(&mut stream)
}

fn head(till: &Till, ask: &Ask, media_type: &str, body_bytes: usize, more: &str) -> Result<String, String> {
    let url = target(till, ask)?;
    let host = url.host_str().unwrap_or_default();
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let token = till.token(ask).unwrap_or_default();
    let key = ask.key.as_deref().unwrap_or_default();
    Ok(format!(
        "{} {} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Content-Type: {media_type}\r\nContent-Length: {body_bytes}\r\nConnection: close\r\n{more}\r\n",
        ask.method,
        url.path()
    ))
}

fn target(till: &Till, ask: &Ask) -> Result<Url, String> {
    Url::parse(&till.url(ask)).map_err(|error| error.to_string())
}

fn connect(till: &Till, ask: &Ask) -> io::Result<TcpStream> {
    let url = target(till, ask).map_err(io::Error::other)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address = (host, url.port_or_known_default().unwrap_or(80)).to_socket_addrs()?.next();
    let stream = TcpStream::connect(address.ok_or_else(|| io::Error::other("nobody has that name"))?)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// What an answer may have before its body.
const HEADERS_MAX: usize = 64;
/// An answer to a refusal is short.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Reads one answer: its head, and what follows until the other side is done.
fn receive(stream: &mut TcpStream) -> Came {
    let mut bytes = Vec::new();
    loop {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let parsed = response.parse(&bytes).map_err(|error| format!("no HTTP: {error}"))?;
        if let httparse::Status::Complete(head_bytes) = parsed {
            let mut reply = told(&response);
            if reply.status != 100 {
                let mut rest = bytes.split_off(head_bytes);
                let _ = stream.take(ANSWER_BYTES_MAX).read_to_end(&mut rest);
                reply.body = read(object_in(&rest));
            }
            return Ok(reply);
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).map_err(broken)? {
            0 => return Err("the connection was closed without an answer".to_owned()),
            read => bytes.extend(&more[..read]),
        }
    }
}

fn told(response: &httparse::Response<'_, '_>) -> Reply {
    let header = |name: &str| {
        let found = response.headers.iter().find(|it| it.name.eq_ignore_ascii_case(name));
        found.map(|it| String::from_utf8_lossy(it.value).into_owned()).unwrap_or_default()
    };
    Reply {
        status: response.code.unwrap_or_default(),
        media_type: header("content-type"),
        request_id: !header("x-request-id").is_empty(),
        replayed: header("idempotency-replayed") == "true",
        ..Reply::default()
    }
}

/// The JSON object of a body, whether it came in one piece or in one chunk.
fn object_in(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match (text.find('{'), text.rfind('}')) {
        (Some(from), Some(to)) if from < to => text[from..=to].to_owned(),
        _ => text.into_owned(),
    }
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn broken(error: io::Error) -> String {
    format!("the connection broke: {error}")
}
