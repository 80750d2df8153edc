//! A replica with valid papers sends what no honest one sends.

use std::{fs, net::SocketAddr, time::Duration};

use purser_journal::{Entry, Head, Role, Seal};
use purser_sync::{Frame, Hello, JournalHead, RunFrame};
use purser_transport::Identity;
use purser_types::{Digest, ReplicaId};

use super::{
    insider::{Insider, Whom, framed},
    till::Till,
    town::{Town, eventually, median, points, register, status},
};

/// Bytes that no honest replica sends, and what the other side says as it closes the link.
struct Attack {
    name: &'static str,
    bytes: Vec<u8>,
    answer: &'static str,
}

impl Attack {
    fn new(name: &'static str, bytes: Vec<u8>, answer: &'static str) -> Self {
        Self { name, bytes, answer }
    }
}

/// Bytes that are no frames.
fn malformed() -> Vec<Attack> {
    let noise: Vec<u8> = (0..2_000_u32).map(|i| (i * i * 31 + 7).to_le_bytes()[1] | 2).collect();
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 19).unwrap();
    let packed = |cbor: &[u8]| [&[1], zstd::bulk::compress(cbor, 3).unwrap().as_slice()].concat();
    // CBOR: an array of number 99 and of arrays in arrays in arrays.
    let nested = [&[0x82, 0x18, 99], [0x81].repeat(100_000).as_slice()].concat();
    // CBOR: runs, said to be 2^32 - 1 of them.
    let many = [0, 0x82, 2, 0x82, 1, 0x9a, 0xff, 0xff, 0xff, 0xff];
    vec![
        Attack::new("noise", framed(&noise), "neither plain nor packed"),
        Attack::new("an empty frame", framed(&[]), "neither plain nor packed"),
        Attack::new("a length of 4 GiB", vec![0xff; 64], "broken stream"),
        Attack::new("a length of 4 MiB and a byte", framed(&vec![0; (4 << 20) + 1]), "broken stream"),
        Attack::new("64 MiB of zeros, packed", framed(&[&[1], bomb.as_slice()].concat()), "a frame"),
        Attack::new("3 MiB of zeros, packed", framed(&packed(&vec![0; 3 << 20])), "64 times its bytes"),
        Attack::new("packed bytes that are cut short", framed(&packed(&noise)[..40]), "does not unpack"),
        Attack::new("nested too deeply", framed(&[&[0], nested.as_slice()].concat()), "malformed"),
        Attack::new("4 billion runs", framed(&many), "malformed"),
    ]
}

/// Entries in another's name. `run` is an honest one of the author, to its journal's end.
fn forged(run: &RunFrame, insider: &Insider) -> Vec<Attack> {
    let attack = |name, run: RunFrame, answer| {
        let frame = Frame::Runs { number: 1, runs: vec![run] };
        Attack::new(name, framed(&frame.to_bytes()), answer)
    };
    // One more entry, which says the same as the last and follows it as it should.
    let last = run.entries.last().unwrap();
    let (seq, previous) = (run.seal.seq + 1, Entry::hash(last));
    let bytes = Entry { seq, previous, ..Entry::from_bytes(last).unwrap() }.to_bytes();
    let head = Head { seq, hash: Entry::hash(&bytes) };
    let more = |seal| RunFrame { first_seq: seq, entries: vec![bytes.clone().into()], seal, ..run.clone() };
    let Identity { key, charter, .. } = &insider.identity;
    let own_seal = Seal::sign(key, &charter.scope, run.author, head);
    let unchained = RunFrame { entries: vec![last.clone()], ..more(own_seal) };
    let other = RunFrame { author: ReplicaId([9; 16]), ..run.clone() };
    vec![
        attack("an entry with a made-up seal", more(Seal { seq, signature: [7; 64] }), "seal"),
        attack("an entry with the seal of another", more(own_seal), "seal"),
        attack("an entry that was there before", unchained, ""),
        attack("the journal of one as another's", other, "the credential of"),
    ]
}

/// An honest run of a store's journal, to its end, as the hub sends it.
fn honest_run(insider: &Insider, hub: SocketAddr, author: ReplicaId, entries: u64) -> RunFrame {
    let link = insider.connect(Whom::Hub(hub));
    let _control = insider.send(&link, &framed(&insider.hello().to_bytes()));
    insider.await_frame(&link, |frame| match frame {
        Frame::Runs { runs, .. } => {
            runs.into_iter().find(|run| run.author == author && run.seal.seq == entries)
        }
        _ => None,
    })
}

/// The replica of a store and how many entries its journal has.
fn journal(town: &Town, store: usize) -> (ReplicaId, u64) {
    let fleet = town.hub.api().unwrap().get("/v1/fleet").unwrap().body;
    let replicas = fleet["replicas"].as_array().unwrap();
    let row = replicas.iter().find(|replica| replica["store"] == store + 1).unwrap();
    (row["replica"].as_str().unwrap().parse().unwrap(), row["entries"].as_u64().unwrap())
}

