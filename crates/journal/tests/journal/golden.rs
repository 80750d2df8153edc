//! Golden files: reading them gives exactly these values, writing these values gives exactly
//! these bytes.

use purser_journal::{
    Charter, CredentialFault, ENTRY_BYTES_MIN, Entry, Fact, Head, MergeFact, Request, SaleDetail, SaleFact,
    Seal, SignedCharter, SignedCredential, VersionVector, from_cbor, to_cbor, verify_run,
};
use purser_ledger::Book;
use purser_types::{Digest, EntryId, Hlc, MemberId, ReplicaId, Scope};

use crate::{
    city::{Site, authority, charter, hub, later_store, replica, scope, signed_charter, store},
    dealings_journal,
    golden_file::GoldenFile,
    hub_journal, late_journal, later_version, store_journal,
};

/// Entries of one journal from its beginning, each with the hash of the one before.
pub fn chained(
    replica: ReplicaId,
    content: impl IntoIterator<Item = (Hlc, Option<Request>, Vec<Fact>)>,
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut previous = Head::genesis(&scope(), replica).hash;
    for ((hlc, request, facts), seq) in content.into_iter().zip(1..) {
        let entry = Entry { replica, seq, previous, hlc, programme_version: 1, request, facts };
        previous = Entry::hash(&entry.to_bytes());
        entries.push(entry);
    }
    entries
}

/// What a journal's golden file holds: genesis, entries, seals.
fn journal_file(site: &Site, entries: &[Vec<u8>], sealed: &[u64]) -> GoldenFile {
    let mut file = GoldenFile::default().with("genesis", site.genesis().hash.0);
    for (bytes, seq) in entries.iter().zip(1_u64..) {
        file = file.with(format!("entry {seq}"), bytes.clone());
        if sealed.contains(&seq) {
            let head = Head { seq, hash: Entry::hash(bytes) };
            file = file.with(format!("seal {seq}"), to_cbor(&site.seal(head)));
        }
    }
    file
}

/// Reads a journal's golden file from seal to seal, as a replica would that trusts nothing.
fn read_journal(name: &str, site: &Site) -> Vec<Entry> {
    let golden = GoldenFile::read(name);
    let mut head = Head { seq: 0, hash: Digest(golden.section("genesis").try_into().unwrap()) };
    let bytes = golden.sections("entry ");
    let mut entries = Vec::new();
    for seal in golden.sections("seal ") {
        let seal: Seal = from_cbor("seal", &seal).unwrap();
        let run: Vec<Vec<u8>> = bytes[as_index(head.seq)..as_index(seal.seq)].to_vec();
        let key = site.credential.key().unwrap();
        let verified = verify_run(&scope(), site.replica, &key, head, run, seal).unwrap();
        head = verified.head;
        entries.extend(verified.entries.into_iter().map(|(entry, _)| entry));
    }
    assert_eq!(entries.len(), bytes.len(), "every entry stands before a seal");
    entries
}

fn as_index(seq: u64) -> usize {
    usize::try_from(seq).unwrap()
}

fn written(entries: &[Entry]) -> Vec<Vec<u8>> {
    entries.iter().map(Entry::to_bytes).collect()
}

#[test]
fn a_hubs_journal() {
    let entries = hub_journal::entries();
    journal_file(&hub(), &written(&entries), &hub_journal::SEALED).check("hub.hex");
    assert_eq!(read_journal("hub.hex", &hub()), entries);
}

#[test]
fn a_stores_journal() {
    let entries = store_journal::entries();
    journal_file(&store(), &written(&entries), &store_journal::SEALED).check("store.hex");
    assert_eq!(read_journal("store.hex", &store()), entries);
}

#[test]
fn a_later_versions_journal() {
    journal_file(&later_store(), &later_version::written(), &[2]).check("later_version.hex");
    let entries = later_version::as_read();
    assert_eq!(read_journal("later_version.hex", &later_store()), entries);
    // An unknown fact is written as it came; an unknown field is not, which is why bytes are
    // kept and relayed and never written anew.
    assert_eq!(entries[0].to_bytes(), later_version::written()[0]);
    assert_ne!(entries[1].to_bytes(), later_version::written()[1]);
}

#[test]
fn a_journal_about_late_entries() {
    let entries = late_journal::entries();
    journal_file(&hub(), &written(&entries), &[3]).check("late.hex");
    assert_eq!(read_journal("late.hex", &hub()), entries);
}

