use std::{
    fs, io,
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU8,
    path::{Path, PathBuf},
};

use purser_replica::Policy;
use purser_types::{Coded, ReplicaId, is_host_port};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{log::LogFormat, text::Text};

/// What the operator of a node or hub can choose: the file `purser.toml` in its folder. Secrets
/// are in files of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The API for tills.
    pub http: HttpConfig,
    /// Links to other replicas.
    pub link: LinkConfig,
    /// Rights to spend.
    pub rights: RightsConfig,
    /// The log.
    pub log: LogConfig,
}

/// The API for tills.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpConfig {
    /// Where it listens (TCP).
    #[serde(with = "as_text")]
    pub listen: SocketAddr,
}

/// Links to other replicas.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkConfig {
    /// Where it listens for them (UDP).
    #[serde(with = "as_text")]
    pub listen: SocketAddr,
    /// Where they find it, `host:port`, if that is not where it listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advertise: Option<String>,
    /// The hubs to stay linked to, `host:port`.
    pub hubs: Vec<String>,
    /// Stores through which a hub that is rebuilt learns of its city, `replica@host:port`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stores: Vec<String>,
}

/// Rights to spend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct RightsConfig {
    /// Where rights go after a visit: `keep`, `hub`, `share`, `habit` or `spread`.
    #[serde(with = "as_text")]
    pub policy: Policy,
    /// How long a code that a member carries to a store is good, in hours, 1 to 255. Hubs only.
    pub voucher_hours: NonZeroU8,
}

/// The log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// What it looks like: `text` or `json`.
    #[serde(with = "as_text")]
    pub format: LogFormat,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No file.
    #[error("{} does not exist: make the folder with `init`", .0.display())]
    Missing(PathBuf),
    /// A file is there already.
    #[error("{} exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// Something in the file is wrong.
    #[error("{}, line {line}: {key}{reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key and a colon; empty if the file is no TOML at all.
        key: String,
        /// What is wrong.
        reason: String,
    },
    /// The operating system refused.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Coded for ConfigError {
    fn code(&self) -> &'static str {
        match self {
            ConfigError::Missing(_) => "config_missing",
            ConfigError::Exists(_) => "config_exists",
            ConfigError::Malformed { .. } => "config_malformed",
            ConfigError::Io { .. } => "config_unusable",
        }
    }
}

const FILE: &str = "purser.toml";
const HEADING: &str = "# Purser. A key that is left out has its default.\n\n";

impl Config {
    /// Writes `purser.toml` into `dir`, where none may be yet.
    ///
    /// # Errors
    /// If there is one already, or it cannot be written.
    pub fn create(&self, dir: &Path) -> Result<(), ConfigError> {
        let path = dir.join(FILE);
        let created = fs::File::create_new(&path).and_then(|mut file| {
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()
        });
        created.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => ConfigError::Exists(path),
            _ => ConfigError::Io { path, source },
        })
    }

    /// Writes `purser.toml` into `dir` in place of the one that is there, as a whole or not at
    /// all. Comments in the old one are lost.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), ConfigError> {
        let path = dir.join(FILE);
        let draft = path.with_extension("tmp");
        let written = fs::File::create(&draft).and_then(|mut file| {
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()
        });
        let saved = written.and_then(|()| fs::rename(&draft, &path));
        saved.map_err(|source| ConfigError::Io { path, source })
    }

    /// Reads the `purser.toml` of `dir`.
    ///
    /// # Errors
    /// If there is none, or with the line and key of what is wrong in it.
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ConfigError::Missing(path.clone()),
            _ => ConfigError::Io { path: path.clone(), source },
        })?;
        let config: Self = parse(&path, &text)?;
        for (key, addresses) in config.addresses() {
            if let Some(wrong) = addresses.into_iter().find(|address| !is_host_port(address)) {
                let (line, key) = (line_of(&text, wrong), format!("{key}: "));
                let reason = format!("{wrong:?} is not host:port");
                return Err(ConfigError::Malformed { path, line, key, reason });
            }
        }
        if let Some(wrong) = config.link.stores.iter().find(|store| peer_of(store).is_none()) {
            let (line, key) = (line_of(&text, wrong), "link.stores: ".to_owned());
            let reason = format!("{wrong:?} is not replica@host:port");
            return Err(ConfigError::Malformed { path, line, key, reason });
        }
        Ok(config)
    }

    /// The stores of `link.stores`.
    pub fn stores(&self) -> Vec<(ReplicaId, String)> {
        self.link.stores.iter().filter_map(|store| peer_of(store)).collect()
    }

    /// What has to be `host:port`, by key.
    fn addresses(&self) -> [(&'static str, Vec<&String>); 2] {
        let LinkConfig { advertise, hubs, .. } = &self.link;
        [("link.advertise", advertise.iter().collect()), ("link.hubs", hubs.iter().collect())]
    }

    fn to_text(&self) -> String {
        // A table of strings and lists of strings can always be written.
        HEADING.to_owned() + &toml::to_string(self).unwrap_or_default()
    }
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8640)) }
    }
}

