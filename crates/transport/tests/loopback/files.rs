use std::fs;

use purser_transport::{Applicant, Authority, Identity};
use purser_types::Coded;

use crate::city;

#[test]
fn what_was_saved_loads_again() {
    let dir = tempfile::tempdir().unwrap();
    let authority = city::authority(1);
    authority.save(dir.path()).unwrap();
    let loaded = Authority::load(dir.path()).unwrap();
    assert_eq!(loaded.charter(), authority.charter());

    let applicant = city::applicant(12);
    applicant.save(dir.path()).unwrap();
    assert_eq!(Applicant::load(dir.path()).unwrap().unwrap().key, applicant.key);

    let identity = city::identity(&loaded, 12, 12);
    identity.save(dir.path()).unwrap();
    let again = Identity::load(dir.path()).unwrap();
    assert_eq!((&again.papers, &again.key), (&identity.papers, &identity.key));
    assert!(Applicant::load(dir.path()).unwrap().is_none());
}

#[cfg(unix)]
#[test]
fn key_files_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("identity.tmp"), b"left over by a crash, and readable by all").unwrap();
    city::authority(1).save(dir.path()).unwrap();
    city::identity(&city::authority(1), 12, 12).save(dir.path()).unwrap();
    city::applicant(13).save(dir.path()).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        assert_eq!(entry.path().extension().unwrap(), "key");
    }
}

#[test]
fn an_authority_is_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    city::authority(1).save(dir.path()).unwrap();
    assert_eq!(city::authority(2).save(dir.path()).unwrap_err().code(), "file_exists");
}

#[test]
fn missing_and_damaged_files_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Identity::load(dir.path()).unwrap_err().code(), "file_missing");
    city::identity(&city::authority(1), 12, 12).save(dir.path()).unwrap();
    let path = dir.path().join("identity.key");
    let bytes = fs::read(&path).unwrap();
    for place in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1;
        fs::write(&path, damaged).unwrap();
        assert_eq!(Identity::load(dir.path()).map(|_| place).unwrap_err().code(), "file_damaged");
    }
}

#[test]
fn no_secret_is_in_debug_output() {
    let authority = city::authority(77);
    let join_code = authority.invite(vec!["hub:7400".into()], &city::invitation(1)).unwrap();
    let shown = format!(
        "{authority:?} {:?} {:?} {join_code:?}",
        city::applicant(77),
        city::identity(&authority, 77, 1)
    );
    for secret in ["77, 77", "4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d", "signature"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