#[test]
fn what_no_honest_replica_sends_closes_its_link_and_changes_nothing() {
    let town = Town::found(1);
    let member = register(&town.stores[0], "张敏");
    let mut till = Till::at(&town.stores[0], "1");
    till.sell(&member, 20);
    let insider = Insider::join(&town, 66);
    town.settle();
    let before = town.hub.digest().unwrap();
    let (author, entries) = journal(&town, 0);
    let hub = town.hub.link().unwrap();
    let run = honest_run(&insider, hub, author, entries);
    let store = Whom::Store(town.lines[0].door(), author);

    for Attack { name, bytes, answer } in malformed().into_iter().chain(forged(&run, &insider)) {
        for whom in [Whom::Hub(hub), store] {
            let link = insider.connect(whom);
            let _control = insider.send(&link, &framed(&insider.hello().to_bytes()));
            let _stream = insider.send(&link, &bytes);
            let said = insider.await_closed(&link);
            println!("{name}, {whom:?}: {said}");
            assert!(said.contains(answer), "{name}: {said}");
        }
        assert_eq!(points(&town.stores[0], &member).balance, 20);
    }
    assert_eq!(town.hub.digest().unwrap(), before);
    assert_eq!(town.stores[0].digest().unwrap(), before);
    let log = fs::read_to_string(town.hub.log()).unwrap();
    assert!(log.contains("closing a link") && log.contains("broken"), "the log says nothing");

    till.sell(&member, 22);
    town.settle();
    town.assert_balance(&member, 42);
    town.audit();
}

#[test]
fn a_link_that_says_hello_for_somebody_else_is_closed() {
    let town = Town::found(1);
    let insider = Insider::join(&town, 66);
    let (author, _) = journal(&town, 0);
    let run = honest_run(&insider, town.hub.link().unwrap(), author, journal(&town, 0).1);
    let Frame::Hello(mut hello) = insider.hello() else { panic!("a hello") };
    // The certificate says who is at the other end, whatever the hello says.
    hello.credential = run.credential.unwrap();
    assert_ne!(hello.credential.verify(&insider.identity.charter).unwrap().role, Role::Hub);
    let link = insider.connect(Whom::Hub(town.hub.link().unwrap()));
    let _control = insider.send(&link, &framed(&Frame::Hello(hello).to_bytes()));
    let said = insider.await_closed(&link);
    assert!(said.contains("credential is not the certificate's"), "{said}");
}

#[test]
fn a_hello_that_lies_about_others_harms_nobody() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "张敏");
    Till::at(&town.stores[0], "1").sell(&member, 20);
    let insider = Insider::join(&town, 66);
    town.settle();
    let journals: Vec<_> = [0, 1].map(|store| journal(&town, store)).into();
    // Another history of one store, more of the other's than it has written, to both and the hub.
    let told = |more: u64| {
        let head = |(author, seq): &(ReplicaId, u64)| JournalHead {
            author: *author,
            seq: seq + more,
            hash: Digest([7; 32]),
        };
        let Frame::Hello(hello) = insider.hello() else { panic!("a hello") };
        framed(&Frame::Hello(Hello { heads: journals.iter().map(head).collect(), ..hello }).to_bytes())
    };
    let whom = [
        Whom::Hub(town.hub.link().unwrap()),
        Whom::Store(town.lines[0].door(), journals[0].0),
        Whom::Store(town.lines[1].door(), journals[1].0),
    ];
    for more in [0, 1_000] {
        for whom in whom {
            let link = insider.connect(whom);
            let _control = insider.send(&link, &told(more));
            // Once it sends what it knows, it has read the hello and thought about it.
            insider.await_frame(&link, |frame| matches!(frame, Frame::Runs { .. }).then_some(()));
        }
    }
    let fleet = town.hub.api().unwrap().get("/v1/fleet").unwrap().body;
    assert!(fleet["replicas"].as_array().unwrap().iter().all(|row| row["set_aside"].is_null()), "{fleet}");
    for (store, till) in town.stores.iter().zip(["2", "3"]) {
        assert!(status(store)["stopped"].is_null(), "{}", status(store));
        Till::at(store, till).sell(&member, 1);
    }
    town.settle();
    town.assert_balance(&member, 22);
    town.audit();
}

#[test]
fn a_peer_that_never_reads_delays_nobody() {
    let town = Town::found(2);
    let member = register(&town.stores[0], "张敏");
    town.settle();
    let insider = Insider::join(&town, 66);
    let link = insider.connect(Whom::Hub(town.hub.link().unwrap()));
    let _control = insider.send(&link, &framed(&insider.hello().to_bytes()));
    let me = insider.identity.replica.to_string();
    let is_linked = || {
        let status = status(&town.hub);
        status["links"].as_array().unwrap().iter().any(|link| link["peer"] == me.as_str())
    };
    eventually("the hub takes it for a replica", is_linked);
    let mut till = Till::at(&town.stores[0], "1");
    let times: Vec<Duration> = (0..100).map(|_| till.sell(&member, 1).took).collect();
    let arrived =
        eventually("the sales are at the other store", || points(&town.stores[1], &member).balance == 100);
    println!("median sale {:?}, at the other store {arrived:?} after the last", median(times.clone()));
    assert!(median(times) < Duration::from_millis(500));
    // Either the hub still waits for it with a few frames, or it has hung up; it works on.
    assert_eq!(points(&town.hub, &member).balance, 100);
    drop(link);
    town.settle();
    town.audit();
}
