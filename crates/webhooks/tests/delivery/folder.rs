use std::fs;

use purser_types::Coded;
use purser_webhooks::{EventFilter, WebhookFolder, Whose};

use crate::shop::Shop;

#[tokio::test]
async fn secrets_are_told_once_and_kept_from_others() {
    let shop = Shop::alone().await;
    let (id, secret) = shop.add("https://crm.example.com/purser?key=1", &["sale"]);
    let path = shop.path().join(format!("webhooks/{id}.toml"));
    assert!(fs::read_to_string(&path).unwrap().contains(&secret.text()));
    let endpoint = shop.folder().endpoint(&id).unwrap();
    assert_eq!(endpoint.target.to_string(), "https://crm.example.com/purser?key=1");
    assert_eq!(endpoint.events.to_string(), "sale.closed sale.returned");
    assert!(!format!("{endpoint:?}").contains(&secret.text()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // What is wrong with a file is told without its text.
    fs::write(&path, format!("url = 1\nsecret = \"{}\"\n", secret.text())).unwrap();
    let error = shop.folder().endpoint(&id).unwrap_err();
    assert_eq!(error.code(), "webhook_damaged");
    assert!(!error.to_string().contains(&secret.text()), "{error}");

    shop.folder().remove(&id).unwrap();
    assert!(shop.folder().ids().unwrap().is_empty());
    for unknown in [id.as_str(), "", "../purser"] {
        assert_eq!(shop.folder().remove(unknown).unwrap_err().code(), "webhook_unknown", "{unknown}");
    }
}

#[test]
fn there_are_only_so_many() {
    let dir = tempfile::tempdir().unwrap();
    let folder = WebhookFolder::of(dir.path());
    let add = || {
        let target = "https://crm.example.com/".parse().unwrap();
        folder.add(target, EventFilter::default(), &dir.path().join("purser.db"), Whose::Own)
    };
    for _ in 0..16 {
        add().unwrap();
    }
    assert_eq!(add().unwrap_err().code(), "webhooks_too_many");
    assert_eq!(folder.ids().unwrap().len(), 16);
}