impl Default for RightsConfig {
    fn default() -> Self {
        Self { policy: Policy::default(), voucher_hours: NonZeroU8::MIN.saturating_add(23) }
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 8641));
        Self { listen, advertise: None, hubs: Vec::new(), stores: Vec::new() }
    }
}

/// A replica and where it listens.
fn peer_of(text: &str) -> Option<(ReplicaId, String)> {
    let (replica, address) = text.split_once('@')?;
    is_host_port(address).then_some((replica.parse().ok()?, address.to_owned()))
}

fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ConfigError> {
    let malformed = |key: String, error: &toml::de::Error| ConfigError::Malformed {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count()),
        key,
        reason: error.message().to_owned(),
    };
    let toml = toml::Deserializer::parse(text).map_err(|error| malformed(String::new(), &error))?;
    serde_path_to_error::deserialize(toml).map_err(|error| {
        let key = match error.path().to_string().as_str() {
            "." => String::new(),
            key => format!("{key}: "),
        };
        malformed(key, error.inner())
    })
}

/// The line in which a string stands.
fn line_of(text: &str, value: &str) -> usize {
    let spellings = [format!("\"{value}\""), format!("'{value}'")];
    1 + text.lines().position(|line| spellings.iter().any(|it| line.contains(it))).unwrap_or(0)
}

/// Values that are spelled as strings.
mod as_text {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Text;

    pub(super) fn serialize<T: Display + Copy, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        Text(*value).serialize(to)
    }

    pub(super) fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Text::deserialize(from).map(|Text(value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_loads_again() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(dir.path()).unwrap_err().code(), "config_missing");
        let mut config = Config::default();
        config.create(dir.path()).unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), config);
        assert_eq!(config.create(dir.path()).unwrap_err().code(), "config_exists");

        config.link.hubs = vec!["hub.example:8641".into(), "[2001:db8::1]:8641".into()];
        config.link.advertise = Some("shop.example:8641".into());
        (config.rights.policy, config.log.format) = (Policy::Hub, LogFormat::Json);
        config.save(dir.path()).unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), config);
    }

    #[test]
    fn what_is_wrong_is_named_with_file_line_and_key() {
        let dir = tempfile::tempdir().unwrap();
        let cases = [
            ("[http]\nlisten = \"nowhere\"\n", "line 2", "http.listen"),
            ("[http]\nlisten = 8640\n", "line 2", "http.listen"),
            ("\n[http]\nport = 1\n", "line 3", "port"),
            ("[htp]\n", "line 1", "htp"),
            ("[rights]\n\npolicy = \"best\"\n", "line 3", "rights.policy"),
            ("[rights]\nvoucher_hours = 0\n", "line 2", "rights.voucher_hours"),
            ("[log]\nformat = \"xml\"\n", "line 2", "log.format"),
            ("[link]\nhubs = [\n  \"a:1\",\n  \"b\",\n]\n", "line 4", "link.hubs"),
            ("[link]\nadvertise = \"shop:0\"\n", "line 2", "link.advertise"),
            ("[link]\nhubs = \"a:1\"\n", "line 2", "link.hubs"),
            ("[link]\nstores = [\"a:1\"]\n", "line 2", "link.stores"),
            ("[link\n", "line 1", "purser.toml"),
        ];
        for (text, line, key) in cases {
            fs::write(dir.path().join(FILE), text).unwrap();
            let error = Config::load(dir.path()).unwrap_err();
            let said = error.to_string();
            assert!(said.contains(line) && said.contains(key) && said.contains(FILE), "{text:?}: {said}");
            assert_eq!(error.code(), "config_malformed");
        }
    }
}