#[test]
fn a_programme_and_what_is_done_by_it() {
    let (published, entries) = (dealings_journal::published(), dealings_journal::entries());
    journal_file(&hub(), &written(&published), &[1]).check("programme.hex");
    assert_eq!(read_journal("programme.hex", &hub()), published);
    journal_file(&store(), &written(&entries), &[10]).check("dealings.hex");
    assert_eq!(read_journal("dealings.hex", &store()), entries);
    let detail = dealings_journal::detail();
    GoldenFile::default().with("detail", detail.to_bytes()).check("detail.hex");
    assert_eq!(SaleDetail::from_bytes(GoldenFile::read("detail.hex").section("detail")), Ok(detail));
    let Fact::Programme(signed) = &published[0].facts[0] else { panic!() };
    assert_eq!(signed.verify(&charter()).map(|paper| paper.version), Ok(3));
    let elsewhere = Charter { scope: Scope { city: "Qingdao".into(), ..scope() }, ..charter() };
    assert_eq!(signed.verify(&elsewhere), Err(CredentialFault::ForeignScope));
    let another = Charter { authority: hub().credential.public_key, ..charter() };
    assert_eq!(signed.verify(&another), Err(CredentialFault::Forged));
}

#[test]
fn papers() {
    let file = GoldenFile::default()
        .with("authority", authority().verifying_key().to_bytes())
        .with("charter", to_cbor(&charter()))
        .with("signed charter", to_cbor(&signed_charter()))
        .with("hub", to_cbor(&hub().signed()))
        .with("store", to_cbor(&store().signed()))
        .with("later store", to_cbor(&later_store().signed()));
    file.check("papers.hex");

    let golden = GoldenFile::read("papers.hex");
    let signed: SignedCharter = from_cbor("charter", golden.section("signed charter")).unwrap();
    let known = golden.section("authority").try_into().unwrap();
    assert_eq!(signed.verify(known), Ok(charter()));
    assert_eq!(from_cbor("charter", golden.section("charter")), Ok(charter()));
    for (section, site) in [("hub", hub()), ("store", store()), ("later store", later_store())] {
        let signed: SignedCredential = from_cbor("credential", golden.section(section)).unwrap();
        assert_eq!(signed.verify(&charter()), Ok(site.credential));
    }
}

#[test]
fn a_sale_whose_points_were_advanced() {
    let facts = store_journal::entries().into_iter().rev().flat_map(|entry| entry.facts);
    let mut sales = facts.filter_map(|fact| match fact {
        Fact::Sale(sale) => Some(SaleFact { points_advanced: Some(30), ..*sale }),
        _ => None,
    });
    let sale = Fact::Sale(Box::new(sales.next().unwrap()));
    GoldenFile::default().with("sale", to_cbor(&sale)).check("advanced_sale.hex");
    let golden = GoldenFile::read("advanced_sale.hex");
    assert_eq!(from_cbor("fact", golden.section("sale")), Ok(sale));
}

#[test]
fn people_who_were_registered_twice() {
    let [member, into] = [5, 9].map(|seq| MemberId::created_by(EntryId { replica: replica(0x20), seq }));
    let merge = |into, turn| {
        let (reason, by) = ("同一手机号".to_owned(), "wu".to_owned());
        Fact::Merge(MergeFact { member, into, reason, by, turn })
    };
    let file = GoldenFile::default()
        .with("merged", to_cbor(&merge(Some(into), 1)))
        .with("split", to_cbor(&merge(None, 2)));
    file.check("merges.hex");
    let golden = GoldenFile::read("merges.hex");
    assert_eq!(from_cbor("fact", golden.section("merged")), Ok(merge(Some(into), 1)));
    assert_eq!(from_cbor("fact", golden.section("split")), Ok(merge(None, 2)));
}

#[test]
fn version_vectors() {
    let vector: VersionVector =
        [(replica(0x30), 70_000), (replica(0x10), 3), (replica(0x20), u64::MAX)].into_iter().collect();
    GoldenFile::default().with("three authors", to_cbor(&vector)).check("version_vector.hex");
    let golden = GoldenFile::read("version_vector.hex");
    assert_eq!(from_cbor("version vector", golden.section("three authors")), Ok(vector));
}

#[test]
fn the_golden_journals_hold_together() {
    let mut book = Book::default();
    for entry in hub_journal::entries().iter().chain(&store_journal::entries()) {
        for fact in &entry.facts {
            let Fact::Postings(postings) = fact else { continue };
            for posting in postings {
                book.fold(entry.id(), posting).unwrap();
            }
        }
    }
}

#[test]
fn the_shortest_entry() {
    let entry = &chained(replica(0), [(Hlc::default(), None, Vec::new())])[0];
    assert_eq!(entry.to_bytes().len(), ENTRY_BYTES_MIN);
}
