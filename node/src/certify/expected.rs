use std::fmt;

use serde_json::Value;

use super::till::Reply;

/// What a reply has to be.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    status: u16,
    /// Of a problem: one of these codes.
    codes: Vec<&'static str>,
    replayed: Option<bool>,
    /// Parts of the body by their JSON pointers (RFC 6901).
    parts: Vec<(String, Value)>,
    /// The whole body.
    body: Option<Value>,
}

impl Expected {
    /// An answer of the usual kind.
    pub(super) fn answer(status: u16) -> Self {
        Self { status, codes: Vec::new(), replayed: None, parts: Vec::new(), body: None }
    }

    /// A refusal with one of these codes.
    pub(super) fn problem(status: u16, codes: &[&'static str]) -> Self {
        Self { codes: codes.to_vec(), ..Self::answer(status) }
    }

    /// With this at a place of the body.
    pub(super) fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        self.parts.push((pointer.to_owned(), value.into()));
        self
    }

    /// Carried out now, or told once more.
    pub(super) fn replayed(self, replayed: bool) -> Self {
        Self { replayed: Some(replayed), ..self }
    }

    /// With just this body.
    pub(super) fn same_as(self, body: &Value) -> Self {
        Self { body: Some(body.clone()), ..self }
    }

    /// What is wrong with a reply, if anything is.
    pub(super) fn fault(&self, reply: &Reply) -> Option<String> {
        of_any(reply).or_else(|| of_status(self.status, reply)).or_else(|| self.of_content(reply))
    }

    fn of_content(&self, reply: &Reply) -> Option<String> {
        let code = reply.body["code"].as_str().unwrap_or_default();
        if !self.codes.is_empty() && !self.codes.contains(&code) {
            return Some(format!("the code is {code:?}"));
        }
        if self.replayed.is_some_and(|replayed| replayed != reply.replayed) {
            let what = if reply.replayed { "\"true\"" } else { "missing" };
            return Some(format!("the header idempotency-replayed is {what}"));
        }
        if self.body.as_ref().is_some_and(|body| *body != reply.body) {
            return Some("the body is another one".to_owned());
        }
        let part = |pointer: &str| reply.body.pointer(pointer).unwrap_or(&Value::Null);
        let wrong = self.parts.iter().find(|(pointer, value)| part(pointer) != value);
        wrong.map(|(pointer, _)| format!("{pointer} is {}", part(pointer)))
    }
}

/// What has to hold of every reply.
fn of_any(reply: &Reply) -> Option<String> {
    if !reply.request_id {
        return Some("the header x-request-id is missing".to_owned());
    }
    if reply.status >= 500 {
        return Some("nothing that a till sends may end in a 5xx".to_owned());
    }
    if reply.status < 400 {
        return None;
    }
    let body = &reply.body;
    let Some(code) = body["code"].as_str() else { return Some("the problem has no code".to_owned()) };
    let media_type = reply.media_type.split(';').next().unwrap_or_default().trim();
    if media_type != "application/problem+json" {
        return Some("a problem's media type is application/problem+json (RFC 9457)".to_owned());
    }
    if body["type"] != format!("urn:purser:problem:{code}") || body["status"] != reply.status {
        return Some("the problem's type or status does not agree with its code".to_owned());
    }
    None
}

fn of_status(wanted: u16, reply: &Reply) -> Option<String> {
    (reply.status != wanted).then(|| format!("the status is {}", reply.status))
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if !self.codes.is_empty() {
            write!(f, " {}", self.codes.join(" or "))?;
        }
        match self.replayed {
            Some(true) => f.write_str(" with idempotency-replayed: true")?,
            Some(false) => f.write_str(" without idempotency-replayed")?,
            None => {}
        }
        for (pointer, value) in &self.parts {
            write!(f, ", {pointer} = {value}")?;
        }
        if let Some(body) = &self.body {
            write!(f, ", the body {body}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(code: &str) -> Reply {
        let body = json!({"type": format!("urn:purser:problem:{code}"), "code": code, "status": 409});
        let media_type = "application/problem+json; charset=utf-8".to_owned();
        Reply { status: 409, media_type, request_id: true, replayed: false, body }
    }

    #[test]
    fn every_way_to_be_wrong_is_told() {
        let expected = Expected::problem(409, &["hold_settled", "hold_expired"]);
        assert_eq!(expected.fault(&refusal("hold_settled")), None);
        assert_eq!(expected.fault(&refusal("hold_expired")), None);
        let wrong = |change: fn(&mut Reply), words: &str| {
            let mut reply = refusal("hold_settled");
            change(&mut reply);
            let fault = expected.fault(&reply).unwrap();
            assert!(fault.contains(words), "{fault}");
        };
        wrong(|it| *it = refusal("unknown_hold"), "code");
        wrong(|it| it.request_id = false, "x-request-id");
        wrong(|it| it.status = 500, "5xx");
        wrong(|it| it.status = 200, "status is 200");
        wrong(|it| it.media_type = "application/json".into(), "media type");
        wrong(|it| it.body["type"] = json!("about:blank"), "agree");
        wrong(|it| it.body["status"] = json!(400), "agree");
        wrong(|it| it.body = json!("refused"), "no code");
    }

    #[test]
    fn parts_repetition_and_the_whole_body_are_compared() {
        let body = json!({"points": {"balance": 5}});
        let reply = Reply { status: 201, request_id: true, body: body.clone(), ..Reply::default() };
        let answer = || Expected::answer(201);
        assert_eq!(answer().with("/points/balance", 5).replayed(false).same_as(&body).fault(&reply), None);
        assert!(answer().with("/points/balance", 6).fault(&reply).is_some());
        assert!(answer().with("/points/held", 0).fault(&reply).is_some());
        assert!(answer().replayed(true).fault(&reply).is_some());
        assert!(answer().same_as(&json!({})).fault(&reply).is_some());
    }
}
