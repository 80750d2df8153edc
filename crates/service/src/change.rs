use axum::{
    body::Bytes,
    extract::{FromRequest, Request as HttpRequest},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use purser_journal::{Request, RequestId};
use purser_replica::{Order, Undertaking};
use serde::{Serialize, de::DeserializeOwned};

use crate::{api::Api, callers::Caller, json_object::JsonObject, problem::Problem};

/// What a POST or PATCH asks for: the body, and what makes a repetition recognisable.
///
/// The hash of the body is taken of its canonical form, the parsed body written again: white
/// space, the order of fields and `12.5` for `12.50` make no other request of it.
pub(crate) struct Change<T> {
    pub(crate) body: T,
    pub(crate) request: Asked,
}

/// Who asks, and what makes a repetition of it recognisable.
pub(crate) struct Asked {
    pub(crate) request: Request,
    /// What the journal calls who asks, if it was not the owner's token that was shown.
    by: Option<String>,
}

impl Asked {
    /// The order to carry that out for who asks.
    pub(crate) fn order(self, undertaking: Undertaking) -> Order {
        let undertaking = match self.by {
            Some(person) => Undertaking::By { person, undertaking: Box::new(undertaking) },
            None => undertaking,
        };
        Order { request: Some(self.request), undertaking }
    }
}

/// What a POST asks that changes nothing: a body without a key.
pub(crate) struct Question<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Api> for Question<T> {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, api: &Api) -> Result<Self, Problem> {
        Ok(Self(read(request, api).await?.1))
    }
}

/// The header that names a request.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
const KEY_BYTES_MAX: usize = 128;

impl<T: DeserializeOwned + Serialize> FromRequest<Api> for Change<T> {
    type Rejection = Problem;

    async fn from_request(request: HttpRequest, api: &Api) -> Result<Self, Problem> {
        let key = idempotency_key(request.headers())?;
        let by = request.extensions().get().and_then(Caller::journal_name);
        let (target, body) = read::<T>(request, api).await?;
        let mut canonical = target.into_bytes();
        serde_json::to_writer(&mut canonical, &body).map_err(|_| Problem::internal())?;
        let request = Request { id: key, body: RequestId::of(&canonical) };
        Ok(Self { body, request: Asked { request, by } })
    }
}

/// The method and path of a request, and its body.
async fn read<T: DeserializeOwned>(request: HttpRequest, api: &Api) -> Result<(String, T), Problem> {
    let is_json = is_json(request.headers());
    let target = format!("{} {}\n", request.method(), request.uri().path());
    let bytes = receive(request, api).await?;
    if !is_json && !bytes.is_empty() {
        let detail = "send the body as JSON, with `Content-Type: application/json`";
        return Err(Problem::new("unsupported_media_type", detail));
    }
    Ok((target, parse(&bytes)?))
}

fn idempotency_key(headers: &HeaderMap) -> Result<RequestId, Problem> {
    let mut keys = headers.get_all(IDEMPOTENCY_KEY).into_iter();
    let missing = || {
        let detail = "send a fresh Idempotency-Key with every new request, and the same one when you \
                      repeat a request whose answer got lost";
        Problem::new("idempotency_key_missing", detail)
    };
    let key = keys.next().ok_or_else(missing)?.as_bytes();
    let printable = key.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if keys.next().is_some() || !printable || !(1..=KEY_BYTES_MAX).contains(&key.len()) {
        let detail = "one Idempotency-Key of 1 to 128 printable ASCII characters is wanted";
        return Err(Problem::new("idempotency_key_malformed", detail));
    }
    Ok(RequestId::of(key))
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(|value| {
        let (essence, _) = value.split_once(';').unwrap_or((value, ""));
        essence.trim()
    });
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

async fn receive(request: HttpRequest, api: &Api) -> Result<Bytes, Problem> {
    Bytes::from_request(request, api).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new("body_too_large", "a body is at most 65,536 bytes long, a programme 200,000")
        }
        _ => Problem::new("malformed_body", rejection.body_text()),
    })
}

/// Reads a body; none is as good as an empty object. A field that cannot be accepted is named.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let JsonObject(body) = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        if error.is_data() {
            refused_field(&path, &error.to_string())
        } else if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() {
            // Where one of several words is wanted, the parser takes a value that is no string
            // for a fault of the JSON.
            refused_field(&path, "a value of another type is wanted")
        } else {
            malformed(&error)
        }
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(body)
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new("malformed_json", format!("the body is not JSON that can be read: {error}"))
}

fn refused_field(path: &str, reason: &str) -> Problem {
    // Fields that are missing or too many are named by the message, not by the path to them.
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| reason.strip_prefix(start)?.split('`').next());
    let field = match (path, named) {
        ("." | "?", Some(name)) => name.to_owned(),
        (path, Some(name)) if path.rsplit('.').next() != Some(name) => format!("{path}.{name}"),
        ("." | "?", None) => "body".to_owned(),
        (path, _) => path.to_owned(),
    };
    Problem::field(field, reason)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        size: u8,
        #[serde(default)]
        shape: Option<Shape>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Shape {
        Round,
    }

    #[test]
    fn the_field_is_named_wherever_it_stands() {
        let cases = [
            (r#"{"inner":[{"size":300}]}"#, "inner[0].size"),
            (r#"{"inner":[{"size":3},{}]}"#, "inner[1].size"),
            (r#"{"inner":[{"size":3,"hue":4}]}"#, "inner[0].hue"),
            (r#"{"inner":[{"size":3,"size":4}]}"#, "inner[0].size"),
            (r#"{"inner":[{"size":3,"shape":"square"}]}"#, "inner[0].shape"),
            (r#"{"inner":[{"size":3,"shape":true}]}"#, "inner[0].shape"),
            (r#"{"inner":[{"size":3,"shape":[]}]}"#, "inner[0].shape"),
            (r#"{"outer":1}"#, "outer"),
            ("{}", "inner"),
            ("", "inner"),
            ("[3]", "body"),
            (r#"{"inner":3}"#, "inner"),
        ];
        for (body, field) in cases {
            let problem = serde_json::to_value(parse::<Outer>(body.as_bytes()).unwrap_err()).unwrap();
            assert_eq!(problem["field"], field, "{body}: {problem}");
        }
        let good = parse::<Outer>(br#" { "inner" : [ { "size" : 3 , "shape" : "round" } ] } "#).unwrap();
        assert_eq!(good, Outer { inner: vec![Inner { size: 3, shape: Some(Shape::Round) }] });
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let deep = format!("{{\"a\":{deep}}}");
        for body in ["{", "nonsense", "{} {}", "{\"a\"", "\"\u{fffd}", deep.as_str()] {
            let problem = serde_json::to_value(parse::<serde_json::Value>(body.as_bytes()).unwrap_err());
            assert_eq!(problem.unwrap()["code"], "malformed_json", "{body}");
        }
        let cut_short = parse::<Outer>(br#"{"inner":[{"size":3,"shape":true}]"#).unwrap_err();
        assert_eq!(serde_json::to_value(cut_short).unwrap()["code"], "malformed_json");
    }
}
