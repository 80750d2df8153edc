use serde::{Deserialize, Serialize};

use crate::{cursor::Cursor, event_kind::EventFilter, secret::Secret, target::Target};

/// Whom to tell, and of what.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its name, made up when it was added.
    pub id: String,
    /// Where messages go.
    pub target: Target,
    /// Of which events.
    pub events: EventFilter,
    pub(crate) secret: Secret,
    /// Where the journals stood when it was added: nothing from before is told.
    pub(crate) since: Cursor,
}

/// An endpoint's file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    events: Vec<String>,
    secret: String,
    #[serde(default)]
    since: Cursor,
}

impl Endpoint {
    pub(crate) fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&Written {
            url: self.target.to_string(),
            events: self.events.names().into_iter().map(str::to_owned).collect(),
            secret: self.secret.text(),
            since: self.since.clone(),
        })
    }

    /// The endpoint of that id whose file says `text`; else what is wrong with it.
    pub(crate) fn from_text(id: &str, text: &str) -> Result<Self, String> {
        // The error of the parser quotes the text, and with it the secret.
        let written: Written = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let words = written.events.iter().map(String::as_str);
        Ok(Self {
            id: id.to_owned(),
            target: written.url.parse().map_err(|refused: crate::TargetRefused| refused.to_string())?,
            events: EventFilter::of(words).map_err(|unknown| unknown.to_string())?,
            secret: written
                .secret
                .parse()
                .map_err(|malformed: crate::secret::SecretMalformed| malformed.to_string())?,
            since: written.since,
        })
    }
}
